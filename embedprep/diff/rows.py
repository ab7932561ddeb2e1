"""Which of the rows that belong together differ, bit by bit: one pass through both maps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.diff.pairing import RowNumbers
from embedprep.matrix.matrix import EmbeddingMatrix

_AT_ONCE = 1 << 20
"""Bytes of a piece of each matrix."""

_BITS = {1: np.uint8, 2: np.uint16, 4: np.uint32}
"""A whole number of as many bytes as a value: a nan equals itself, and 0.0 is not -0.0."""


def differing(
    before: EmbeddingMatrix, after: EmbeddingMatrix, old: RowNumbers, new: RowNumbers
) -> NDArray[np.bool_]:
    """Whether row `old[i]` of one matrix and `new[i]` of the other differ, shape (len(old),).

    Both are of one dimension and type. Rows of int8 differ if their scales do.
    """
    differ = _differing(before.stored, after.stored, old, new)
    if before.scales is not None and after.scales is not None:
        differ |= _differing(before.scales[:, None], after.scales[:, None], old, new)
    return differ


def _differing(
    before: NDArray[Any], after: NDArray[Any], old: RowNumbers, new: RowNumbers
) -> NDArray[np.bool_]:
    bits = _BITS[before.dtype.itemsize]
    first, second = np.asarray(before).view(bits), np.asarray(after).view(bits)
    differ = np.empty(len(old), bool)
    step = max(1, _AT_ONCE // max(1, before.shape[1] * before.dtype.itemsize))
    for i in range(0, len(old), step):
        part = slice(i, i + step)
        (first[_place(old[part])] != second[_place(new[part])]).any(axis=1, out=differ[part])
    return differ


def _place(rows: RowNumbers) -> slice | RowNumbers:
    """Rows that follow each other need not be copied."""
    start, stop = int(rows[0]), int(rows[-1]) + 1
    if stop - start == len(rows) and (np.diff(rows) == 1).all():
        return slice(start, stop)
    return rows
