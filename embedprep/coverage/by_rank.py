"""Coverage by frequency: of the most frequent types alone, and as a curve.

Comes in: for each type whether it has a vector, and how often it occurs. Goes out: a `ByRank` of
plain Python numbers.
"""

from __future__ import annotations

from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from embedprep.coverage.record import AtRank, ByRank, Share

TOP = (100, 1_000, 10_000, 100_000, 1_000_000)
"""The ranks that are reported individually."""

_CURVE_POINTS = 96
"""The points of the curve. With `TOP` there are about a hundred: finer than the eye can see."""


def by_rank(found: NDArray[np.bool_], counts: NDArray[np.int64] | None) -> ByRank:
    """Return the coverage of the first types by count, or in the given order without counts.

    `found[i]` and `counts[i]` are of type i, shape (types,). Types of equal count stay in the given
    order.
    """
    order = "id" if counts is None else "count"
    types = len(found)
    if types == 0:
        return ByRank(order, (), ())
    if counts is not None:
        by_count = np.argsort(-counts, kind="stable")
        found, counts = found[by_count], counts[by_count]

    top = [*takewhile(lambda rank: rank < types, TOP), types]
    ranks = sorted({*_logarithmic(types), *top})
    # Counted without a copy: there may be millions.
    up_to = np.cumsum(found, dtype=np.int64)[np.array(ranks) - 1].tolist()
    types_of = {rank: Share(rank, some) for rank, some in zip(ranks, up_to, strict=True)}
    tokens_of: dict[int, Share | None] = dict.fromkeys(ranks)
    if counts is not None:
        tokens_of.update(zip(ranks, _shares(found, counts, ranks), strict=True))
    text = tokens_of[types]
    return ByRank(
        order,
        tuple(AtRank(rank, types_of[rank], tokens_of[rank]) for rank in top),
        tuple((rank, types_of[rank].ratio, _part(tokens_of[rank], text)) for rank in ranks),
    )


def _logarithmic(last: int) -> list[int]:
    """Return distinct ranks from 1 to `last`: first all of them, then in equal ratios."""
    ranks: list[int] = np.rint(np.geomspace(1, last, _CURVE_POINTS)).astype(np.int64).tolist()
    return ranks


def _shares(found: NDArray[np.bool_], weights: NDArray[np.int64], ranks: list[int]) -> list[Share]:
    """Return the share of the weight up to each rank that belongs to types with a vector."""
    last = np.array(ranks) - 1
    totals = np.cumsum(weights)[last].tolist()
    covered = np.cumsum(np.where(found, weights, 0))[last].tolist()
    return [Share(*share) for share in zip(totals, covered, strict=True)]


def _part(tokens: Share | None, text: Share | None) -> float | None:
    """Return the share of the whole text that the found tokens make up."""
    if tokens is None or text is None:
        return None
    return Share(text.total, tokens.found).ratio
