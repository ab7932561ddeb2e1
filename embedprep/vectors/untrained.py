"""Rows of a model's table that were never trained.

Comes in: some rows that are known to be unused, such as BERT's `[unused5]`. Goes out: which other
rows look like them. Every row begins with the same distribution, and the training that moves all
others leaves these where they were, or shrinks them together. So they have one norm and one
direction, and a row is taken for untrained if it is as near to their mean as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NAME = re.compile(rb"[\[<{]\|?(?:unused|reserved)[a-z_ -]*\d+\|?[\]>}]", re.IGNORECASE)
"""The names of unused tokens: `[unused5]`, `<unused5>`, `<|reserved_special_token_5|>`."""
_FEWEST = 4
"""The fewest rows that show where untrained rows are."""
_MOST = 256
"""The most rows that are looked at; more would not move their mean."""
_TOGETHER = 0.6
"""How far from their mean they may be, at most, as a share of their norm: otherwise they are
scattered around the origin, as random numbers are, and show no place.
"""
_FARTHER = 0.2
"""How much farther from their mean than half of them a row may be. In MiniLM's table the farthest
of the 994 unused rows is at 0.15, and rare signs that were trained a little begin at about 0.2.
"""
_DEVIATIONS = 4
"""The same in standard deviations of the distance, which is large in few dimensions."""


def unused(keys: Sequence[bytes]) -> NDArray[np.int64]:
    """Return the indices of the keys that are named as unused, or some of them, if many are."""
    named = [i for i, key in enumerate(keys) if key[-1:] in b"]>}" and _NAME.fullmatch(key)]
    return some_of(np.array(named, np.int64))


def some_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return at most as many of `rows` as are looked at, evenly spread."""
    return rows[:: -(-len(rows) // _MOST)] if len(rows) else rows


class Untrained:
    """The place of untrained rows among the vectors of one table."""

    def __init__(self, mean: NDArray[np.float64], farthest: float) -> None:
        self._mean = mean
        self._farthest = farthest

    @classmethod
    def like(cls, rows: NDArray[np.floating]) -> Untrained | None:
        """Return the place that `rows`, which are known to be unused, show; None if none."""
        if len(rows) < _FEWEST:
            return None
        exact = rows.astype(np.float64)
        mean = np.median(exact, axis=0)  # some may be in use after all
        distance = float(np.median(np.linalg.norm(exact - mean, axis=1)))
        if distance > _TOGETHER * float(np.median(np.linalg.norm(exact, axis=1))):
            return None
        deviation = (2 * rows.shape[1]) ** -0.5  # of the length of a random vector, if that is 1
        return cls(mean, distance * (1 + max(_FARTHER, _DEVIATIONS * deviation)))

    def among(self, rows: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return a mask of the rows that were never trained."""
        distance = np.linalg.norm(rows.astype(np.float64) - self._mean, axis=1)
        near: NDArray[np.bool_] = distance <= self._farthest
        return near
