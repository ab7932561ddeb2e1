"""Run the programs of a contest in turns."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.agreement import ROOT, Agreement, Matrix
from benchmarks.cache import evict
from benchmarks.contest import Contestant
from benchmarks.data import DATA
from benchmarks.measure import Run, peak_anonymous, run

SLOW_SECONDS = 20.0


@dataclass(frozen=True)
class Patience:
    """How often to run: `slow_runs` for what takes over 20 s, nothing again after `seconds`."""

    runs: int
    slow_runs: int
    seconds: float


@dataclass
class Result:
    """All runs of one contestant."""

    runs: list[Run] = field(default_factory=list)
    matrix: Matrix | None = None
    anonymous: int | None = None

    @property
    def seconds(self) -> float:
        """Median wall-clock time."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def fastest(self) -> float:
        """Shortest wall-clock time."""
        return min(run.seconds for run in self.runs)

    @property
    def slowest(self) -> float:
        """Longest wall-clock time."""
        return max(run.seconds for run in self.runs)

    @property
    def peak(self) -> int:
        """Most memory any run held, in bytes."""
        return max(run.peak for run in self.runs)


def compete(
    contestants: Sequence[Contestant],
    patience: Patience,
    tolerance: float = 0.0,
    evicted: Sequence[Path] = (),
) -> dict[str, Result]:
    """Run all contestants in turns, so that a noisy minute hits each of them once.

    Before each run the files `evicted` are put out of memory. Raises `ChildProcessError` where one
    fails, `DifferentMatricesError` where the matrices of two differ by more than `tolerance`, and
    `NotEvictedError`.
    """
    deadline = time.monotonic() + patience.seconds
    results = {contestant.name: Result() for contestant in contestants}
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        agreement = Agreement(tolerance, Path(folder))
        for turn in range(max(patience.runs, patience.slow_runs)):
            for contestant in contestants:
                result = results[contestant.name]
                in_time = time.monotonic() <= deadline
                in_time &= not contestant.heavy
                if turn < _runs_allowed(result, patience, in_time=in_time):
                    for path in filter(Path.exists, evicted):
                        evict(path)
                    _take_turn(contestant, result, agreement)
    return results


def _runs_allowed(result: Result, patience: Patience, *, in_time: bool) -> int:
    if not result.runs:
        return 1
    if not in_time:
        return 0
    return patience.slow_runs if result.runs[0].seconds > SLOW_SECONDS else patience.runs


def _take_turn(contestant: Contestant, result: Result, agreement: Agreement) -> None:
    # A fresh folder each time: overwriting a file whose pages still wait for the disk would be
    # charged to whoever comes second.
    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        command, output = contestant.command, Path(folder) / f"matrix{contestant.suffix}"
        if contestant.suffix:
            command = (*command, str(output))
        done = run(command, cwd=ROOT, watch=contestant.heavy)
        result.runs.append(done)
        print(f"  {done.seconds:8.3f} s  {contestant.name}", file=sys.stderr, flush=True)
        if contestant.suffix:
            result.matrix = agreement.check(contestant.name, output)
        result.anonymous = done.anonymous or result.anonymous
        if contestant.watched and result.anonymous is None:
            result.anonymous = peak_anonymous(command, cwd=ROOT)
