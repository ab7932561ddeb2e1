"""The lengths of the vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class NormRange:
    """Euclidean norms of all finite vectors."""

    min: float
    mean: float
    max: float


class Norms:
    """Norms while they are counted; in float64, where no float32 vector overflows or vanishes."""

    def __init__(self) -> None:
        self.vectors = 0
        self.zeros = 0
        self._sum = 0.0
        self._min = math.inf
        self._max = 0.0

    def add(self, rows: NDArray[np.float32]) -> None:
        if not len(rows):
            return
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        self.vectors += len(rows)
        self.zeros += len(rows) - int(np.count_nonzero(norms))
        self._sum += float(norms.sum())
        self._min = min(self._min, float(norms.min()))
        self._max = max(self._max, float(norms.max()))

    def range(self) -> NormRange | None:
        """Return the range to six digits, the same on every machine; None without a vector."""
        if not self.vectors:
            return None
        values = (self._min, self._sum / self.vectors, self._max)
        return NormRange(*(float(f"{value:.6g}") for value in values))
