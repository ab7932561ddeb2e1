"""The cost model beside what was measured, and what it says of other places, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from benchmarks.cost_model import Cost, How, Rates, Site, Task, cost
from benchmarks.observe import Observed

FILES = {"100 GB": 10**11, "10 TB": 10**13}
WORKERS = (1, 4, 16, 64)
THREADS = 16
DIM = 300
WANTED, FOUND = 2_000_000, 1_800_000
"""A large vocabulary: the matrix has 2.4 GB."""

NEARLY_CACHED = 0.02
"""A share of the file that may come from the disk and goes unmentioned."""

STORAGE, NETWORK = 10e9, 1.25e9
"""Bytes a second: of a parallel file system or an object store to all workers together, and of
the 10 Gbit/s that one machine has.
"""


@dataclass(frozen=True)
class Comparison:
    """One build, predicted and measured."""

    text: str
    task: Task
    predicted: Cost
    observed: Observed
    calibrating: bool
    """Whether the rates come from it."""


def document(
    facts: Mapping[str, str],
    site: Site,
    rates: Mapping[How, Rates],
    comparisons: Sequence[Comparison],
    bytes_a_record: float,
) -> str:
    """All of it."""
    parts = [
        "# What a build costs: predicted and measured\n",
        ", ".join(f"{name} {value}" for name, value in facts.items()) + "\n",
        "## Rates of this machine\n",
        _table(_of_rates(rates, site)),
        "## Builds on this machine: predicted / measured (ratio)\n",
        _table(_compared(comparisons)),
        "Rates are from the rows marked *; all others are predictions. Start-up is that of the "
        "cluster, and no part of the seconds. Cores of others are those that programs which have "
        "no part in it kept busy: where they are not about 0, the seconds mean nothing.\n",
        "## Elsewhere, predicted\n",
        f"{WANTED:,} tokens of {DIM} dimensions, {FOUND / WANTED:.0%} of them found; "
        f"{bytes_a_record:,.0f} bytes a record; storage {STORAGE / 1e9:g} GB/s to all workers, "
        f"{NETWORK / 1e9:g} GB/s to one machine; a core a worker.\n",
        _table(_elsewhere(rates, bytes_a_record)),
    ]
    return "\n".join(parts)


def _of_rates(rates: Mapping[How, Rates], site: Site) -> Iterator[Sequence[str]]:
    yield ("", *rates)
    for name, unit, scale in (
        ("scan", "MB/s a core", 1e-6),
        ("decode", "million numbers/s a core", 1e-6),
        ("rest", "s", 1),
        ("rest_wanted", "µs a token", 1e6),
        ("memory", "MB", 1e-6),
        ("memory_wanted", "bytes a token", 1),
        ("task", "ms a task", 1e3),
        ("receive", "MB/s", 1e-6),
        ("message", "bytes a block", 1),
        ("worker", "MB", 1e-6),
        ("worker_wanted", "bytes a token", 1),
    ):
        values = [getattr(one, name) * scale for one in rates.values()]
        yield (
            f"{name}, {unit}",
            *(f"{value:,.3g}" if value and isfinite(value) else "" for value in values),
        )
    yield ("disk, MB/s, measured by `cat` after eviction", *[f"{site.disk / 1e6:,.0f}"] * 2)


def _compared(comparisons: Sequence[Comparison]) -> Iterator[Sequence[str]]:
    yield (
        *("file", "tokens", "how", "read, GB", "moved, MB"),
        *("worker, MB", "client, MB", "seconds", "bound", "start-up, s", "cores of others"),
    )
    for one in comparisons:
        task, predicted, seen = one.task, one.predicted, one.observed
        missing = task.uncached / task.file
        cold = f", {missing:.0%} of it from disk" if missing > NEARLY_CACHED else ""
        yield (
            f"{one.text}{'*' if one.calibrating else ''}",
            f"{task.wanted:,}",
            f"{_who(task)}{cold}",
            _pair(predicted.read, seen.read, 1e9),
            _pair(predicted.moved, seen.moved, 1e6),
            _pair(predicted.worker_memory, seen.worker_memory, 1e6),
            _pair(predicted.client_memory, seen.own_memory, 1e6),
            _pair(predicted.seconds, seen.reading + seen.rest, 1),
            predicted.bound,
            f"{seen.start_up:.1f}" if task.how == "cluster" else "",
            f"{seen.others:.1f}",
        )


def _who(task: Task) -> str:
    if task.how == "cluster":
        return f"{task.workers} process{'es' if task.workers > 1 else ''} of Dask"
    return f"{task.workers} {task.how}"


def _pair(predicted: float, measured: float, unit: float) -> str:
    if not predicted and measured < unit:
        return ""
    ratio = f"{predicted / measured:.2f}" if measured else "-"
    return f"{predicted / unit:,.2f} / {measured / unit:,.2f} ({ratio})"


def _elsewhere(rates: Mapping[How, Rates], bytes_a_record: float) -> Iterator[Sequence[str]]:
    yield (
        *("file", "how", "read, GB", "moved, GB", "worker, GB", "client, GB"),
        *("time", "bound", "busy: scan", "client", "disk", "network"),
    )
    ways: list[tuple[How, int]] = [
        ("threads", THREADS),
        ("threads, indexing", THREADS),
        ("with the index", THREADS),
        *(("cluster", workers) for workers in WORKERS),
    ]
    for name, size in FILES.items():
        for how, workers in ways:
            records = round(size / bytes_a_record)
            task = Task(size, records, DIM, WANTED, FOUND, how, workers, uncached=size)
            shared = how == "cluster"
            # What reads alone has no more of the storage than one machine's network gives it.
            site = Site(STORAGE if shared else min(STORAGE, NETWORK), NETWORK)
            predicted = cost(task, rates["cluster" if shared else "threads"], site)
            busy = (predicted.uses.get(use) for use in ("scan", "client", "disk", "network"))
            yield (
                name,
                _who(task),
                f"{predicted.read / 1e9:,.1f}",
                f"{predicted.moved / 1e9:,.1f}" if shared else "",
                f"{predicted.worker_memory / 1e9:,.2f}" if shared else "",
                f"{predicted.client_memory / 1e9:,.1f}",
                _time(predicted.seconds),
                predicted.bound,
                *("" if seconds is None else _time(seconds) for seconds in busy),
            )


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"


def _table(rows: Iterator[Sequence[str]]) -> str:
    header, *others = rows
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *others)) + "\n"
