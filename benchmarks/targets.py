"""What embedprep promises, measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.contest import MEGABYTE, Contest
from benchmarks.entrants import EMBEDPREP, START_UP
from benchmarks.race import Result

HELP_SECONDS = 0.150


@dataclass(frozen=True)
class Target:
    """One promise, what was measured, and whether that keeps it."""

    promise: str
    measured: str
    met: bool


def judge(tables: Mapping[Contest, Mapping[str, Result]], start_up: Result | None) -> list[Target]:
    """All promises that the measured contestants allow to be judged."""
    targets: list[Target] = []
    for contest, results in tables.items():
        if EMBEDPREP in results:
            targets += _judge_contest(contest, results[EMBEDPREP], results)
    if start_up:
        promise = f"{START_UP.name} in under {HELP_SECONDS * 1000:.0f} ms"
        measured = f"{start_up.seconds * 1000:.0f} ms"
        targets.append(Target(promise, measured, start_up.seconds < HELP_SECONDS))
    return targets


def _judge_contest(
    contest: Contest, own: Result, results: Mapping[str, Result]
) -> Iterator[Target]:
    promises = contest.promises
    for peer, times in promises.faster_than:
        if peer in results:
            ratio = results[peer].seconds / own.seconds
            promise = f"{contest.title}: at least {times:g} times as fast as the {peer}"
            yield Target(promise, f"{ratio:.1f} times", ratio >= times)
    floor = results.get(contest.floor.name)
    if promises.times_floor is not None and floor:
        ratio = own.seconds / floor.seconds
        promise = f"{contest.title}: at most {promises.times_floor:g} times as long as the floor"
        yield Target(promise, f"{ratio:.2f} times", ratio <= promises.times_floor)
    for name, times in promises.variants:
        if name in results:
            ratio = results[name].seconds / own.seconds
            promise = f"{contest.title}: {name} at most {times:g} times as long as embedprep"
            yield Target(promise, f"{ratio:.2f} times", ratio <= times)
    if promises.besides_matrix is not None and own.matrix:
        extra = own.peak - own.matrix.bytes
        allowed = f"{promises.besides_matrix / MEGABYTE:.0f} MB"
        promise = f"{contest.title}: peak memory at most the matrix + {allowed}"
        measured = f"the matrix {extra / MEGABYTE:+.0f} MB"
        yield Target(promise, measured, extra <= promises.besides_matrix)
