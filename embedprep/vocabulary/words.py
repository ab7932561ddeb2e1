"""The text of a token without the marks of its tokenizer, and its position in a word.

Comes in: a `Vocabulary`. Goes out: per token its text and its `Position`; and, derived from these,
the word that it is: the bytes of the word as in running text, or None for a piece from inside a
word.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.model import Marks, Position, Role, Surface, Vocabulary
from embedprep.vocabulary.surfaces import METASPACE_MARK, marks_of

_FALLBACK_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
"""The way SentencePiece spells a byte of a character that is in no piece."""


class Piece(NamedTuple):
    """A token without its marks, and what they say about its position in a word."""

    text: str
    begins: bool
    """Whether it begins a word; also True if only the end of words is marked."""
    ends: bool
    """Whether it ends a word; also True if the end of words is not marked."""


class Spelled(NamedTuple):
    """The text of each token of a vocabulary, by its index in `Vocabulary.tokens`."""

    position: NDArray[np.uint8]
    """The `Position` of each token."""
    text: list[bytes | None]
    """The text without marks, in UTF-8. None for a `FRAGMENT`, and for text that UTF-8 cannot
    spell.
    """


def spelled(vocabulary: Vocabulary) -> Spelled:
    """Return the text of every token, and its position in a word."""
    surface, marks = vocabulary.surface, marks_of(vocabulary)
    text: list[bytes | None]
    if surface in _AS_THEY_STAND:
        position = np.full(len(vocabulary.tokens), _AS_THEY_STAND[surface], np.uint8)
        text = _as_they_stand(vocabulary.tokens)
    else:
        read = [_position_and_text(token, surface, marks) for token in vocabulary.tokens]
        position = np.array([where for where, _ in read], np.uint8)
        text = [None if piece is None else _encode(piece) for _, piece in read]
    standing = vocabulary.roles != Role.WORD
    if vocabulary.verbatim:
        standing |= np.array([token in vocabulary.verbatim for token in vocabulary.tokens])
    for i in np.flatnonzero(standing).tolist():
        token = vocabulary.tokens[i]
        is_byte = _is_fallback_byte(token, surface)
        position[i] = Position.FRAGMENT if is_byte else Position.VERBATIM
        text[i] = None if is_byte else _encode(token)
    return Spelled(position, text)


def words(vocabulary: Vocabulary, *, match_pieces: bool = False) -> list[bytes | None]:
    """Return the word that each token is, or None. A special token is its own word.

    With `match_pieces`, a piece from inside a word is taken for the word that is spelt the same. A
    byte, or a part of a character, is never a word.
    """
    return words_in(spelled(vocabulary), match_pieces=match_pieces)


def words_in(found: Spelled, *, match_pieces: bool = False) -> list[bytes | None]:
    """Return the word that each of the spelled tokens is, or None."""
    position, text = found.position, found.text.copy()
    if not match_pieces:
        for i in np.flatnonzero(position == Position.INSIDE).tolist():
            text[i] = None
        # Punctuation follows a word without a mark and still is a token of its own.
        for i in np.flatnonzero(position == Position.UNMARKED).tolist():
            spelling = text[i]
            if spelling is not None and any(map(str.isalnum, spelling.decode())):
                text[i] = None
    return text


def piece_of(token: str, surface: Surface, marks: Marks) -> Piece | None:
    """Return the piece that an ordinary token is; None for a byte or a part of a character.

    Also None for a token that is not in the byte alphabet although `surface` is: it is its own
    text.
    """
    begins = ends = True
    if marks.inside and token.startswith(marks.inside) and token != marks.inside:
        begins, token = False, token.removeprefix(marks.inside)
    elif marks.begin:
        begins = bool(marks.inside) or token.startswith(marks.begin)
        token = token.removeprefix(marks.begin)
    if marks.end:
        ends, token = token.endswith(marks.end), token.removesuffix(marks.end)
    if surface.writes_bytes:
        text = _of_alphabet(token)
        return None if text is None else Piece(text, begins, ends)
    if surface in _METASPACES:
        if _is_fallback_byte(token, surface):
            return None
        token = token.replace(METASPACE_MARK, " ")
    return Piece(token, begins, ends)


def _is_fallback_byte(token: str, surface: Surface) -> bool:
    return surface in _METASPACES and _FALLBACK_BYTE.fullmatch(token) is not None


_METASPACES = (Surface.METASPACE, Surface.METASPACE_SUFFIX)
_AS_THEY_STAND = {Surface.PLAIN: Position.WORD, Surface.UNMARKED: Position.UNKNOWN}


def _of_alphabet(token: str) -> str | None:
    """Return the text that `token` spells in the byte-level alphabet, if it is in it."""
    content = byte_alphabet.to_bytes(token)
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None


def _position_and_text(token: str, surface: Surface, marks: Marks) -> tuple[Position, str | None]:
    piece = piece_of(token, surface, marks)
    if piece is None and surface.writes_bytes and not byte_alphabet.covers(token):
        return Position.VERBATIM, token
    if piece is None:
        return Position.FRAGMENT, None
    if surface.marks_nothing:
        return Position.UNKNOWN, piece.text
    if piece.begins and piece.ends:
        return Position.WORD, piece.text
    marked_inside = marks.inside and not piece.begins
    return (Position.INSIDE if marked_inside else Position.UNMARKED), piece.text


def _as_they_stand(tokens: tuple[str, ...]) -> list[bytes | None]:
    try:
        return list(map(str.encode, tokens))  # four times as fast
    except UnicodeEncodeError:
        return list(map(_encode, tokens))


def _encode(token: str) -> bytes | None:
    """Encode in UTF-8; None for a lone surrogate, which no vector file can contain."""
    try:
        return token.encode()
    except UnicodeEncodeError:
        return None
