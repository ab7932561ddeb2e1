"""The rows nearest to given vectors by cosine: one pass through the map, in pieces.

The pass computes in float32, which is enough to say which rows can be among the nearest; these
few are computed again in float64. So the result depends on neither threads nor processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.explain.parts import Parts

_AT_ONCE = 1 << 20
"""Bytes of a piece, in float32: it is read once from memory and then from the cache."""
_TOGETHER = 16
"""Queries in one pass: each needs 4 bytes a row."""
_MARGIN = 1e-4
"""Above the error of a cosine in float32, which for 300 dimensions stays below 1e-6."""
_SMALLEST_SQUARE = 1e-30
"""Below it float32 loses digits of a squared norm."""

Vector = NDArray[np.float64]


def unit(vector: NDArray[np.floating]) -> Vector:
    """`vector` with norm 1, or zeros if it has no direction."""
    exact = np.asarray(vector, np.float64)
    norm = np.linalg.norm(exact)
    return exact / norm if 0 < norm < np.inf else np.zeros_like(exact)


def nearest(
    parts: Parts, queries: Sequence[Vector], excluded: Sequence[NDArray[np.int64]], n: int
) -> list[list[tuple[int, float]]]:
    """For each query, a unit vector, the `n` nearest rows with their cosines, the nearest first.

    Only rows with a vector count; if a token has several rows, the first one does. `excluded` has
    the rows to leave out for each query. A row or query of zeros has no direction, and so no
    neighbours. Among equally near rows, the first comes first.
    """
    if n < 1:
        return [[] for _ in queries]
    found = []
    for i in range(0, len(queries), _TOGETHER):
        some = queries[i : i + _TOGETHER]
        cosines = _approximate(parts.array, np.stack(some).astype(np.float32))
        for query, approximate, without in zip(some, cosines, excluded[i:], strict=False):
            approximate[~parts.has_vector | ~np.isfinite(approximate)] = -np.inf
            approximate[without] = -np.inf
            found.append(_nearest_tokens(parts, query, approximate, n))
    return found


def _approximate(matrix: NDArray[np.floating], queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return cosines, shape (queries, rows), to about 1e-6; nan for rows of zeros."""
    rows, dim = matrix.shape
    cosines = np.empty((len(queries), rows), np.float32)
    plain = np.asarray(matrix)  # slices of a map are slow
    step = _rows_at_once(dim)

    def compute(start: int) -> None:
        piece = plain[start : start + step].astype(np.float32, copy=False)
        part = cosines[:, start : start + step]
        # Whether NumPy complains is a matter of the thread.
        with np.errstate(all="ignore"):
            squares = np.einsum("ij,ij->i", piece, piece)
            for query, cosine in zip(queries, part, strict=True):
                np.einsum("ij,j->i", piece, query, out=cosine)
            part /= np.sqrt(squares)
        odd = np.flatnonzero(~((squares > _SMALLEST_SQUARE) & (squares < np.inf)))
        if len(odd):
            for query, cosine in zip(queries, part, strict=True):
                cosine[odd] = _cosines(piece[odd], query.astype(np.float64))

    with ThreadPoolExecutor(_platform.available_cores()) as pool:
        list(pool.map(compute, range(0, rows, step)))
    return cosines


def _nearest_tokens(
    parts: Parts, query: Vector, approximate: NDArray[np.float32], n: int
) -> list[tuple[int, float]]:
    possible = int(np.count_nonzero(approximate > -np.inf)) if query.any() else 0
    some = min(n, possible)
    while some:
        found = _first_of_each(_best(parts.array, query, approximate, some), parts)
        if len(found) >= n or some == possible:
            return found[:n]
        some = min(2 * some, possible)
    return []


def _rows_at_once(dim: int) -> int:
    return max(1, _AT_ONCE // max(1, 4 * dim))


def _first_of_each(rows: list[tuple[int, float]], parts: Parts) -> list[tuple[int, float]]:
    """Leave out the later rows of a token; equal tokens have equal vectors."""
    first: dict[bytes, tuple[int, float]] = {}
    for row, cosine in rows:
        first.setdefault(parts.annotations.tokens[row], (row, cosine))
    return list(first.values())


def _best(
    matrix: NDArray[np.floating], query: Vector, approximate: NDArray[np.float32], n: int
) -> list[tuple[int, float]]:
    nth = np.partition(approximate, -n)[-n]
    rows = np.flatnonzero(approximate >= nth - _MARGIN)
    step = _rows_at_once(matrix.shape[1])
    cosines = np.concatenate(
        [_cosines(matrix[rows[i : i + step]], query) for i in range(0, len(rows), step)]
    )
    order = np.lexsort((rows, -cosines))[:n]
    return [(int(rows[i]), float(cosines[i])) for i in order]


def _cosines(rows: NDArray[np.floating], query: Vector) -> Vector:
    """Return the cosines in float64; nan for rows of zeros."""
    exact = rows.astype(np.float64)
    with np.errstate(all="ignore"):
        norms = np.sqrt(np.einsum("ij,ij->i", exact, exact))
        cosines: Vector = np.einsum("ij,j->i", exact, query) / norms
    return cosines
