"""What a build costs, as formulas: bytes read and moved, memory, seconds, and what bounds them.

Comes in: a `Task`, the `Rates` of one machine and a `Site`. Goes out: a `Cost`. CONTRIBUTING.md
says the same in prose. Of text vectors only: of the binary formats a build reads little.

A build is reading, in which all resources work at once and the busiest decides, and the rest,
which one process does: the vocabulary and the table of its keys before, the rows without a vector
and the report behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import Literal

from embedprep.cluster import BLOCKS_A_TASK
from embedprep.matching.census import MOST_KEYS
from embedprep.sources.source import SAMPLE_BYTES
from embedprep.vectors.blocks import BLOCK_BYTES

HASH = 8
"""Bytes of a key's hash: a census asks for that of every record, wanted or not."""
HIT = 16
"""Bytes of a hit beside its vector: which key, which record."""
IN_TRANSIT = 4
"""Results at a time in the process that is scheduler and client: one as the scheduler receives it,
one as it sends it on, one as the client receives it, and one whose rows are being filled.
"""
INDEXED = 16
"""Bytes of a record in an index: hash and place."""
FLOAT = 4

BLOCK_MARGIN = 64 << 10
"""Read with each block, in which its last line ends."""
TASK_SAMPLES = 4 * SAMPLE_BYTES
"""Head and tail of the file, before and after: whether it is the file of the client."""

How = Literal["threads", "threads, indexing", "with the index", "cluster"]


@dataclass(frozen=True)
class Task:
    """What is to be built."""

    file: int
    """Bytes of text."""
    records: int
    dim: int
    wanted: int
    """Tokens; each is a row of the matrix."""
    found: int
    """Records that are wanted."""
    how: How
    workers: int
    """Threads, or processes of one thread."""
    uncached: int = 0
    """Bytes of the file that are not in the page cache."""

    @property
    def blocks(self) -> int:
        return ceil(self.file / BLOCK_BYTES)

    @property
    def tasks(self) -> int:
        """Of a cluster."""
        return ceil(self.blocks / BLOCKS_A_TASK)


@dataclass(frozen=True)
class Rates:
    """What one machine and one way of reading take, measured; per second of one core."""

    scan: float
    """Bytes a second that are read and searched for keys."""
    decode: float
    """Numbers a second that become float32 and arrive in the matrix."""
    rest: float
    """Seconds of the rest, and `rest_wanted` for each token."""
    rest_wanted: float
    memory: float
    """Bytes of the process that builds, and `memory_wanted` for each token."""
    memory_wanted: float
    task: float = 0.0
    """Seconds that the client spends on 64 MiB of the file, which are a task of a cluster, beside
    what was found there. Of a cluster it is the scheduler, too, and else the thread that fills
    the rows.
    """
    receive: float = inf
    """Bytes a second of hashes and hits that it takes."""
    message: float = 0.0
    """Bytes that are moved for a block beside its hashes and hits."""
    worker: float = 0.0
    """Bytes of a worker, and `worker_wanted` for each token."""
    worker_wanted: float = 0.0


@dataclass(frozen=True)
class Site:
    """Where it runs."""

    disk: float
    """Bytes a second that all workers together get from where the file is."""
    network: float = inf
    """Bytes a second that the client's machine takes in."""
    cores: float = inf
    """That client and workers have together."""


@dataclass(frozen=True)
class Cost:
    """What a build takes; bytes and seconds."""

    read: float
    moved: float
    """From workers to the client. It passes through the scheduler."""
    worker_memory: float
    """Private memory of a worker of a cluster."""
    client_memory: float
    """Private memory of the process that builds; the pages of the matrix are not private."""
    seconds: float
    uses: dict[str, float]
    """The seconds that each resource is busy while reading."""

    @property
    def bound(self) -> str:
        """The busiest of them."""
        return max(self.uses, key=lambda name: self.uses[name])


def cost(task: Task, rates: Rates, site: Site) -> Cost:
    """Of `task`, where reading goes at `rates` on `site`."""
    read, moved = bytes_read(task), bytes_moved(task, rates)
    uses = _uses(task, rates, site, read, moved)
    rest = rates.rest + rates.rest_wanted * task.wanted
    return Cost(
        read=read,
        moved=moved,
        worker_memory=worker_memory(task, rates),
        client_memory=client_memory(task, rates),
        seconds=rest + max(uses.values()),
        uses=uses,
    )


def bytes_read(task: Task) -> float:
    """Of the file and its index, from the disk or the page cache."""
    if task.how == "with the index":
        return INDEXED * task.records + task.found * task.file / task.records + TASK_SAMPLES
    whole = task.file + BLOCK_MARGIN * (task.blocks - 1)
    return whole + TASK_SAMPLES * (task.tasks if task.how == "cluster" else 1)


def bytes_moved(task: Task, rates: Rates) -> float:
    """From the workers of a cluster to the client."""
    if task.how != "cluster":
        return 0.0
    return received(task) + rates.message * task.blocks


def worker_memory(task: Task, rates: Rates) -> float:
    """Results that the client has not fetched yet wait where they were made."""
    if task.how != "cluster":
        return 0.0
    waiting = ceil(_handed_out(task) / task.workers)
    result = results(task, task.records / task.tasks)
    return rates.worker + rates.worker_wanted * task.wanted + waiting * result


def client_memory(task: Task, rates: Rates) -> float:
    """The hashes of all keys are kept; beyond `MOST_KEYS` they are let go. While they are put into
    one array they are there twice, for too short a time to be measured.
    """
    held: float = HASH * min(task.records, MOST_KEYS)
    if task.how == "threads, indexing":
        held += 2 * INDEXED * task.records  # the blocks' parts, and then the whole
    if task.how == "with the index":
        held += INDEXED * task.records
    if task.how == "cluster":
        held += IN_TRANSIT * results(task, task.records / task.tasks)
    return rates.memory + rates.memory_wanted * task.wanted + held


def results(task: Task, records: float) -> float:
    """Bytes of what is found among so many records, all of which are hashed."""
    return records * HASH + _hits(task, records)


def received(task: Task) -> float:
    """Bytes of what is found in the whole file. Once more hashes have come than are kept, tasks are
    handed out that send none.
    """
    handed_out = task.records / task.tasks * _handed_out(task)
    return HASH * min(task.records, MOST_KEYS + handed_out) + _hits(task, task.records)


def _hits(task: Task, records: float) -> float:
    return records * task.found / task.records * (FLOAT * task.dim + HIT)


def _handed_out(task: Task) -> int:
    """Tasks at a time, see `embedprep.cluster.tasks`."""
    return min(2 * task.workers + 2, task.tasks)


def _uses(task: Task, rates: Rates, site: Site, read: float, moved: float) -> dict[str, float]:
    decoding = task.found * task.dim / rates.decode
    if task.how == "with the index":
        share = task.found / task.records
        return {
            "scan": (share * task.file + INDEXED * task.records) / rates.scan + decoding,
            "disk": task.uncached / task.file * read / site.disk,
        }
    scanning = task.file / rates.scan + decoding
    client = rates.task * task.tasks + received(task) / rates.receive
    if task.how != "cluster":
        return {
            "scan": scanning / min(task.workers, site.cores),
            "client": client,
            "disk": task.uncached / site.disk,
        }
    return {
        "scan": scanning / min(task.workers, task.tasks),
        "client": client,
        "disk": task.uncached / site.disk,
        "network": moved / site.network,
        "cores": (scanning + client) / site.cores,
    }
