"""How long rows are, and how alike: what the report says of the rows before and after the steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep.post.exact import block_rows, squares

Floats = NDArray[np.float64]

SHOWN = 1 << 10
"""The most rows that the report looks at: enough to compare lengths, in a few milliseconds."""
_ROWS_AT_ONCE = 128
"""Few enough that they stay in the cache nearest to a processor while they are transposed."""


def norms(matrix: NDArray[np.floating], rows: NDArray[np.int64]) -> Floats:
    """Return the lengths of these rows."""
    parts = [
        np.sqrt(squares(matrix[rows[begin : begin + _ROWS_AT_ONCE]]))
        for begin in range(0, len(rows), _ROWS_AT_ONCE)
    ]
    return np.concatenate([np.zeros(0), *parts])


def spread(rows: NDArray[np.int64], most: int = SHOWN) -> NDArray[np.int64]:
    """Return at most so many of the rows, evenly spread."""
    some = min(len(rows), most)
    return rows[np.arange(some) * len(rows) // max(1, some)]


def median_norm(matrix: NDArray[np.floating], rows: NDArray[np.int64]) -> float | None:
    """Return the median length of these rows, to six digits; None if there are none."""
    if len(rows) == 0:
        return None
    lengths = np.sort(norms(matrix, rows))  # np.median would import masked arrays
    middle = lengths[(len(rows) - 1) // 2 : len(rows) // 2 + 1].mean()
    return float(f"{middle:.6g}")


def matching_scale(norm: float, dim: int) -> float:
    """Return the X for which uniform numbers from -X to X make rows that are mostly `norm` long."""
    return float(norm * np.sqrt(3 / dim))


def mean_cosine(matrix: NDArray[np.floating], rows: NDArray[np.int64]) -> float | None:
    """Return the mean cosine of two of these rows, to four digits; None if there are no two."""
    lengths = norms(matrix, rows)
    rows, lengths = rows[lengths > 0], lengths[lengths > 0]
    if len(rows) < 2:
        return None
    size = block_rows(matrix.shape[1])
    total = np.zeros(matrix.shape[1])
    for begin in range(0, len(rows), size):
        some = slice(begin, begin + size)
        total += (matrix[rows[some]] / lengths[some, None]).sum(axis=0)
    # Each row with itself is 1.
    among = float((total * total).sum()) - len(rows)
    return round(among / (len(rows) * (len(rows) - 1)), 4)
