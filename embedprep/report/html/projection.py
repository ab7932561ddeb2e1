"""Vectors in two dimensions, by principal components, and where their labels fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_NARROW_EM, _WIDE_EM = 0.6, 1.05
"""The width of a character in units of the font size: a generous estimate, because fonts differ."""
_LINE_EM = 1.25
_GAP = 5.0
"""The gap between a point and its label."""
_COLUMNS, _ROWS = 8, 7
"""The grid of the picture: each part gets a label before any part gets a second one."""


def principal_components(
    vectors: NDArray[np.float64],
) -> tuple[NDArray[np.float64], tuple[float, float]] | None:
    """Return `vectors`, shape (n, dim), projected to where they differ most: shape (n, 2).

    Also returns the share of the variance that each of the two dimensions shows. None for fewer
    than 3 vectors or 2 dimensions, and for vectors that are all equal.
    """
    n, dim = vectors.shape
    if n < 3 or dim < 2:
        return None
    centred = vectors - vectors.mean(axis=0)
    largest = np.abs(centred).max()
    if not largest:
        return None
    centred /= largest  # the sum of squares of the largest float32 would overflow
    if dim <= n:
        _, axes = np.linalg.eigh(centred.T @ centred)
        points = centred @ axes[:, [-1, -2]]
    else:  # the same points from the smaller of the two matrices
        values, axes = np.linalg.eigh(centred @ centred.T)
        points = axes[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 0))
    # An axis may point either way. The farthest point decides, so that pictures can be compared.
    farthest = points[np.abs(points).argmax(axis=0), [0, 1]]
    points = points * np.where(farthest < 0, -1.0, 1.0)
    shares = (points**2).sum(axis=0) / (centred**2).sum()
    return points, (float(shares[0]), float(shares[1]))


def fitted(
    points: NDArray[np.float64], width: float, height: float, margin: float
) -> NDArray[np.float64]:
    """Return `points`, shape (n, 2), moved into a picture, with one scale for both axes."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([width - 2 * margin, height - 2 * margin])
    scale = float((room / np.maximum(high - low, 1e-12)).min())
    moved: NDArray[np.float64] = (points - (low + high) / 2) * scale + [width / 2, height / 2]
    return moved


@dataclass(frozen=True)
class Label:
    """The text of point `index`, its anchor at (x, y), in the middle of its height."""

    index: int
    text: str
    x: float
    y: float
    side: str
    """The end of the text at the anchor: `left`, `right`, or its `center`."""


def labels(
    points: NDArray[np.float64],
    texts: Sequence[str],
    *,
    width: float,
    height: float,
    size: float,
    most: int,
) -> list[Label]:
    """Return at most `most` labels of font `size` that overlap neither each other nor the edge.

    Every part of the picture has its first point labelled before its second.
    """
    placed: list[Label] = []
    taken: list[_Box] = []
    for index in _in_turn(points, width, height):
        if len(placed) == most:
            break
        if not texts[index]:
            continue
        x, y = points[index].tolist()
        dot = _Box(x - _GAP / 2, y - _GAP / 2, x + _GAP / 2, y + _GAP / 2)
        if any(dot.meets(other) for other in taken):
            continue
        for label, box in _places(index, texts[index], x, y, size):
            if box.is_inside(width, height) and not any(box.meets(other) for other in taken):
                placed.append(label)
                taken += [box, dot]
                break
    return placed


class _Box(NamedTuple):
    left: float
    low: float
    right: float
    high: float

    def meets(self, other: _Box) -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.high <= other.low or other.high <= self.low)

    def is_inside(self, width: float, height: float) -> bool:
        return (
            self.left >= 2 and self.low >= 2 and self.right <= width - 2 and self.high <= height - 2
        )


def _in_turn(points: NDArray[np.float64], width: float, height: float) -> list[int]:
    cells = (points / [width / _COLUMNS, height / _ROWS]).astype(int)
    turns: dict[tuple[int, int], int] = {}
    order = []
    for index, (column, row) in enumerate(cells.tolist()):
        turn = turns[column, row] = turns.get((column, row), -1) + 1
        order.append((turn, index))
    return [index for _, index in sorted(order)]


def _places(index: int, text: str, x: float, y: float, size: float) -> list[tuple[Label, _Box]]:
    """Yield the possible places of a point's label, the best place first."""
    long, high = size * _ems(text), size * _LINE_EM
    above, below = y + _GAP + high / 2, y - _GAP - high / 2
    return [
        (
            Label(index, text, anchor, middle, side),
            _Box(left, middle - high / 2, left + long, middle + high / 2),
        )
        for anchor, middle, side, left in (
            (x + _GAP, y, "left", x + _GAP),
            (x - _GAP, y, "right", x - _GAP - long),
            (x, above, "center", x - long / 2),
            (x, below, "center", x - long / 2),
        )
    ]


def _ems(text: str) -> float:
    return sum(
        0.0
        if unicodedata.combining(c)
        else _WIDE_EM
        if unicodedata.east_asian_width(c) in "WF"
        else _NARROW_EM
        for c in text
    )
