"""The exact form of each token: the key that is the token itself in this kind of keys.

Comes in: the texts of the tokens, and the `KeyConvention` of a vector file. Goes out: the key of
each token, and for some tokens another one that is better still.

In a list of words, the key of a token is its word. In a table of pieces, it is the piece with the
same text at the same position of a word: the token's own spelling if the table has the same marks,
or else the spelling with the table's marks.
"""

from __future__ import annotations

import numpy as np

from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary import Position, Role, Surface, Vocabulary
from embedprep.vocabulary.key_convention import KeyConvention
from embedprep.vocabulary.model import Marks
from embedprep.vocabulary.surfaces import marks_beginnings, marks_of
from embedprep.vocabulary.words import Spelled


class ExactForms(NamedTuple):
    """The key that is the exact form of each token, or None."""

    usual: list[bytes | None]
    better: dict[int, bytes]
    """The keys that are better than the usual one, by the index of their token."""
    foreign: bool
    """Whether the usual key may be neither the token nor its word, because the marks differ."""


def exact_forms(
    vocabulary: Vocabulary, found: Spelled, words: list[bytes | None], keys_are: KeyConvention
) -> ExactForms:
    """Return the exact forms of tokens with the texts `found` and the `words`, or None."""
    if keys_are.surface is Surface.PLAIN:
        forms = ExactForms(words, _spelt_otherwise(vocabulary, found), foreign=False)
    elif keys_are.is_of(vocabulary):
        forms = ExactForms([_bytes(token) for token in vocabulary.tokens], {}, foreign=False)
    elif keys_are.are_words:
        spelt = [word and keys_are.word(word) for word in words]
        forms = ExactForms(spelt, {}, foreign=keys_are.surface.writes_bytes)
    else:
        forms = _translated(vocabulary, found, keys_are)
    padding = np.flatnonzero(vocabulary.roles == Role.PADDING).tolist()
    if padding:
        usual = forms.usual.copy()
        for place in padding:
            usual[place] = None
        forms = forms._replace(usual=usual)
    return forms


def _spelt_otherwise(vocabulary: Vocabulary, found: Spelled) -> dict[int, bytes]:
    """Return the spelling of each token that is not its word.

    Words in a list are not spelt like this, so such a key can only be that token. A piece without
    the mark that words have is spelt like a word.
    """
    otherwise: dict[int, bytes] = {}
    if marks_of(vocabulary) == Marks() and not vocabulary.surface.writes_bytes:
        return otherwise
    for place in np.flatnonzero(found.position != Position.UNMARKED).tolist():
        text, spelling = found.text[place], _bytes(vocabulary.tokens[place])
        if text is not None and spelling is not None and spelling != text:
            otherwise[place] = spelling
    return otherwise


def _translated(vocabulary: Vocabulary, found: Spelled, keys_are: KeyConvention) -> ExactForms:
    """Spell the pieces with the marks of another table."""
    tokens, text = vocabulary.tokens, found.text
    usual: list[bytes | None] = [None] * len(tokens)
    better: dict[int, bytes] = {}
    is_plain = marks_of(vocabulary) == Marks()
    # If one convention marks beginnings and the other ends, the positions are not the same.
    same_places = marks_beginnings(vocabulary) == keys_are.marks_beginnings
    for place, position in enumerate(found.position.tolist()):
        piece = text[place]
        if piece is None:
            continue
        if position == Position.VERBATIM:
            usual[place] = piece
        elif position not in (Position.INSIDE, Position.UNMARKED):
            key = keys_are.word(piece)
            if is_plain and keys_are.has_mark(piece):  # it is written as the table writes
                usual[place], better[place] = key, piece
            else:
                # A word that the table would spell like a piece has no key, and may be composed:
                # no record begins with a space.
                usual[place] = b" " + key if keys_are.is_part(key) else key
        elif same_places and keys_are.is_part(key := keys_are.part(piece)):
            usual[place] = key
    if keys_are.unknown:
        for place in np.flatnonzero(vocabulary.roles == Role.UNKNOWN).tolist():
            spelling = _bytes(tokens[place])
            if spelling is not None and spelling != keys_are.unknown[0]:
                usual[place], better[place] = keys_are.unknown[0], spelling
    return ExactForms(usual, better, foreign=True)


def _bytes(token: str) -> bytes | None:
    """Encode in UTF-8; None for a lone surrogate, which no vector file can contain."""
    try:
        return token.encode()
    except UnicodeEncodeError:
        return None
