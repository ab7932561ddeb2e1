"""Means, covariances and products that are the same, to the bit, on every machine.

A library of linear algebra adds in an order of its own, which depends on the processor, the number
of threads and the shape. So the numbers are first rounded to whole multiples of a power of two, few
enough bits that every product and every sum is exact in a float64: then no order matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple
from embedprep.vectors.blocks import ordered

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
Result = TypeVar("Result")

_EXACT_BITS = 53
"""A float64 holds whole numbers of so many bits."""
_INT64_BITS = 62
_FLOAT32_LIMIT = 128
"""A float32 is less than 2^128."""
GRID_BITS = 22
"""Components are multiples of 2^-22: with 300 columns, as many bits are left for the rows."""
_BLOCK_VALUES = 1 << 17
"""Few enough that the cache of a processor holds a block."""
_PRODUCT_VALUES = 1 << 19
"""The product of rows with themselves is fast for many rows only; these take 4 MiB."""
_BLOCK_BITS = 11
"""At most 2^11 rows are added in a float64, their sums in an int64."""


class Sample(NamedTuple):
    """Some rows of a matrix, which steps are fitted on."""

    matrix: NDArray[np.float32]
    """Shape (n, dim)."""
    rows: NDArray[np.int64]
    threads: int

    def blocks(self, work: Callable[[NDArray[np.float32]], Result]) -> Iterator[Result]:
        """Yield the results of `work` for all blocks of the rows, in their order."""

        def of(begin: int) -> Result:
            return work(self.matrix[self.rows[begin : begin + size]])

        size = block_rows(self.matrix.shape[1])
        yield from ordered(of, range(0, len(self.rows), size), self.threads)


def block_rows(dim: int) -> int:
    """Return how many rows of `dim` values make a block."""
    return max(1, min(1 << _BLOCK_BITS, _BLOCK_VALUES // max(1, dim)))


def largest(sample: Sample) -> Floats:
    """Return the largest absolute value of each column, shape (dim,)."""
    found = np.zeros(sample.matrix.shape[1], np.float32)
    for part in sample.blocks(lambda x: np.maximum(x.max(axis=0), -x.min(axis=0))):
        np.maximum(found, part, out=found)
    return found.astype(np.float64)


def mean(sample: Sample, largest: Floats) -> NDArray[np.float32]:
    """Return the mean of each column, whose `largest` values are known, shape (dim,)."""
    count = len(sample.rows)
    bits = min(_EXACT_BITS - _BLOCK_BITS, _INT64_BITS - count.bit_length())
    shift = bits - _exponent(largest)
    power = _power(shift)
    total = np.zeros(len(largest), np.int64)

    def sums(x: Rows) -> Floats:
        whole = x * power
        total: Floats = np.rint(whole, out=whole).sum(axis=0)
        return total

    for part in sample.blocks(sums):
        total += part.astype(np.int64)
    return (total.astype(np.float64) * _power(-shift) / count).astype(np.float32)


def covariance(sample: Sample, largest: Floats, mean: NDArray[np.float32]) -> Floats:
    """Return the covariance of the columns, shape (dim, dim)."""
    count, dim = len(sample.rows), len(mean)
    bits = min(_EXACT_BITS - _BLOCK_BITS, _INT64_BITS - count.bit_length()) // 2
    shift = bits - _exponent(largest + np.abs(mean))
    factor = _factor(shift)
    middle = mean * factor

    def products(begin: int) -> Floats:
        rows = sample.rows[begin : begin + together]
        whole = np.empty((len(rows), dim))
        for first in range(0, len(rows), size):
            x = sample.matrix[rows[first : first + size]] * factor
            x -= middle  # as near as x - mean, and never beyond the range of float32
            np.rint(x, out=whole[first : first + size])
        return whole.T @ whole

    size = block_rows(dim)
    together = max(size, min(1 << _BLOCK_BITS, _PRODUCT_VALUES // dim))
    total = np.zeros((dim, dim), np.int64)
    for part in ordered(products, range(0, count, together), sample.threads):
        total += part.astype(np.int64)
    return total.astype(np.float64) * _power(-shift)[:, None] * _power(-shift) / count


def product(x: Rows, components: NDArray[np.float32]) -> Floats:
    """Return the products of the rows `x` with `components`, shape (len(x), len(components)).

    The components are multiples of 2^-22 of at most 1. A row's result depends on that row alone.
    """
    bits = _EXACT_BITS - GRID_BITS - (x.shape[1] - 1).bit_length()
    largest = np.maximum(x.max(axis=1, initial=0), -x.min(axis=1, initial=0))
    shift = bits - _exponent(largest)
    whole = x * _power(shift)[:, None]
    np.rint(whole, out=whole)
    products: Floats = whole @ (components.T * 2.0**GRID_BITS)
    products *= _power(-shift - GRID_BITS)[:, None]
    return products


def on_grid(components: Floats) -> NDArray[np.float32]:
    """Return the nearest components for `product`."""
    return (np.rint(components * 2.0**GRID_BITS) * 2.0**-GRID_BITS).astype(np.float32)


def squares(x: NDArray[np.floating]) -> Floats:
    """Return the sum of the squares of each row, added in the order of the columns."""
    columns = x.T.astype(np.float64, order="C")
    columns *= columns
    total: Floats = columns.sum(axis=0)
    return total


def _power(exponent: NDArray[np.int32]) -> Floats:
    """Return 2 to these powers: a product with it is exact."""
    return np.ldexp(1.0, exponent).astype(np.float64)


def _factor(exponent: NDArray[np.int32]) -> Rows | Floats:
    """Return 2 to these powers, for rows: in float32, which is faster, unless one is beyond it."""
    power = _power(exponent)
    return power.astype(np.float32) if exponent.max() < _FLOAT32_LIMIT else power


def _exponent(largest: NDArray[np.floating]) -> NDArray[np.int32]:
    """Return the least e with |x| <= 2^e."""
    exponent: NDArray[np.int32] = np.frexp(largest)[1]
    return exponent
