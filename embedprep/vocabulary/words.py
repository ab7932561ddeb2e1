"""The word that a token is, without the marks of its tokenizer.

Comes in: a `Vocabulary`. Goes out: per token the bytes of the word as it would stand in running
text, or None for a piece from inside a word.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.model import Role, Surface, Vocabulary


def words(vocabulary: Vocabulary) -> list[bytes | None]:
    """Per token, the word that it is, or None. A special token stands for itself."""
    forms = _words_of(vocabulary.tokens, vocabulary.surface)
    unmarked = vocabulary.roles != Role.WORD
    if vocabulary.verbatim:
        unmarked |= np.array([token in vocabulary.verbatim for token in vocabulary.tokens])
    for i in np.flatnonzero(unmarked).tolist():
        forms[i] = _encode(vocabulary.tokens[i])
    return forms


def _words_of(tokens: tuple[str, ...], surface: Surface) -> list[bytes | None]:
    if surface is Surface.PLAIN:
        try:
            return list(map(str.encode, tokens))  # four times as fast
        except UnicodeEncodeError:
            pass  # find out which below
    return list(map(_AS_WORD[surface], tokens))


def _encode(token: str) -> bytes | None:
    """UTF-8; None for a lone surrogate, which no vector file can hold."""
    try:
        return token.encode()
    except UnicodeEncodeError:
        return None


def _byte_level_word(token: str) -> bytes | None:
    content = byte_alphabet.to_bytes(token)
    if content is None:
        return None
    if content.startswith(b" "):
        return content[1:]
    return _unless_inside_a_word(content.decode("utf-8", "replace"), content)


def _metaspace_word(token: str) -> bytes | None:
    if token.startswith("▁"):
        return _encode(token[1:])
    return _unless_inside_a_word(token, _encode(token))


def _wordpiece_word(token: str) -> bytes | None:
    return None if token.startswith("##") and len(token) > 2 else _encode(token)


def _word_end_word(token: str) -> bytes | None:
    if token.endswith("</w>"):
        return _encode(token.removesuffix("</w>"))
    return _unless_inside_a_word(token, _encode(token))


def _unless_inside_a_word(text: str, key: bytes | None) -> bytes | None:
    """A piece of a word must not take the vector of the word that is spelt the same.

    Punctuation follows a word without a mark and still is a token of its own.
    """
    return None if any(map(str.isalnum, text)) else key


_AS_WORD: dict[Surface, Callable[[str], bytes | None]] = {
    Surface.PLAIN: _encode,
    Surface.BYTE_LEVEL: _byte_level_word,
    Surface.METASPACE: _metaspace_word,
    Surface.WORDPIECE: _wordpiece_word,
    Surface.WORD_END: _word_end_word,
}
