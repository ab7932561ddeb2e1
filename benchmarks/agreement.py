"""Whether all programs of a contest wrote the same matrix: a timing of two tasks means nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent


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


class DifferentMatricesError(Exception):
    """Two programs, or two runs of one, disagree: no timing means anything."""


class Agreement:
    """All matrices seen so far agree.

    Those of one program are equal in every bit. Those of two differ by at most `tolerance`; where
    that is not 0, the first of all is kept in `folder`, to see how far the others are from it.
    """

    def __init__(self, tolerance: float, folder: Path) -> None:
        self._tolerance = tolerance
        self._folder = folder
        self._first: Path | None = None
        self._seen: dict[str, Matrix] = {}

    def check(self, name: str, output: Path) -> Matrix:
        """Read what `name` wrote to `output`; raises `DifferentMatricesError`."""
        matrix, distance = _read(output, self._first)
        before = self._seen.setdefault(name, matrix)
        if matrix != before:
            raise DifferentMatricesError(f"{name} wrote {before}, then {matrix}")
        if not self._tolerance and len(set(self._seen.values())) > 1:
            lines = [f"{one}: {written}" for one, written in self._seen.items()]
            raise DifferentMatricesError("\n".join(["the matrices differ", *lines]))
        if distance > self._tolerance:
            raise DifferentMatricesError(
                f"{name} differs from {next(iter(self._seen))} by {distance:.3g}, "
                f"more than {self._tolerance:g}"
            )
        if self._tolerance and self._first is None:
            self._first = self._folder / f"first{output.suffix}"
            shutil.copyfile(output, self._first)
        return matrix


def _read(output: Path, first: Path | None) -> tuple[Matrix, float]:
    """What is in `output`, and the largest difference to the values in `first`."""
    command = [sys.executable, "-m", "benchmarks.digest", str(output)]
    if first is not None:
        command.append(str(first))
    seen = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    return Matrix(tuple(seen["shape"]), seen["dtype"], seen["sha256"]), seen["distance"] or 0.0
