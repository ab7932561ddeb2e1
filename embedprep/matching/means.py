"""Rows that are means: of the vectors of several keys, collected while a file is read.

The parts of a mean may be anywhere in the file, so their vectors wait here until the end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep.lookup import PIECES, Means, Pieces

Floats = NDArray[np.floating]

_VALUES_AT_ONCE = 1 << 20


class PartVectors:
    """The vectors of the parts of `means`; there are `keys` keys."""

    def __init__(self, means: Means, keys: int, dim: int) -> None:
        self._means = means
        parts, self._term = np.unique(means.key, return_inverse=True)
        self._slot = np.full(keys, -1)
        self._slot[parts] = np.arange(len(parts))
        self._rows = np.empty((len(parts), dim), np.float32)  # memory only for vectors that come
        self._found = np.zeros(len(parts), bool)

    def take(self, key: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        """Take the vector of each of the keys `key`; a later one replaces an earlier one."""
        slot = self._slot[key]
        wanted = slot >= 0
        self._rows[slot[wanted]] = rows[wanted]
        self._found[slot[wanted]] = True

    def forget(self, key: NDArray[np.int64]) -> None:
        """Forget the vectors of the keys `key`."""
        slot = self._slot[key]
        self._found[slot[slot >= 0]] = False

    def settle(self, matrix: Floats, rank: NDArray[np.uint16]) -> NDArray[np.int64]:
        """Fill the rows whose parts have all come, and that have nothing better; return these
        rows.
        """
        means = self._means
        complete = np.logical_and.reduceat(self._found[self._term], means.first[:-1])
        chosen = np.flatnonzero(complete & (means.rank < rank[means.row]))
        # The best mean of a row comes first after sorting by rank.
        chosen = chosen[np.argsort(means.rank[chosen], kind="stable")]
        _, first = np.unique(means.row[chosen], return_index=True)
        chosen = chosen[first]
        at_once = max(1, _VALUES_AT_ONCE // self._rows.shape[1])
        for begin in range(0, len(chosen), at_once):
            some = chosen[begin : begin + at_once]
            matrix[means.row[some]] = self._mean(some)
        rank[means.row[chosen]] = means.rank[chosen]
        return means.row[chosen]

    def _mean(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the mean of each, adding its parts in the order of the form."""
        first, last = self._means.first[chosen], self._means.first[chosen + 1]
        count = last - first
        sums = np.zeros((len(chosen), self._rows.shape[1]))
        for k in range(int(count.max())):
            has = count > k
            sums[has] += self._rows[self._term[first[has] + k]]
        return sums / count[:, None]


class PieceMeans:
    """The weighted sums of the words that contain `pieces`; there are `keys` keys."""

    def __init__(self, pieces: Pieces, keys: int, dim: int) -> None:
        self._pieces = pieces
        self._word = np.full(keys, -1)
        self._word[pieces.key] = np.arange(len(pieces.key))
        self._rows, self._target = np.unique(pieces.row, return_inverse=True)
        self._sums = np.zeros((len(self._rows), dim))
        self._weights = np.zeros(len(self._rows))

    def take(self, key: NDArray[np.int64], rows: NDArray[np.float32]) -> None:
        """Take the vectors of the keys `key`, each of which comes once.

        If a key has several records, the first counts, because a sum cannot forget a vector.
        """
        pieces = self._pieces
        for word, vector in zip(self._word[key].tolist(), rows, strict=True):
            if word >= 0:
                targets = self._target[pieces.first[word] : pieces.first[word + 1]]
                self._sums[targets] += pieces.weight[word] * vector.astype(np.float64)
                self._weights[targets] += pieces.weight[word]

    def settle(self, matrix: Floats, rank: NDArray[np.uint16]) -> NDArray[np.int64]:
        """Fill the rows for which a word has come, and that have nothing better; return these
        rows.
        """
        chosen = np.flatnonzero((self._weights > 0) & (rank[self._rows] > PIECES))
        rows = self._rows[chosen]
        matrix[rows] = self._sums[chosen] / self._weights[chosen, None]
        rank[rows] = PIECES
        return rows
