"""From the rows of a matrix to everything that the report says about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep.coverage.counted_tokens import CountedTokens
from embedprep.coverage.counting import count, rows_by_provenance, special_tokens
from embedprep.coverage.record import Advice, Counts, OfPieces, Recommended
from embedprep.fallback.rule import Rule
from embedprep.lookup import Lookup
from embedprep.matching.census import Census
from embedprep.named_tuples import NamedTuple
from embedprep.provenance import Provenance

if TYPE_CHECKING:
    from embedprep.coverage.advice import Finds
    from embedprep.vocabulary.word_list import WordList

MOST_EXAMINED = 50_000
"""The most missing tokens that are examined one by one, the most frequent ones: that takes seconds.
Millions of them would take minutes, and the rest hardly changes the report.
"""

MOST_COMPARED = 1_000_000
"""The most found tokens that a missing one may be a misspelling of, the most frequent ones: all
their letters are held in memory.
"""


class Measured(NamedTuple):
    """The part of the report that is counted, not copied from the inputs."""

    counts: Counts
    advice: tuple[Advice, ...] = ()
    recommended: Recommended | None = None
    pieces: OfPieces | None = None


class Examined(NamedTuple):
    """The missing tokens that were examined one by one, by frequency."""

    tokens: CountedTokens
    finds: Finds | None
    """The forms of them that unused rules would find."""


def measure(
    lookup: Lookup,
    provenance: NDArray[np.uint8],
    censuses: Sequence[Census] | None,
    min_gain: float,
    words: Callable[[], WordList | None] = lambda: None,
    again: Examined | None = None,
) -> Measured:
    """Measure what `provenance`, one code per row, says about the vocabulary that was looked up.

    `censuses` contain the keys of the vector files, for advice; None gives none. A rule is
    recommended if it gains `min_gain` of the text, or of the vocabulary if there are no counts.
    `words` are those of your text, for what `--pieces mean` would gain. `again` are the tokens to
    examine, if they have been examined before and no rule was used since.
    """
    tokens = CountedTokens.of(lookup, provenance)
    missing = tokens.where(~tokens.found)
    rows = rows_by_provenance(provenance, _possible(lookup, provenance))
    special = special_tokens(lookup.vocabulary, provenance)
    if len(missing) == 0:
        return Measured(count(tokens, missing, missing, [], rows, special))
    # Imported here, because a build that finds everything never needs it.
    from embedprep.coverage.advice import advise, letters_found, recommend
    from embedprep.coverage.kinds import kinds_of

    examined, finds = again or _examine(missing, lookup, censuses)
    case, accent = letters_found(finds, len(examined))
    found = tokens.where(tokens.found).most_frequent(MOST_COMPARED).by_frequency()
    known = [word for word in found.words if word]
    surface = lookup.vocabulary.surface
    kinds = kinds_of(examined.tokens, examined.words, surface, known, case=case, accent=accent)
    counts = count(tokens, missing, examined, kinds, rows, special)
    if finds is None:
        return Measured(counts)
    enough = min_gain * int(tokens.weights.sum())
    share_of = int(missing.weights.sum())
    recommended = recommend(finds, examined, enough, share_of)
    of_pieces = None
    if censuses is not None and (word_list := words()) is not None:
        from embedprep.coverage.pieces import gain

        of_pieces = gain(missing, word_list, censuses)
    return Measured(counts, advise(finds, examined), recommended, of_pieces)


def choose_rules(
    lookup: Lookup,
    provenance: NDArray[np.uint8],
    censuses: Sequence[Census],
    min_gain: float,
) -> tuple[tuple[Rule, ...], Examined]:
    """Return the rules that `measure` would recommend if none has been used yet, and the tokens
    that were examined for this.
    """
    from embedprep.coverage.advice import recommend
    from embedprep.fallback.table import RULES

    tokens = CountedTokens.of(lookup, provenance)
    missing = tokens.where(~tokens.found)
    examined = _examine(missing, lookup, censuses)
    if examined.finds is None:
        return (), examined
    enough = min_gain * int(tokens.weights.sum())
    found = recommend(examined.finds, examined.tokens, enough, int(missing.weights.sum()))
    names = () if found is None else found.fallback
    return tuple(RULES[name] for name in names), examined


def _examine(missing: CountedTokens, lookup: Lookup, censuses: Sequence[Census] | None) -> Examined:
    from embedprep.coverage.advice import find

    examined = missing.most_frequent(MOST_EXAMINED).by_frequency()
    finds = None if censuses is None else find(examined.words, lookup.rules, censuses)
    if finds is not None and finds.examined < len(examined):
        examined = examined.where(np.arange(len(examined)) < finds.examined)
    return Examined(examined, finds)


def _possible(lookup: Lookup, provenance: NDArray[np.uint8]) -> list[Provenance]:
    """Return the codes that rows can have because of how they were looked up."""
    codes = [Provenance.of_rule(rule.name) for rule in lookup.rules]
    made = (Provenance.COMPOSED, Provenance.PIECES)
    return [*codes, *(code for code in made if (provenance == code).any())]
