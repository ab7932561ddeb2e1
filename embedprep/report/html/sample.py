"""The rows of a matrix that the pictures show: a bounded number, read through the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep.provenance import Provenance

NORMS = 100_000
"""The most rows whose norm is computed."""
POINTS, POINTS_OF_MANY_DIMENSIONS = 2000, 1000
"""The most rows in the map. The smaller of rows and dimensions decides how long its axes take;
above 1,000 that is more than a second.
"""

_ROWS_AT_ONCE = 2048


class Matrix(Protocol):
    """The part of an `EmbeddingMatrix` that the pictures need."""

    @property
    def array(self) -> NDArray[np.floating]:
        """The rows, shape (rows, dim)."""

    @property
    def provenance(self) -> NDArray[np.uint8]:
        """The `Provenance` code of each row."""

    @property
    def tokens(self) -> list[str]:
        """The token of each row."""


@dataclass(frozen=True, eq=False)
class Unpublished:
    """A matrix that is not published yet."""

    array: NDArray[np.floating]
    provenance: NDArray[np.uint8]
    tokens: list[str]


@dataclass(frozen=True, eq=False)
class Norms:
    """Euclidean lengths of the found rows."""

    values: NDArray[np.float64]
    """The finite norms of the rows that were read."""
    read: int
    found: int
    """The number of rows that have a vector."""


def norms(matrix: Matrix) -> Norms:
    """Return the norms of at most `NORMS` found rows, evenly spread over the matrix."""
    found = _found(matrix)
    spread = np.arange(min(len(found), NORMS)) * len(found) // max(1, min(len(found), NORMS))
    rows = found[spread]
    parts = [
        np.linalg.norm(matrix.array[rows[i : i + _ROWS_AT_ONCE]].astype(np.float64), axis=1)
        for i in range(0, len(rows), _ROWS_AT_ONCE)
    ]
    values = np.concatenate(parts) if parts else np.zeros(0)
    return Norms(values[np.isfinite(values)], len(rows), len(found))


def first_found(matrix: Matrix) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the first found rows, because most tokenizers number by frequency.

    Returns their numbers, shape (n,), and their vectors, shape (n, dim); rows that are not finite
    are left out.
    """
    many = matrix.array.shape[1] > POINTS_OF_MANY_DIMENSIONS
    rows = _found(matrix)[: POINTS_OF_MANY_DIMENSIONS if many else POINTS]
    vectors = matrix.array[rows].astype(np.float64)
    finite = np.isfinite(vectors).all(axis=1)
    return rows[finite], vectors[finite]


def _found(matrix: Matrix) -> NDArray[np.int64]:
    return np.flatnonzero(matrix.provenance >= Provenance.EXACT)
