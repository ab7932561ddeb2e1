"""The part of the page about the rows themselves: their norms, and the neighbours of some words."""

from __future__ import annotations

import re

import numpy as np

from embedprep.named_tuples import NamedTuple
from embedprep.report.html.sample import Matrix, directions, filled, found, norms

WORDS = 10
"""The words whose neighbours are shown."""
_NEIGHBOURS = 6
_FIRST = 1_000
"""The words are taken from the first of the matrix: most tokenizers number by frequency."""
_BARS = 40

_LETTERS = re.compile(r"[^\W\d_Ġ]{4}")
"""Short words are mostly articles and the like, whose neighbours say little."""


class Histogram(NamedTuple):
    """Norms of rows, or the reason why there are none."""

    caption: str
    bars: tuple[tuple[str, int, float], ...] = ()
    """The series (`exact` or `oov`), the place from 0 to 39, and the height in per cent."""
    axis: tuple[str, ...] = ()
    """The norms at its left, middle and right."""


def histogram(matrix: Matrix) -> Histogram:
    """Return the norms of the rows found, and of those filled by `--oov` beside them."""
    lengths, others = norms(matrix, found(matrix)), norms(matrix, filled(matrix)).values
    values = lengths.values
    if not len(values):
        return Histogram("No row has a vector, so there are no norms to show.")
    low, middle, high = (float(value) for value in np.quantile(values, (0, 0.5, 1)))
    caption = f"Norms from {low:.4g} to {high:.4g}, median {middle:.4g}, of "
    if lengths.read < lengths.rows:
        caption += f"{lengths.read:,} rows, evenly spread over the {lengths.rows:,} found."
    else:
        caption += f"all {lengths.rows:,} rows found."
    top = float(np.quantile(values, 0.999))
    if high <= 3 * top:
        top = high
    else:  # a few giant norms would press all others into one bar
        beyond = int((values > top).sum())
        caption += f" The {beyond:,} above {top:.4g} are not drawn."
    if unusual := lengths.read - len(values):
        caption += f" {unusual:,} rows hold values that are not finite."
    series = [("exact", values)]
    if len(others):
        caption += f" Rows filled by --oov: median {float(np.median(others)):.4g}."
        low, top = min(low, float(others.min())), max(top, float(others.max()))
        series.append(("oov", others))
    # All the same: without room around it a bar fills the whole picture.
    if top - low <= 1e-3 * top:
        room = 0.1 * top or 0.5
        low, top = max(0.0, low - room), top + room
    bars = []
    for name, some in series:
        numbers, _ = np.histogram(some, bins=_BARS, range=(low, top))
        heights = 100 * numbers / max(1, numbers.max())
        bars += [(name, i, height) for i, height in enumerate(heights.tolist()) if height]
    return Histogram(caption, tuple(bars), tuple(f"{x:.3g}" for x in (low, (low + top) / 2, top)))


class Neighbours(NamedTuple):
    """A word, and the tokens with the nearest vectors with their cosines, the nearest first."""

    token: str
    nearest: tuple[tuple[str, float], ...]


class Nearest(NamedTuple):
    """Some words with their neighbours among the first `compared` of the `found` rows."""

    words: tuple[Neighbours, ...]
    compared: int
    found: int


def nearest(matrix: Matrix) -> Nearest:
    """Return the neighbours of some of the first words, which should be related to them."""
    rows, units = directions(matrix)
    names = [matrix.tokens[row] for row in rows.tolist()]
    some = [i for i, name in enumerate(names[:_FIRST]) if _LETTERS.search(name)]
    if len(some) < WORDS:
        some = [i for i, name in enumerate(names[:_FIRST]) if name]
    if len(names) < 2 or not some:
        return Nearest((), len(names), len(found(matrix)))
    # Most of them among the first, and some farther on.
    chosen = [some[k - 1] for k in sorted({round(k) for k in np.geomspace(1, len(some), WORDS)})]
    cosines = units @ units[chosen].T
    words = []
    for i, column in zip(chosen, cosines.T, strict=True):
        order = np.argsort(-column, kind="stable")[: 2 * _NEIGHBOURS].tolist()
        others: dict[str, float] = {}
        for j in order:
            if names[j] != names[i]:
                others.setdefault(names[j], float(column[j]))
        words.append(Neighbours(names[i], tuple(others.items())[:_NEIGHBOURS]))
    return Nearest(tuple(words), len(names), len(found(matrix)))
