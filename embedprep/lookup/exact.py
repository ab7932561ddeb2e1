"""The exact form of each token: the key that is the token itself, given what the keys are.

Comes in: what the tokens stand for, and the `KeyConvention` of a vector file. Goes out: per token
its key, and for some another one that is better still.

In a list of words a token is looked up as the word that it is. In a table of pieces it is the piece
of the same text at the same place of a word: its own spelling where the table has the same marks,
or else the spelling that the table's marks give it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from embedprep.vectors.key_convention import KeyConvention
from embedprep.vocabulary import Position, Role, Vocabulary
from embedprep.vocabulary.model import Marks
from embedprep.vocabulary.surfaces import marks_beginnings, marks_of
from embedprep.vocabulary.words import Spelled


class ExactForms(NamedTuple):
    """Per token the key that is its exact form, or None."""

    usual: list[bytes | None]
    better: dict[int, bytes]
    """By the place of a token a key that goes before its usual one."""
    foreign: bool
    """Whether the usual key may be neither the token nor its word, as the marks are others."""


def exact_forms(
    vocabulary: Vocabulary, found: Spelled, words: list[bytes | None], keys_are: KeyConvention
) -> ExactForms:
    """`found` and `words` are what the tokens stand for, and the word that each is, or None."""
    if keys_are.are_words:
        forms = ExactForms(words, _marked(vocabulary, found), foreign=False)
    elif keys_are.is_of(vocabulary):
        forms = ExactForms([_bytes(token) for token in vocabulary.tokens], {}, foreign=False)
    else:
        forms = _translated(vocabulary, found, keys_are)
    padding = np.flatnonzero(vocabulary.roles == Role.PADDING).tolist()
    if padding:
        usual = forms.usual.copy()
        for place in padding:
            usual[place] = None
        forms = forms._replace(usual=usual)
    return forms


def _marked(vocabulary: Vocabulary, found: Spelled) -> dict[int, bytes]:
    """The spelling of each token that has a mark in it: no word of a list is spelt so, and a key
    that is can only be that token.
    """
    marked: dict[int, bytes] = {}
    if not _has_marks(vocabulary):
        return marked
    may_have = np.isin(found.position, (Position.WORD, Position.INSIDE))
    for place in np.flatnonzero(may_have).tolist():
        spelling = _bytes(vocabulary.tokens[place])
        if spelling is not None and spelling != found.text[place]:
            marked[place] = spelling
    return marked


def _has_marks(vocabulary: Vocabulary) -> bool:
    return marks_of(vocabulary) != Marks()


def _translated(vocabulary: Vocabulary, found: Spelled, keys_are: KeyConvention) -> ExactForms:
    """The pieces as a table with other marks spells them."""
    tokens, text = vocabulary.tokens, found.text
    usual: list[bytes | None] = [None] * len(tokens)
    better: dict[int, bytes] = {}
    is_plain = not _has_marks(vocabulary)
    # What is no beginning in one convention, and no end in another, is not the same place.
    same_places = marks_beginnings(vocabulary) == keys_are.marks_beginnings
    for place, position in enumerate(found.position.tolist()):
        piece = text[place]
        if piece is None:
            continue
        if position == Position.VERBATIM:
            usual[place] = piece
        elif position not in (Position.INSIDE, Position.UNMARKED):
            usual[place] = keys_are.word(piece)
            if is_plain and keys_are.has_mark(piece):  # it is written as the table writes
                better[place] = piece
        elif same_places:
            usual[place] = keys_are.part(piece)
    if keys_are.unknown:
        for place in np.flatnonzero(vocabulary.roles == Role.UNKNOWN).tolist():
            spelling = _bytes(tokens[place])
            if spelling is not None and spelling != keys_are.unknown[0]:
                usual[place], better[place] = keys_are.unknown[0], spelling
    return ExactForms(usual, better, foreign=True)


def _bytes(token: str) -> bytes | None:
    """UTF-8; None for a lone surrogate, which no vector file can hold."""
    try:
        return token.encode()
    except UnicodeEncodeError:
        return None
