"""Final rows to int8 for `--dtype int8`, and what that costs them.

Comes in: the float32 rows. Goes out: whole numbers at their destination, the scales, and the bill.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.quantised import Numbers, Scales, quantised, scales_of
from embedprep.coverage.record import Quantisation
from embedprep.post.exact import block_rows
from embedprep.provenance import Provenance
from embedprep.vectors.blocks import ordered
from embedprep.vocabulary import Vocabulary

Rows = NDArray[np.float32]
Some = Callable[[NDArray[np.int64]], Rows]
"""A function that returns some rows, or multiples of them."""

_NEAREST = 10
_PRODUCTS, _COSINES, _MOST_ROWS = 1 << 31, 1 << 23, 1 << 10
"""The most products and cosines that are computed to compare neighbours, and the most rows whose
neighbours are compared.
"""
_VALUES = 1 << 20
"""The most values of a block."""
_MARGIN = 1e-4
"""Above the error of a cosine in float32, which for 300 dimensions stays below 1e-6."""


class Quantised(NamedTuple):
    """What is known of rows that are int8 now."""

    scales: Scales
    quantisation: Quantisation


class _Block(NamedTuple):
    """Some rows of int8, and what became of each."""

    numbers: Numbers
    scales: Scales
    error: NDArray[np.float32]
    """The length of what a row lost, as a share of its own; nan for a row of zeros."""
    sine: NDArray[np.float32]
    """The square of the sine of the angle by which it turned; nan likewise, 1 if all is lost."""


def quantise(
    rows: Rows,
    matrix: Numbers,
    vocabulary: Vocabulary,
    provenance: NDArray[np.uint8],
    threads: int,
) -> Quantised:
    """Put `rows` into `matrix`, block by block, and return the scales and the bill."""
    size = block_rows(rows.shape[1])
    begins = range(0, len(rows), size)

    def work(begin: int) -> _Block:
        return _block(rows[begin : begin + size])

    scales, error, sine = (np.empty(len(rows), np.float32) for _ in range(3))
    for begin, block in zip(begins, ordered(work, begins, threads), strict=True):
        some = slice(begin, begin + size)
        matrix[some], scales[some], error[some], sine[some] = block
    # A row has the direction of its whole numbers, whatever its scale.
    found = np.flatnonzero((provenance >= Provenance.EXACT) & (sine < 1))
    kept = _neighbours_kept(
        lambda some: rows[some] * scales[some, None],
        lambda some: matrix[some].astype(np.float32),
        rows.shape[1],
        found,
    )
    return Quantised(scales, _bill(error, sine, vocabulary, kept))


def _block(rows: Rows) -> _Block:
    scales = scales_of(rows)
    scaled = rows * scales[:, None]
    numbers = quantised(scaled)
    lost = scaled - numbers  # exact in float32, so neither measure cancels
    with np.errstate(invalid="ignore"):
        own, gone, along = (
            np.einsum("ij,ij->i", *pair)
            for pair in ((scaled, scaled), (lost, lost), (scaled, lost))
        )
        kept = own - 2 * along + gone
        error = np.sqrt(gone / own)
        sine = np.where(kept > 0, (gone - along * along / own) / kept, np.float32(1))
        sine[own == 0] = np.nan
    return _Block(numbers, scales, error, sine)


def _bill(
    error: NDArray[np.float32],
    sine: NDArray[np.float32],
    vocabulary: Vocabulary,
    kept: tuple[int, float | None],
) -> Quantisation:
    """Return the record for the report. Rows of zeros take no part."""
    compared, neighbours = kept
    some = np.flatnonzero(error == error)
    if len(some) == 0:
        return Quantisation(None, None, None, None, None, neighbours, compared)
    worst = int(some[np.argmax(sine[some])])
    cosine = float(np.sqrt(max(0, 1 - float(sine[worst]))))
    place = np.flatnonzero(vocabulary.rows == worst)
    return Quantisation(
        float(f"{error[some].mean(dtype=np.float64):.4g}"),
        float(f"{error[some].max():.4g}"),
        round(cosine, 6),
        vocabulary.tokens[place[0]],
        worst,
        neighbours,
        compared,
    )


def _neighbours_kept(
    before: Some, after: Some, dim: int, found: NDArray[np.int64]
) -> tuple[int, float | None]:
    """Return how many of the rows `found`, evenly spread, were compared, and how many of their ten
    nearest neighbours among all rows found are still among the ten, on average.
    """
    among = len(found)
    nearest = min(_NEAREST, among - 1)
    if nearest < 1:
        return 0, None
    some = max(1, min(among, _MOST_ROWS, _PRODUCTS // (among * dim), _COSINES // among))
    chosen = np.arange(some) * among // some
    one, other = (_nearest(side, found, chosen, nearest) for side in (before, after))
    same = sum(len(np.intersect1d(*pair)) for pair in zip(one, other, strict=True))
    return some, round(same / some * _NEAREST / nearest, 2)


def _nearest(
    rows: Some, found: NDArray[np.int64], chosen: NDArray[np.int64], nearest: int
) -> list[NDArray[np.int64]]:
    """Return the nearest rows for each of the rows `found` at `chosen`, as places in `found`.

    A library of linear algebra says which can be among the nearest; these few are compared in
    float64, so that the processor and the number of threads do not matter.
    """
    queries = rows(found[chosen])
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    cosines = np.empty((len(chosen), len(found)), np.float32)
    step = max(1, _VALUES // queries.shape[1])
    for begin in range(0, len(found), step):
        block = rows(found[begin : begin + step])
        part = cosines[:, begin : begin + step]
        np.matmul(queries, block.T, out=part)
        part /= np.sqrt(np.einsum("ij,ij->i", block, block))
    cosines[np.arange(len(chosen)), chosen] = -np.inf
    return [
        _best(rows, found, query, line, nearest)
        for query, line in zip(chosen, cosines, strict=True)
    ]


def _best(
    rows: Some,
    found: NDArray[np.int64],
    query: np.int64,
    cosines: NDArray[np.float32],
    nearest: int,
) -> NDArray[np.int64]:
    near = np.flatnonzero(cosines >= np.partition(cosines, -nearest)[-nearest] - _MARGIN)
    own = rows(found[[query]])[0].astype(np.float64)
    step = max(1, _VALUES // len(own))
    exact = [
        _products(rows(found[near[begin : begin + step]]), own)
        for begin in range(0, len(near), step)
    ]
    return near[np.lexsort((near, -np.concatenate(exact)))[:nearest]]


def _products(rows: Rows, query: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cosines, each multiplied by the length of `query`."""
    wide = rows.astype(np.float64)
    products: NDArray[np.float64] = np.einsum("ij,j->i", wide, query)
    return products / np.sqrt(np.einsum("ij,ij->i", wide, wide))
