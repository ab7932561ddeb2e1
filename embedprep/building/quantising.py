"""Final rows to int8 for `--dtype int8`, and what that costs them.

Comes in: the float32 rows. Goes out: whole numbers at their destination, the scales, and the bill.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.quantised import Numbers, Scales, scales_of
from embedprep.coverage.record import Quantisation
from embedprep.named_tuples import NamedTuple
from embedprep.post.effect import spread
from embedprep.post.exact import block_rows
from embedprep.provenance import Provenance
from embedprep.vectors.blocks import ordered
from embedprep.vocabulary import Vocabulary

Rows = NDArray[np.float32]
Some = Callable[[NDArray[np.int64]], Rows]
"""A function that returns some rows, or multiples of them."""

_NEAREST = 10
_MOST_VALUES, _MOST_PRODUCTS, _MOST_ROWS = 1 << 24, 1 << 29, 1 << 10
"""The most values of rows among which neighbours are looked for, the most products that this takes,
and the most rows whose neighbours are looked for: all of it takes some tenths of a second.
"""
_BLOCK_VALUES = 1 << 22
"""Enough values that a library of linear algebra does not lose its time between two blocks."""
_MARGIN = 1e-4
"""Above the error of a cosine in float32, which for 300 dimensions stays below 1e-6."""


class Quantised(NamedTuple):
    """The scales of rows of int8, and the cost of the rounding."""

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
    found = np.flatnonzero((provenance >= Provenance.EXACT) & (sine < 1))
    # A row has the direction of its whole numbers, whatever its scale.
    kept = _neighbours_kept(
        lambda some: rows[some] * scales[some, None],
        lambda some: matrix[some].astype(np.float32),
        spread(found, max(1, _MOST_VALUES // rows.shape[1])),
    )
    return Quantised(scales, _bill(error, sine, vocabulary, kept))


def _block(rows: Rows) -> _Block:
    scales = scales_of(rows)
    scaled = rows * scales[:, None]
    numbers = np.rint(scaled)
    lost = scaled - numbers  # exact in float32, so neither measure cancels
    own, kept, gone = (np.einsum("ij,ij->i", x, x) for x in (scaled, numbers, lost))
    along = (own - kept + gone) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(kept > 0, np.sqrt(gone / own), np.float32(1))
        sine = np.where(kept > 0, (gone - along * along / own) / kept, np.float32(1))
    small = np.flatnonzero(own == 0)  # maybe not zeros: squares of tiny numbers are
    zeros = small[~rows[small].any(axis=1)]
    error[zeros] = sine[zeros] = np.nan
    return _Block(numbers.astype(np.int8), scales, error, sine)


class _Kept(NamedTuple):
    """How many of the ten nearest rows are still among the ten, on average."""

    neighbours: float | None
    compared: int
    """For so many rows."""
    among: int
    """Among so many rows."""


def _bill(
    error: NDArray[np.float32], sine: NDArray[np.float32], vocabulary: Vocabulary, kept: _Kept
) -> Quantisation:
    """Return the record for the report. Rows of zeros take no part."""
    some = np.flatnonzero(~np.isnan(sine))
    if len(some) == 0:
        return Quantisation(None, None, None, None, None, *kept)
    worst = int(some[np.argmax(sine[some])])
    cosine = float(np.sqrt(max(0, 1 - float(sine[worst]))))
    token = vocabulary.tokens[int(np.flatnonzero(vocabulary.rows == worst)[0])]
    return Quantisation(
        float(f"{error[some].mean(dtype=np.float64):.4g}"),
        float(f"{error[some].max():.4g}"),
        round(cosine, 6),
        token,
        worst,
        *kept,
    )


def _neighbours_kept(before: Some, after: Some, among: NDArray[np.int64]) -> _Kept:
    """Find the nearest of the rows `among` for some of them, before and after."""
    nearest = min(_NEAREST, len(among) - 1)
    if nearest < 1:
        return _Kept(None, 0, 0)
    values = before(among[:1]).size * len(among)
    places = np.arange(len(among))
    chosen = spread(places, max(1, min(_MOST_ROWS, _MOST_PRODUCTS // values)))
    one, other = (_nearest(rows, among, chosen, nearest) for rows in (before, after))
    same = sum(len(np.intersect1d(*pair)) for pair in zip(one, other, strict=True))
    average = round(same / len(chosen) * _NEAREST / nearest, 2)
    return _Kept(average, len(chosen), len(among))


def _nearest(
    rows: Some, among: NDArray[np.int64], chosen: NDArray[np.int64], nearest: int
) -> list[NDArray[np.int64]]:
    """Return the nearest rows for each of those at `chosen`, as places in `among`.

    A library of linear algebra says which can be among the nearest; these few are compared in
    float64, so that the processor and the number of threads do not matter.
    """
    queries = _units(rows(among[chosen]))
    cosines = np.empty((len(among), len(chosen)), np.float32)
    step = max(1, _BLOCK_VALUES // queries.shape[1])
    for begin in range(0, len(among), step):
        block = rows(among[begin : begin + step])
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))
        np.divide(block @ queries.T, lengths[:, None], out=cosines[begin : begin + step])
    cosines[chosen, np.arange(len(chosen))] = -np.inf
    return [
        _best(rows, among, place, np.ascontiguousarray(cosines[:, number]), nearest)
        for number, place in enumerate(chosen.tolist())
    ]


def _best(
    rows: Some,
    among: NDArray[np.int64],
    query: int,
    cosines: NDArray[np.float32],
    nearest: int,
) -> NDArray[np.int64]:
    least = np.partition(cosines, -nearest)[-nearest] - _MARGIN
    near = np.flatnonzero(cosines >= least)
    own = rows(among[[query]])[0].astype(np.float64)
    step = block_rows(len(own))
    exact = [
        np.einsum("ij,j->i", _units(rows(among[near[i : i + step]]).astype(np.float64)), own)
        for i in range(0, len(near), step)
    ]
    return near[np.lexsort((near, -np.concatenate(exact)))[:nearest]]


def _units(rows: NDArray[Any]) -> NDArray[Any]:
    units: NDArray[Any] = rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    return units
