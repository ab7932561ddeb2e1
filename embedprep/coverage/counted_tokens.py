"""The tokens of a vocabulary that the coverage counts, and which of them have a vector."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedprep.lookup import Lookup
from embedprep.provenance import Provenance
from embedprep.vocabulary.model import Role, Surface, Vocabulary


@dataclass(frozen=True, eq=False)
class CountedTokens:
    """Some of the distinct tokens of a vocabulary, in its order; none of them is special."""

    lookup: Lookup
    places: NDArray[np.int64]
    """Their indices among all tokens of the vocabulary."""
    provenance: NDArray[np.uint8]
    """The provenance of their rows."""

    @classmethod
    def of(cls, lookup: Lookup, provenance: NDArray[np.uint8]) -> CountedTokens:
        """Return all of them. Special tokens do not count, and equal tokens count once."""
        vocabulary = lookup.vocabulary
        places = np.flatnonzero((vocabulary.roles == Role.WORD) & _first_of_equals(vocabulary))
        return cls(lookup, places, provenance[vocabulary.rows[places]])

    def __len__(self) -> int:
        return len(self.places)

    @cached_property
    def tokens(self) -> list[str]:
        """They, as the vocabulary spells them."""
        return list(map(self.lookup.vocabulary.tokens.__getitem__, self.places.tolist()))

    @cached_property
    def words(self) -> list[str | None]:
        """The words without the marks of the tokenizer; None for a piece of a word."""
        words = list(map(self.lookup.words.__getitem__, self.places.tolist()))
        if self.lookup.vocabulary.surface is not Surface.PLAIN:
            return list(map(_text, words))
        if all(words):  # then they are the tokens
            return list[str | None](self.tokens)
        return [
            None if word is None else token for word, token in zip(words, self.tokens, strict=True)
        ]

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        return self.lookup.vocabulary.rows[self.places]

    @cached_property
    def counts(self) -> NDArray[np.int64] | None:
        """Return how often each occurs in the text, if that is known.

        If no word of the vocabulary occurs in the text, the text says nothing about it.
        """
        vocabulary = self.lookup.vocabulary
        counts = vocabulary.counts
        if counts is None or not counts[vocabulary.roles == Role.WORD].any():
            return None
        return counts[self.places]

    @cached_property
    def found(self) -> NDArray[np.bool_]:
        return self.provenance >= Provenance.EXACT

    @cached_property
    def weights(self) -> NDArray[np.int64]:
        """The weight of each token: its occurrences if they are known, otherwise one."""
        counts = self.counts
        return np.ones(len(self), np.int64) if counts is None else counts

    def by_frequency(self) -> CountedTokens:
        """Return the same tokens, those with the most weight first."""
        if self.counts is None:
            return self
        order = np.argsort(-self.counts, kind="stable")
        return CountedTokens(self.lookup, self.places[order], self.provenance[order])

    def most_frequent(self, most: int) -> CountedTokens:
        """Keep the `most` tokens with the most weight, in the same order."""
        if len(self) <= most:
            return self
        chosen = np.zeros(len(self), bool)
        chosen[np.argsort(-self.weights, kind="stable")[:most]] = True
        return self.where(chosen)

    def where(self, chosen: NDArray[np.bool_]) -> CountedTokens:
        """Keep the tokens that the mask selects."""
        return CountedTokens(self.lookup, self.places[chosen], self.provenance[chosen])


def _first_of_equals(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """Return a mask of the first of equal tokens.

    A token in two rows counts once, and so do its occurrences.
    """
    first = np.ones(len(vocabulary.tokens), bool)
    if vocabulary.repeated:
        seen: set[str] = set()
        for i, token in enumerate(vocabulary.tokens):
            first[i] = token not in seen
            seen.add(token)
    return first


def _text(word: bytes | None) -> str | None:
    return None if word is None else word.decode("utf-8", "replace")
