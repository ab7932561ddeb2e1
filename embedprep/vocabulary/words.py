"""The word that a token is, without the marks of its tokenizer.

Comes in: a `Vocabulary`. Goes out: per token the bytes of the word as it would stand in running
text, or None for a piece from inside a word.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.model import Marks, Role, Surface, Vocabulary
from embedprep.vocabulary.surfaces import marks_of

_FALLBACK_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
"""How SentencePiece spells a byte of a character that is in no piece."""


class Piece(NamedTuple):
    """A token without its marks, and what they said of its place in a word."""

    text: str
    begins: bool
    """Whether it begins a word; True, too, where only the end of words is marked."""
    ends: bool
    """Whether it ends a word; True, too, where the end of words is not marked."""


def words(vocabulary: Vocabulary, *, match_pieces: bool = False) -> list[bytes | None]:
    """Per token, the word that it is, or None. A special token stands for itself.

    With `match_pieces` a piece from inside a word is taken for the word that is spelt the same.
    What is a byte, or a part of a character, is never a word.
    """
    forms = _words_of(vocabulary, match_pieces=match_pieces)
    unmarked = vocabulary.roles != Role.WORD
    if vocabulary.verbatim:
        unmarked |= np.array([token in vocabulary.verbatim for token in vocabulary.tokens])
    for i in np.flatnonzero(unmarked).tolist():
        token = vocabulary.tokens[i]
        forms[i] = None if _is_fallback_byte(token, vocabulary.surface) else _encode(token)
    return forms


def piece_of(token: str, surface: Surface, marks: Marks) -> Piece | None:
    """The piece that an ordinary token is; None for a byte or a part of a character."""
    begins = ends = True
    if marks.inside and token.startswith(marks.inside) and token != marks.inside:
        begins, token = False, token.removeprefix(marks.inside)
    elif marks.begin:
        begins = bool(marks.inside) or token.startswith(marks.begin)
        token = token.removeprefix(marks.begin)
    if marks.end:
        ends, token = token.endswith(marks.end), token.removesuffix(marks.end)
    if surface is Surface.BYTE_LEVEL:
        text = _of_alphabet(token)
        return None if text is None else Piece(text, begins, ends)
    return None if _is_fallback_byte(token, surface) else Piece(token, begins, ends)


def is_byte_fragment(token: str, surface: Surface) -> bool:
    """Whether an ordinary token is a byte or a part of a character, and so no text."""
    if surface is Surface.BYTE_LEVEL:
        return byte_alphabet.covers(token) and _of_alphabet(token) is None
    return _is_fallback_byte(token, surface)


def _is_fallback_byte(token: str, surface: Surface) -> bool:
    return surface is Surface.METASPACE and _FALLBACK_BYTE.fullmatch(token) is not None


def _of_alphabet(token: str) -> str | None:
    """The text that `token` stands for in the byte-level alphabet, if it is one."""
    content = byte_alphabet.to_bytes(token)
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None


def _words_of(vocabulary: Vocabulary, *, match_pieces: bool) -> list[bytes | None]:
    surface, marks = vocabulary.surface, marks_of(vocabulary)
    if surface is Surface.PLAIN:
        try:
            return list(map(str.encode, vocabulary.tokens))  # four times as fast
        except UnicodeEncodeError:
            return list(map(_encode, vocabulary.tokens))
    pieces = (piece_of(token, surface, marks) for token in vocabulary.tokens)
    return [
        _encode(piece.text)
        if piece and (match_pieces or _is_word(piece, marked_inside=bool(marks.inside)))
        else None
        for piece in pieces
    ]


def _is_word(piece: Piece, *, marked_inside: bool) -> bool:
    """A piece of a word must not take the vector of the word that is spelt the same.

    Punctuation follows a word without a mark and still is a token of its own.
    """
    if piece.begins and piece.ends:
        return True
    if marked_inside and not piece.begins:
        return False
    return not any(map(str.isalnum, piece.text))


def _encode(token: str) -> bytes | None:
    """UTF-8; None for a lone surrogate, which no vector file can hold."""
    try:
        return token.encode()
    except UnicodeEncodeError:
        return None
