"""Memory for decoded rows, used again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class RowBuffers:
    """Arrays that are lent out.

    Fresh memory for each block would cost as much as decoding into it: the system has to find
    and clear every page.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._free: list[NDArray[np.float32]] = []  # any thread appends and pops

    def take(self, count: int) -> NDArray[np.float32]:
        """An array of shape (count, dim) with undefined content."""
        try:
            buffer = self._free.pop()
        except IndexError:
            buffer = np.empty((0, self._dim), np.float32)
        if len(buffer) < count:
            # A little more, because the hits of blocks differ by a few hundredths.
            buffer = np.empty((count + count // 16, self._dim), np.float32)
        return buffer[:count]

    def give_back(self, rows: NDArray[np.float32]) -> None:
        """Take back `rows`, which are no longer used."""
        if isinstance(rows.base, np.ndarray):
            self._free.append(rows.base)
