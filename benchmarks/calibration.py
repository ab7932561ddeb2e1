"""The rates of this machine, from builds of one file by one worker: nothing is fitted by hand."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.cost_model import (
    Rates,
    Task,
    bytes_moved,
    client_memory,
    results,
    worker_memory,
)
from benchmarks.observe import Observed

Build = tuple[Task, Observed]

_LEAST = 1e-3
"""Seconds, or bytes, that a difference of two measurements has at least, whatever the noise."""


def rates(few: Build, many: Build, taking: tuple[Build, Build]) -> Rates:
    """From two builds of the same file by one worker, one that wants few tokens and one many.

    What differs between them belongs to the tokens, what does not to the file. `taking` are two
    such builds in which another thread than the one that fills the rows reads the file.
    """
    (few_task, few_seen), (many_task, many_seen) = few, many
    wanted = many_task.wanted - few_task.wanted
    values = (many_task.found - few_task.found) * few_task.dim
    rest_wanted = max(_rest(many_seen) - _rest(few_seen), 0.0) / wanted
    decode = values / max(_scanning(many_seen) - _scanning(few_seen), _LEAST)
    decoding = few_task.found * few_task.dim / decode
    found = Rates(
        scan=few_task.file / max(_scanning(few_seen) - decoding, _LEAST),
        decode=decode,
        rest=max(_rest(few_seen) - rest_wanted * few_task.wanted, 0.0),
        rest_wanted=rest_wanted,
        memory=0.0,
        memory_wanted=0.0,
    )
    return _with_memory(_with_client(found, *taking), few, many)


def _rest(seen: Observed) -> float:
    """Seconds of what goes before the reading of the file, and behind it."""
    return seen.rest + (seen.opening_cpu if seen.worker_cpu else seen.opening_filling_cpu)


def _scanning(seen: Observed) -> float:
    """Seconds of a core in which the file was read: of the workers, or else of the one process."""
    return seen.worker_cpu or seen.own_cpu - seen.opening_filling_cpu


def _with_client(found: Rates, few: Build, many: Build) -> Rates:
    (task, seen), (other, also) = few, many
    taken = results(task, task.records)
    receive = (results(other, other.records) - taken) / max(_taking(also) - _taking(seen), _LEAST)
    each = (_taking(seen) - taken / receive) / task.tasks
    message = (seen.moved - bytes_moved(task, found)) / task.blocks
    return replace(found, receive=receive, task=max(each, 0.0), message=max(message, 0.0))


def _taking(seen: Observed) -> float:
    """Seconds of a core in which the results were taken, once the first was there."""
    if seen.worker_cpu:
        return seen.own_cpu - seen.opening_cpu
    return seen.filling_cpu - seen.opening_filling_cpu


def _with_memory(found: Rates, few: Build, many: Build) -> Rates:
    """What the formulas, which know the hashes and the results, leave unexplained."""
    (task, seen), (other, also) = few, many
    wanted = other.wanted - task.wanted
    client = seen.own_memory - client_memory(task, found)
    each = max(also.own_memory - client_memory(other, found) - client, 0.0) / wanted
    worker = seen.worker_memory - worker_memory(task, found)
    of_worker = max(also.worker_memory - worker_memory(other, found) - worker, 0.0) / wanted
    return replace(
        found,
        memory=client - each * task.wanted,
        memory_wanted=each,
        worker=worker - of_worker * task.wanted,
        worker_wanted=of_worker,
    )
