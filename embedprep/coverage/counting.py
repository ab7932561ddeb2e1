"""Count what a matrix covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedprep.coverage.by_rank import by_rank
from embedprep.coverage.counted_tokens import CountedTokens
from embedprep.coverage.record import MISSING_LISTED, Counts, Kind, Missing, Share, Special
from embedprep.provenance import Provenance
from embedprep.vocabulary.model import Role, Vocabulary

NOT_EXAMINED = "not examined"
"""The kind of missing tokens that were not examined, because there are too many."""

LONGEST_LISTED = 1_000
"""The longest missing token that a report lists, in characters."""

_MADE_OF_OTHERS = (Provenance.SUBWORD, Provenance.PIECES, Provenance.COMPOSED)
"""Counted separately among the found rows, because no word of the vector file is their source."""


def count(
    tokens: CountedTokens,
    missing: CountedTokens,
    examined: CountedTokens,
    kinds: Sequence[str],
    rows: dict[str, int],
    special: Special,
) -> Counts:
    """Return the counts of all `tokens` and of those that are `missing`.

    `kinds` are the kinds of the `examined` tokens, the most frequent of the missing ones.
    """
    found, counts = tokens.found, tokens.counts
    return Counts(
        vocabulary=_share(tokens, np.ones(len(found), np.int64)),
        text=None if counts is None else _share(tokens, counts),
        rows=rows,
        special=special,
        missing=_most_frequent(examined, kinds),
        kinds=_by_kind(missing, examined, kinds),
        by_rank=by_rank(found, counts),
    )


def rows_by_provenance(provenance: NDArray[np.uint8], more: Sequence[Provenance]) -> dict[str, int]:
    """Return the rows by provenance, the best first.

    `more` are the codes that this build can have in addition to those of every build.
    """
    codes = (
        Provenance.EXACT,
        *more,
        Provenance.SUBWORD,
        Provenance.PARTIAL,
        Provenance.OOV,
        Provenance.PADDING,
        Provenance.UNASSIGNED,
    )
    by_code = np.bincount(provenance, minlength=max(Provenance) + 1)
    return {code.label: int(by_code[code]) for code in codes}


def special_tokens(vocabulary: Vocabulary, provenance: NDArray[np.uint8]) -> Special:
    """Return the number of special tokens, and of those among them without a vector."""
    special = vocabulary.roles != Role.WORD
    without = provenance[vocabulary.rows[special]] == Provenance.OOV
    return Special(tokens=int(np.count_nonzero(special)), oov=int(np.count_nonzero(without)))


def _share(tokens: CountedTokens, weights: NDArray[np.int64]) -> Share:
    composed = np.isin(tokens.provenance, _MADE_OF_OTHERS)
    found, made = (int(weights[chosen].sum()) for chosen in (tokens.found, composed))
    return Share(int(weights.sum()), found, made)


def _by_kind(
    missing: CountedTokens, examined: CountedTokens, kinds: Sequence[str]
) -> tuple[Kind, ...]:
    """Return the tokens of each kind and their occurrences, the most frequent kind first."""
    tokens, weights = Counter(kinds), Counter[str]()
    for kind, weight in zip(kinds, examined.weights.tolist(), strict=True):
        weights[kind] += weight
    if len(examined) < len(missing):
        tokens[NOT_EXAMINED] = len(missing) - len(examined)
        weights[NOT_EXAMINED] = int(missing.weights.sum() - examined.weights.sum())
    order = sorted(tokens, key=lambda kind: (-weights[kind], -tokens[kind], kind))
    known = missing.counts is not None
    return tuple(Kind(kind, tokens[kind], weights[kind] if known else None) for kind in order)


def _most_frequent(missing: CountedTokens, kinds: Sequence[str]) -> tuple[Missing, ...]:
    """Sort by count if there are counts, otherwise by row: most tokenizers sort by frequency.

    Very long tokens are counted, and not listed: no report is too large to be read again.
    """
    order = np.argsort(-missing.weights, kind="stable")
    if max(map(len, missing.tokens), default=0) > LONGEST_LISTED:
        order = order[[len(missing.tokens[i]) <= LONGEST_LISTED for i in order.tolist()]]
    order = order[:MISSING_LISTED]
    return tuple(
        Missing(
            token=missing.tokens[i],
            row=int(missing.rows[i]),
            count=None if missing.counts is None else int(missing.counts[i]),
            kind=kinds[i],
        )
        for i in order.tolist()
    )
