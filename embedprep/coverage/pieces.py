"""The gain of `--pieces mean`: missing pieces that known words of your text contain.

Comes in: the missing tokens, the words of your text, and the census of each vector file. Nothing is
read again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedprep.coverage.counted_tokens import CountedTokens
from embedprep.coverage.record import OfPieces
from embedprep.matching.census import Census
from embedprep.vocabulary.piece_words import piece_words
from embedprep.vocabulary.word_list import WordList


def gain(
    missing: CountedTokens, word_list: WordList, censuses: Sequence[Census]
) -> OfPieces | None:
    """Return how many of the `missing` tokens would get the mean of words; None if none would.

    The `censuses` are complete.
    """
    known = np.logical_or.reduce([census.contains(word_list.words) for census in censuses])
    words = [word_list.words[place] for place in np.flatnonzero(known).tolist()]
    found = piece_words(missing.lookup.vocabulary, WordList(words, word_list.counts[known]))
    gained = np.isin(missing.rows, found.row)
    if not gained.any():
        return None
    counts = missing.counts
    return OfPieces(
        tokens=int(np.count_nonzero(gained)),
        occurrences=None if counts is None else int(counts[gained].sum()),
    )
