"""Before any work: ask each worker whether it can do it.

In: a client, and the files to read.
Out: nothing, or the error that names the first worker that cannot, and why. Nothing waits longer
than `--worker-timeout`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from embedprep import __version__
from embedprep.cluster.failures import (
    SAME_EVERYWHERE,
    ClusterError,
    distributed_version,
    lost,
    no_answer,
    no_workers,
)
from embedprep.cluster.place import Place
from embedprep.cluster.sending import call
from embedprep.errors import EmbedprepError, InputError, printable
from embedprep.sources.source import SAMPLE_BYTES

if TYPE_CHECKING:
    from distributed import Client

NOTE_SECONDS = 3
"""How long embedprep waits before it says for whom."""
_LOOK_SECONDS = 0.5
"""How often it looks whether a first worker has come."""

log = logging.getLogger("embedprep")


def check_workers(client: Client, places: Sequence[Place], seconds: float) -> None:
    """Raise unless each worker of the cluster has embedprep, the same version, and the files.

    Raises ClusterError, also if there is no worker, or one does not answer, for `seconds`.
    """
    local = [place for place in places if not place.is_address]
    libraries = sorted({place.module for place in places if place.module is not None})
    question = call("ask", [(place.name, SAMPLE_BYTES) for place in local], libraries)
    answers = _synchronous(client, _answers, client, question, seconds)
    problems = [
        problem
        for address, answer in answers.items()
        if (problem := _problem(address, answer, distributed_version(), local)) is not None
    ]
    if problems:
        raise _with_number(problems)


def silent_workers(client: Client, seconds: float) -> list[str]:
    """Return the addresses of the workers that do not answer within `seconds`."""
    answers = _synchronous(client, _answers, client, call("ask", [], []), seconds, False)
    return [address for address, answer in answers.items() if answer is None]


def _synchronous(client: Client, function: Any, *arguments: Any) -> dict[str, Any]:
    try:
        answers: dict[str, Any] = client.sync(function, *arguments)
    except (TimeoutError, OSError):
        raise lost() from None
    return answers


async def _answers(
    client: Any, question: tuple[Any, ...], seconds: float, is_waiting: bool = True
) -> dict[str, Any]:
    """Return the answer of each worker by its address, None if there is none."""
    until = time.monotonic() + seconds
    workers = await _workers(client, seconds if is_waiting else 0)
    asking = {
        address: asyncio.ensure_future(
            client._run(question[0], *question[1:], workers=[address], on_error="return")
        )
        for address in workers
    }
    try:
        _, late = await asyncio.wait(asking.values(), timeout=min(NOTE_SECONDS, seconds))
        if late:
            silent = [address for address, one in asking.items() if one in late]
            log.warning("waiting for the worker at %s to answer", printable(silent[0]))
            await asyncio.wait(late, timeout=max(until - time.monotonic(), 0.1))
        return {address: _answer(one, address) for address, one in asking.items()}
    finally:
        for one in asking.values():
            one.cancel()


def _answer(asked: asyncio.Future[Any], address: str) -> Any:
    if not asked.done() or asked.exception() is not None:
        return None
    return asked.result().get(address)


async def _workers(client: Any, seconds: float) -> list[str]:
    """Return the addresses of the workers, once there are some."""
    begun, noted = time.monotonic(), False
    while True:
        found = await asyncio.wait_for(client.scheduler.ncores(), max(seconds, NOTE_SECONDS))
        waited = time.monotonic() - begun
        if found or not seconds:
            return list(found)
        if waited >= seconds:
            raise no_workers(seconds)
        if waited >= NOTE_SECONDS and not noted:
            noted = True
            log.warning(
                "waiting for a worker: the scheduler at %s has none",
                printable(str(client.scheduler.address)),
            )
        await asyncio.sleep(min(_LOOK_SECONDS, seconds))


def _problem(
    address: str, answer: Any, distributed: str, places: Sequence[Place]
) -> EmbedprepError | None:
    """Return the error for a worker that cannot do the work."""
    if answer is None:
        return no_answer(address)
    if not isinstance(answer, Mapping):  # an exception
        reason = printable(str(answer).partition("\n")[0][:200])
        return ClusterError(f"the worker at {address} cannot be asked: {reason}", SAME_EVERYWHERE)
    who = f"the worker on {printable(str(answer['host']))} ({printable(address)})"
    for name, version in answer["versions"].items():
        ours = {"embedprep": __version__, "distributed": distributed}.get(name, version)
        if version is None:
            reason = printable(str(answer["reasons"][name]).partition("\n")[0][:200])
            remedy = SAME_EVERYWHERE
            if name not in ("embedprep", "distributed"):
                remedy = f"It reads the address. Install it on each worker: pip install {name}"
            return ClusterError(f"{who} cannot import {name}: {reason}", remedy)
        if version != ours:
            return ClusterError(
                f"{who} has {name} {printable(version)}, not {ours}", SAME_EVERYWHERE
            )
    for place, found in zip(places, answer["files"], strict=True):
        if isinstance(found, str):
            return ClusterError(
                f"{who} cannot open it: {printable(found).lower()}",
                "Put it where every worker sees it under the same path, on a shared file system, "
                f"or at an address. The path there: {place.name}",
                path=place.shown,
            )
        if tuple(found) != (place.size, place.fingerprint):
            return InputError(
                f"{who} finds another file under this name",
                "Give a file that all workers share, or the same copy to each of them.",
                path=place.shown,
            )
    return None


def _with_number(problems: Sequence[EmbedprepError]) -> EmbedprepError:
    """Return the first error, which also says how many other workers have one."""
    error, others = problems[0], len(problems) - 1
    if others:
        error.reason += f" (and {others} more worker{'s' * (others > 1)} cannot do it)"
    return error
