"""The rows of a matrix that the page looks at: a bounded number, read through the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.quantised import decoded
from embedprep.post.effect import spread
from embedprep.provenance import Provenance

NORMS = 100_000
"""The most rows whose norm is computed."""
COMPARED, COMPARED_VALUES = 20_000, 6_000_000
"""The most rows among which neighbours are looked for, and the most values in these rows."""

_ROWS_AT_ONCE = 2048


class Matrix(Protocol):
    """The part of an `EmbeddingMatrix` that the page needs."""

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows, and their dimension."""

    def vectors(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return a copy of some rows, shape (len(rows), dim)."""

    @property
    def provenance(self) -> NDArray[np.uint8]:
        """The `Provenance` code of each row."""

    @property
    def tokens(self) -> list[str]:
        """The token of each row."""


@dataclass(frozen=True, eq=False)
class Unpublished:
    """A matrix that is not published yet."""

    array: NDArray[Any]
    provenance: NDArray[np.uint8]
    tokens: list[str]
    scales: NDArray[np.float32] | None = None
    """The scales of rows of int8."""

    @property
    def shape(self) -> tuple[int, int]:
        rows, dim = self.array.shape
        return rows, dim

    def vectors(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        found: NDArray[Any] = self.array[rows]
        return found if self.scales is None else decoded(found, self.scales[rows])


@dataclass(frozen=True, eq=False)
class Norms:
    """Euclidean lengths of some rows."""

    values: NDArray[np.float64]
    """The finite norms of the rows that were read."""
    read: int
    rows: int
    """The number of these rows in the whole matrix."""


def norms(matrix: Matrix, rows: NDArray[np.int64]) -> Norms:
    """Return the norms of at most `NORMS` of these rows, evenly spread."""
    some = spread(rows, NORMS)
    parts = [
        np.linalg.norm(matrix.vectors(some[i : i + _ROWS_AT_ONCE]).astype(np.float64), axis=1)
        for i in range(0, len(some), _ROWS_AT_ONCE)
    ]
    values = np.concatenate(parts) if parts else np.zeros(0)
    return Norms(values[np.isfinite(values)], len(some), len(rows))


def directions(matrix: Matrix) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the first found rows: their numbers, shape (n,), and their vectors with norm 1.

    Rows of zeros or with values that are not finite have no direction, and are left out.
    """
    most = min(COMPARED, max(1, COMPARED_VALUES // matrix.shape[1]))
    rows = found(matrix)[:most]
    vectors = matrix.vectors(rows).astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    kept = np.isfinite(lengths) & (lengths > 0)
    return rows[kept], vectors[kept] / lengths[kept, None]


def found(matrix: Matrix) -> NDArray[np.int64]:
    """Return the rows with a vector."""
    return np.flatnonzero(matrix.provenance >= Provenance.EXACT)


def filled(matrix: Matrix) -> NDArray[np.int64]:
    """Return the rows filled by `--oov`."""
    return np.flatnonzero(matrix.provenance == Provenance.OOV)
