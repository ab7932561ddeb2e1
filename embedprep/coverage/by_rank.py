"""Coverage by frequency: of the most frequent tokens alone.

Comes in: for each token whether it has a vector, and how often it occurs. Goes out: a `ByRank` of
plain Python numbers.
"""

from __future__ import annotations

from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from embedprep.coverage.record import AtRank, ByRank, Share

TOP = (100, 1_000, 10_000, 100_000, 1_000_000)
"""The ranks that are reported."""


def by_rank(found: NDArray[np.bool_], counts: NDArray[np.int64] | None) -> ByRank:
    """Return the coverage of the first tokens by count, or in the given order without counts.

    `found[i]` and `counts[i]` are of token i, shape (tokens,). Tokens of equal count stay in the
    given order.
    """
    tokens = len(found)
    ranks = [*takewhile(lambda rank: rank < tokens, TOP), tokens] if tokens else []
    last = np.array(ranks, np.int64) - 1
    if counts is not None:
        by_count = np.argsort(-counts, kind="stable")
        found, counts = found[by_count], counts[by_count]
    # Counted without a copy: there may be millions.
    up_to = np.cumsum(found, dtype=np.int64)[last].tolist()
    vocabulary = [Share(rank, some) for rank, some in zip(ranks, up_to, strict=True)]
    if counts is None:
        return ByRank("id", tuple(AtRank(share.total, share, None) for share in vocabulary))
    totals = np.cumsum(counts)[last].tolist()
    covered = np.cumsum(np.where(found, counts, 0))[last].tolist()
    text = [Share(*share) for share in zip(totals, covered, strict=True)]
    return ByRank("count", tuple(map(AtRank, ranks, vocabulary, text)))
