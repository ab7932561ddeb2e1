"""What embedprep promises, measured on the wide file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.contest import Result
from benchmarks.data import ALL, SMALL
from benchmarks.entrants import EMBEDPREP, EMBEDPREP_HELP

MEGABYTE = 1_000_000

# (tokens wanted, peer, how many times faster than it)
FASTER_THAN = (
    (SMALL, "careful loop", 5),
    (SMALL, "Keras loop", 60),
    (ALL, "careful loop", 18),
)
BESIDES_THE_MATRIX = 150 * MEGABYTE
HELP_SECONDS = 0.150


@dataclass(frozen=True)
class Target:
    """One promise, what was measured, and whether that keeps it."""

    promise: str
    measured: str
    met: bool


def judge(tables: Mapping[int, Mapping[str, Result]], start_up: Result | None) -> list[Target]:
    """All promises that the measured contestants allow to be judged.

    `tables` maps the number of tokens wanted to the results by name.
    """
    targets = []
    for tokens, peer, times in FASTER_THAN:
        results = tables.get(tokens, {})
        if EMBEDPREP in results and peer in results:
            ratio = results[peer].seconds / results[EMBEDPREP].seconds
            promise = f"{tokens:,} wanted: at least {times} times as fast as the {peer}"
            targets.append(Target(promise, f"{ratio:.1f} times", ratio >= times))
    for tokens, results in tables.items():
        own = results.get(EMBEDPREP)
        if own and own.matrix:
            extra = own.peak - own.matrix.bytes
            promise = f"{tokens:,} wanted: peak memory at most the matrix + 150 MB"
            measured = f"the matrix {extra / MEGABYTE:+.0f} MB"
            targets.append(Target(promise, measured, extra <= BESIDES_THE_MATRIX))
    if start_up:
        promise = f"{EMBEDPREP_HELP} in under {HELP_SECONDS * 1000:.0f} ms"
        measured = f"{start_up.seconds * 1000:.0f} ms"
        targets.append(Target(promise, measured, start_up.seconds < HELP_SECONDS))
    return targets
