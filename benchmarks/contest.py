"""Several programs, the same task: interleaved runs, and a check that all wrote the same matrix."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import Run, peak_anonymous, run

ROOT = Path(__file__).parent.parent
SLOW_SECONDS = 20.0


@dataclass(frozen=True)
class Contestant:
    """A program; the path of its output, ending in `suffix`, is its last argument.

    An empty `suffix` means that it writes nothing. `watched` asks for one more run, untimed, to
    see how much of its memory is private.
    """

    name: str
    command: tuple[str, ...]
    suffix: str = ".npy"
    watched: bool = False


@dataclass(frozen=True)
class Patience:
    """How often to run: `slow_runs` for what takes over 20 s, one of each after `deadline`."""

    runs: int
    slow_runs: int
    deadline: float


@dataclass(frozen=True)
class Matrix:
    """What a program wrote: two of these are equal only if every bit is."""

    shape: tuple[int, ...]
    dtype: str
    sha256: str

    @property
    def bytes(self) -> int:
        """Size of the float32 values."""
        rows, dim = self.shape
        return rows * dim * 4


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


class DifferentMatricesError(Exception):
    """Two programs, or two runs of one, disagree: no timing means anything."""


def compete(contestants: Sequence[Contestant], patience: Patience) -> dict[str, Result]:
    """Run all contestants in turns, so that a noisy minute hits each of them once."""
    results = {contestant.name: Result() for contestant in contestants}
    for turn in range(max(patience.runs, patience.slow_runs)):
        for contestant in contestants:
            result = results[contestant.name]
            if turn >= _runs_allowed(result, patience):
                continue
            _take_turn(contestant, result)
            _same_matrix(results)
    return results


def _runs_allowed(result: Result, patience: Patience) -> int:
    if not result.runs:
        return 1
    if time.monotonic() > patience.deadline:
        return 0
    return patience.slow_runs if result.runs[0].seconds > SLOW_SECONDS else patience.runs


def _take_turn(contestant: Contestant, result: Result) -> None:
    # A fresh folder each time: overwriting a file whose pages still wait for the disk would be
    # charged to whoever comes second.
    with tempfile.TemporaryDirectory(dir=ROOT / "benchmarks" / "data") as folder:
        command, output = contestant.command, Path(folder) / f"matrix{contestant.suffix}"
        if contestant.suffix:
            command = (*command, str(output))
        done = run(command, cwd=ROOT)
        result.runs.append(done)
        print(f"  {done.seconds:8.3f} s  {contestant.name}", file=sys.stderr, flush=True)
        if contestant.suffix:
            matrix = _read(output)
            if result.matrix not in (None, matrix):
                raise DifferentMatricesError(
                    f"{contestant.name} wrote {result.matrix}, then {matrix}"
                )
            result.matrix = matrix
        if contestant.watched and result.anonymous is None:
            result.anonymous = peak_anonymous(command, cwd=ROOT)


def _same_matrix(results: dict[str, Result]) -> None:
    written = {name: result.matrix for name, result in results.items() if result.matrix}
    if len(set(written.values())) > 1:
        lines = [f"{name}: {matrix}" for name, matrix in written.items()]
        raise DifferentMatricesError("\n".join(["the matrices differ", *lines]))


def _read(output: Path) -> Matrix:
    command = [sys.executable, "-m", "benchmarks.digest", str(output)]
    seen = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    return Matrix(tuple(seen["shape"]), seen["dtype"], seen["sha256"])
