"""Rows as int8 with a scale for each: `--dtype int8`.

Comes in: float32 rows. Goes out: whole numbers from -127 to 127, and the scale by which a row was
multiplied; the row is its numbers divided by its scale. `keras.layers.Embedding.quantize("int8")`
computes and stores the same: https://keras.io/api/layers/core_layers/embedding
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int8]
Scales = NDArray[np.float32]

_LARGEST = np.float32(127)
_EPSILON = np.float32(1e-7)
"""The number that Keras adds to the largest value, so that a row of zeros has a scale."""


def scales_of(rows: NDArray[np.float32]) -> Scales:
    """Return the scale of each row, shape (rows,)."""
    largest = np.maximum(rows.max(axis=1, initial=0), -rows.min(axis=1, initial=0))
    scales: Scales = _LARGEST / (largest + _EPSILON)
    return scales


def quantised(scaled: NDArray[np.float32]) -> Numbers:
    """Return rows, multiplied by their scales, as whole numbers; none is beyond ±127."""
    return np.rint(scaled).astype(np.int8)


def decoded(numbers: Numbers, scales: Scales) -> NDArray[np.float32]:
    """Return the rows of `numbers`, shape (…, dim), with a scale for each, shape (…).

    A damaged scale makes rows that are not finite; the caller sees them.
    """
    rows = numbers.astype(np.float32)
    with np.errstate(all="ignore"):
        rows /= scales[..., np.newaxis]
    return rows
