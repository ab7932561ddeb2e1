"""Which words of a text contain which pieces, to compose vectors of pieces from those of words.

Comes in: a subword vocabulary and a list of words. Goes out: the words that contain a token of the
vocabulary at the position that its marks show, each with the rows of those tokens.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embedprep.vocabulary.model import Role, Surface, Vocabulary
from embedprep.vocabulary.surfaces import marks_of
from embedprep.vocabulary.word_list import WordList
from embedprep.vocabulary.words import piece_of

LONGEST_WORD = 64
"""The limit in characters: a longer word is an address or a text without spaces, and has no
vector.
"""


@dataclass(frozen=True, eq=False)
class PieceWords:
    """Distinct words, and the rows whose tokens they contain.

    Word number k is `words[k]`, in UTF-8. It has the weight `weight[k]` (float64, above zero) in
    the mean of the rows `row[first[k]:first[k + 1]]` (int64, distinct and ascending), one row or
    more.
    """

    words: list[bytes]
    first: NDArray[np.int64]
    row: NDArray[np.int64]
    weight: NDArray[np.float64]


def piece_words(vocabulary: Vocabulary, word_list: WordList) -> PieceWords:
    """Return the words of the list, in order, that contain an ordinary token of `vocabulary`.

    Words that begin with a token contain it if the token begins words; the same is true for tokens
    inside words and at their end. No word contains the token that it is. No word contains special
    tokens, tokens matched exactly as spelt, parts of characters, or words without marks
    (`Surface.PLAIN`). Words of more than `LONGEST_WORD` characters and words with a count of zero
    contain no tokens.
    """
    places = _places(vocabulary)
    words: list[bytes] = []
    weight: list[int] = []
    row, first = array("q"), array("q", [0])
    for word, count in zip(word_list.words, word_list.counts.tolist(), strict=True):
        rows = _rows_in(word.decode(), places) if count else ()
        if rows:
            words.append(word)
            weight.append(count)
            row.extend(sorted(set(rows)))
            first.append(len(row))
    return PieceWords(
        words, np.array(first, np.int64), np.array(row, np.int64), np.array(weight, np.float64)
    )


@dataclass(frozen=True)
class _Place:
    """The pieces at one position of a word; None if the marks do not show it."""

    at_beginning: bool | None
    at_end: bool | None
    rows: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """The rows of each text. It also contains the beginnings of texts, so a search knows when to
    stop.
    """

    def add(self, text: str, row: int) -> None:
        for length in range(1, len(text)):
            self.rows.setdefault(text[:length], ())
        self.rows[text] = (*self.rows.get(text, ()), row)

    def starts(self, length: int) -> range:
        """Return where a piece may begin in a word of `length` characters."""
        return range(int(self.at_beginning is False), 1 if self.at_beginning else length)


def _places(vocabulary: Vocabulary) -> list[_Place]:
    """Return the ordinary tokens of a vocabulary of pieces, by their marked position."""
    surface, marks = vocabulary.surface, marks_of(vocabulary)
    places: dict[tuple[bool | None, bool | None], _Place] = {}
    if surface is Surface.PLAIN:
        return []
    for i in np.flatnonzero(vocabulary.roles == Role.WORD).tolist():
        token = vocabulary.tokens[i]
        piece = None if token in vocabulary.verbatim else piece_of(token, surface, marks)
        if piece is None or len(piece.text) > LONGEST_WORD:
            continue
        at_beginning = piece.begins if marks.begin or marks.inside else None
        at_end = piece.ends if marks.end else None
        place = places.setdefault((at_beginning, at_end), _Place(at_beginning, at_end))
        place.add(piece.text, int(vocabulary.rows[i]))
    return list(places.values())


def _rows_in(word: str, places: list[_Place]) -> list[int]:
    """Return the rows of all pieces inside `word`, once for each time they occur."""
    length, found = len(word), list[int]()
    for place in places if length <= LONGEST_WORD else ():
        rows_of = place.rows.get
        for start in place.starts(length):
            if place.at_end:
                found += rows_of(word[start:], ()) if start else ()
                continue
            last = length - 1 if start == 0 or place.at_end is False else length
            for end in range(start + 1, last + 1):
                rows = rows_of(word[start:end])
                if rows is None:
                    break  # no piece continues like this
                found += rows
    return found
