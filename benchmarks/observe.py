"""Builds seen from inside: a program with the arguments ENGINE WORKERS OUTPUT, jobs on stdin.

ENGINE is `local` or `dask`, where WORKERS are threads or processes. A line of the input is JSON:
vectors, vocabulary, and what `embedprep.build` takes as `index`. For each build a line of JSON
comes out: `Observed`. The cluster is started once, before the first.

A build is divided in two: reading the vectors, which the progress bar begins and ends, and the
rest, which no cluster shares in.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import embedprep
from benchmarks.processes import (
    Peaks,
    Received,
    bytes_read,
    cpu_seconds,
    machine_cpu_seconds,
)
from embedprep import core


@dataclass(frozen=True)
class Observed:
    """What one build was and took; bytes, seconds."""

    records: int
    dim: int
    wanted: int
    found: int
    start_up: float
    """Of the cluster, before the first build."""
    reading: float
    rest: float
    others: float
    """Cores that processes which are none of these kept busy meanwhile."""
    own_cpu: float
    """While reading, of the process that builds: client and scheduler of a cluster."""
    worker_cpu: float
    """While reading, of all workers."""
    filling_cpu: float
    """While reading, of the one thread that takes what was found and fills the rows."""
    opening_cpu: float
    """Of `own_cpu`, until the first results are there."""
    opening_filling_cpu: float
    """The same of `filling_cpu`."""
    read: int
    """From files, by all processes, in the whole build."""
    moved: int
    """From workers to the scheduler, which is where this process is, too."""
    moved_on: int
    """Between the scheduler and the client."""
    own_memory: int
    """The most private memory of this process."""
    worker_memory: int
    """The most of any worker."""


@dataclass(frozen=True)
class _Moment:
    time: float
    own_cpu: float
    worker_cpu: float
    filling_cpu: float
    machine_cpu: float
    read: int
    received: Received

    @classmethod
    def now(cls, workers: list[int]) -> _Moment:
        own = os.getpid()
        return cls(
            time.perf_counter(),
            cpu_seconds(own),
            sum(map(cpu_seconds, workers)),
            time.thread_time(),
            machine_cpu_seconds(),
            sum(map(bytes_read, [own, *workers])),
            Received.so_far(),
        )


def main() -> None:
    """Take the jobs one after the other."""
    engine, count, output = sys.argv[1:]
    if core.implementation() != "native" and "EMBEDPREP_PURE" not in os.environ:
        sys.exit("benchmarks: embedprep is installed without its core")
    begin = time.perf_counter()
    with _workers(engine, int(count)) as workers:
        start_up = time.perf_counter() - begin
        _warm_up(engine, int(count), output)
        for line in sys.stdin:
            seen = _observe(json.loads(line), engine, int(count), output, workers, start_up)
            print(json.dumps(asdict(seen)), flush=True)


@contextlib.contextmanager
def _workers(engine: str, count: int) -> Iterator[list[int]]:
    """The processes that read, beside this one, as `--engine dask` starts them by itself."""
    if engine == "local":
        yield []
        return
    from embedprep.cluster.connection import connected

    with connected(None, count) as client:
        yield list(client.run(os.getpid).values())


def _warm_up(engine: str, count: int, output: str) -> None:
    """Import everything, here and on the workers: it would be charged to the first build."""
    text = Path(output).with_name("two.txt")
    text.write_text("one 1 2\ntwo 2 1\n")
    tokens = ["one", "three"]
    embedprep.build(text, tokens, output, engine=engine, threads=count)  # type: ignore[arg-type]


def _observe(
    job: dict[str, str],
    engine: str,
    count: int,
    output: str,
    workers: list[int],
    start_up: float,
) -> Observed:
    moments: list[_Moment] = []

    @contextlib.contextmanager
    def reading(total: object) -> Iterator[Callable[[int], object]]:
        def advance(count: int) -> None:
            if len(moments) == 1:
                moments.append(_Moment.now(workers))

        moments.append(_Moment.now(workers))
        yield advance
        moments.append(_Moment.now(workers))

    begin = _Moment.now(workers)
    with Peaks([os.getpid(), *workers]) as peaks:
        _, coverage = embedprep.build(
            job["vectors"],
            job["vocabulary"],
            output,
            engine=engine,  # type: ignore[arg-type]
            index=job["index"],  # type: ignore[arg-type]
            threads=count,
            oov="zeros",
            durable=False,  # the disk is another resource, and the same for all
            progress=reading,
        )
    end = _Moment.now(workers)
    before, first, after = moments
    own, *workers_memory = peaks.bytes.values()
    ours = end.own_cpu + end.worker_cpu - begin.own_cpu - begin.worker_cpu
    return Observed(
        records=sum(file.records for file in coverage.vectors),
        dim=coverage.matrix.dim,
        wanted=coverage.counts.types.total,
        found=coverage.counts.types.found,
        start_up=start_up,
        reading=after.time - before.time,
        rest=end.time - begin.time - (after.time - before.time),
        others=max(end.machine_cpu - begin.machine_cpu - ours, 0.0) / (end.time - begin.time),
        own_cpu=after.own_cpu - before.own_cpu,
        worker_cpu=after.worker_cpu - before.worker_cpu,
        filling_cpu=after.filling_cpu - before.filling_cpu,
        opening_cpu=first.own_cpu - before.own_cpu,
        opening_filling_cpu=first.filling_cpu - before.filling_cpu,
        read=end.read - begin.read,
        moved=after.received.from_others - before.received.from_others,
        moved_on=after.received.from_itself - before.received.from_itself,
        own_memory=own,
        worker_memory=max(workers_memory, default=0),
    )
