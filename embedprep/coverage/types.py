"""The types of a vocabulary, and which of them have a vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep.lookup import Lookup
from embedprep.provenance import Provenance
from embedprep.vocabulary.model import Role, Vocabulary


@dataclass(frozen=True, eq=False)
class Types:
    """Some of the distinct words of a vocabulary, in its order."""

    tokens: list[str]
    words: list[str | None]
    """Without the marks of the tokenizer; None for a piece of a word."""
    rows: NDArray[np.int64]
    counts: NDArray[np.int64] | None
    """How often each occurs in the text, where that is known."""
    provenance: NDArray[np.uint8]

    @classmethod
    def of(cls, lookup: Lookup, provenance: NDArray[np.uint8]) -> Types:
        """All of them. Special tokens are none, and equal tokens are one."""
        vocabulary = lookup.vocabulary
        chosen = np.flatnonzero((vocabulary.roles == Role.WORD) & _first_of_equals(vocabulary))
        places = chosen.tolist()
        return cls(
            tokens=[vocabulary.tokens[i] for i in places],
            words=[_text(lookup.words[i]) for i in places],
            rows=vocabulary.rows[chosen],
            counts=None if vocabulary.counts is None else vocabulary.counts[chosen],
            provenance=provenance[vocabulary.rows[chosen]],
        )

    @property
    def found(self) -> NDArray[np.bool_]:
        return self.provenance >= Provenance.EXACT

    @property
    def weights(self) -> NDArray[np.int64]:
        """What each counts for: its occurrences, where they are known, or one."""
        return np.ones(len(self.tokens), np.int64) if self.counts is None else self.counts

    def where(self, chosen: NDArray[np.bool_]) -> Types:
        """Those of a mask."""
        places = np.flatnonzero(chosen).tolist()
        return Types(
            tokens=[self.tokens[i] for i in places],
            words=[self.words[i] for i in places],
            rows=self.rows[chosen],
            counts=None if self.counts is None else self.counts[chosen],
            provenance=self.provenance[chosen],
        )


def _first_of_equals(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """A token that stands at two rows is one type, and occurs as often as it occurs."""
    first = np.ones(len(vocabulary.tokens), bool)
    if vocabulary.repeated:
        seen: set[str] = set()
        for i, token in enumerate(vocabulary.tokens):
            first[i] = token not in seen
            seen.add(token)
    return first


def _text(word: bytes | None) -> str | None:
    return None if word is None else word.decode("utf-8", "replace")
