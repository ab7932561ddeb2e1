"""Means, covariances and products that are the same, to the bit, on every machine.

A library of linear algebra adds in an order of its own, which depends on the processor, the number
of threads and the shape. So the numbers are first rounded to whole multiples of a power of two, few
enough bits that every product and every sum is exact in a float64: then no order matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from embedprep.vectors.blocks import ordered

Floats = NDArray[np.float64]
Result = TypeVar("Result")

_EXACT_BITS = 53
"""A float64 holds whole numbers of so many bits."""
_INT64_BITS = 62
GRID_BITS = 20
"""Components are multiples of 2^-20, which is finer than what float32 rows have."""
_BLOCK_VALUES = 1 << 20
_BLOCK_ROWS = 1 << 12
"""The most rows whose products are added in a float64."""


class Sample(NamedTuple):
    """Some rows of a matrix, which steps are fitted on."""

    matrix: NDArray[np.float32]
    """Shape (n, dim)."""
    rows: NDArray[np.int64]
    threads: int

    def blocks(self, work: Callable[[Floats], Result]) -> Iterator[Result]:
        """Yield the results of `work` for all blocks of the rows, in their order."""

        def of(begin: int) -> Result:
            return work(self.matrix[self.rows[begin : begin + size]].astype(np.float64))

        size = block_rows(self.matrix.shape[1])
        yield from ordered(of, range(0, len(self.rows), size), self.threads)


def block_rows(dim: int) -> int:
    """Return how many rows of `dim` values make a block."""
    return max(1, min(_BLOCK_ROWS, _BLOCK_VALUES // max(1, dim)))


def mean(sample: Sample) -> NDArray[np.float32]:
    """Return the mean of each column, shape (dim,)."""
    count, largest = len(sample.rows), _largest(sample)
    shift = _INT64_BITS - count.bit_length() - _exponent(largest)
    total = np.zeros(len(largest), np.int64)
    for part in sample.blocks(lambda x: _whole(x, shift).sum(axis=0)):
        total += part
    scaled: Floats = np.ldexp(total.astype(np.float64), -shift)
    return (scaled / count).astype(np.float32)


def covariance(sample: Sample, mean: NDArray[np.float32]) -> Floats:
    """Return the covariance of the columns, shape (dim, dim)."""
    count = len(sample.rows)
    bits = min((_EXACT_BITS - _BLOCK_ROWS.bit_length() + 1) // 2, (62 - count.bit_length()) // 2)
    shift = bits - _exponent(_largest(sample) + np.abs(mean))
    total = np.zeros((len(mean), len(mean)), np.int64)
    for part in sample.blocks(partial(_products, mean=mean.astype(np.float64), shift=shift)):
        total += part
    scaled: Floats = np.ldexp(total.astype(np.float64), -shift[:, None] - shift)
    return scaled / count


def product(x: Floats, components: NDArray[np.float32]) -> Floats:
    """Return the products of the rows `x` with `components`, shape (len(x), len(components)).

    The components are multiples of 2^-20 of at most 1. A row's result depends on that row alone.
    """
    bits = _EXACT_BITS - GRID_BITS - (x.shape[1] - 1).bit_length()
    shift = bits - _exponent(np.abs(x).max(axis=1, initial=0))
    whole = np.rint(np.ldexp(x, shift[:, None]))
    products = whole @ np.ldexp(components.astype(np.float64), GRID_BITS).T
    scaled: Floats = np.ldexp(products, -shift[:, None] - GRID_BITS)
    return scaled


def on_grid(components: Floats) -> NDArray[np.float32]:
    """Return the nearest components for `product`."""
    return np.ldexp(np.rint(np.ldexp(components, GRID_BITS)), -GRID_BITS).astype(np.float32)


def squares(x: Floats) -> Floats:
    """Return the sum of the squares of each row, added in the order of the columns."""
    total: Floats = (x * x).T.copy().sum(axis=0)
    return total


def _products(x: Floats, mean: Floats, shift: NDArray[np.int32]) -> NDArray[np.int64]:
    whole = np.rint(np.ldexp(x - mean, shift))
    return (whole.T @ whole).astype(np.int64)


def _whole(x: Floats, shift: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.rint(np.ldexp(x, shift)).astype(np.int64)


def _largest(sample: Sample) -> Floats:
    """Return the largest absolute value of each column."""
    largest = np.zeros(sample.matrix.shape[1])
    for part in sample.blocks(lambda x: np.abs(x).max(axis=0)):
        np.maximum(largest, part, out=largest)
    return largest


def _exponent(largest: Floats) -> NDArray[np.int32]:
    """Return the least e with |x| <= 2^e."""
    exponent: NDArray[np.int32] = np.frexp(largest)[1]
    return exponent
