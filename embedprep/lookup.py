"""Stage 2: from a vocabulary to the byte strings to look for in a vector file.

A row has keys, the best first; a key may serve many rows. Rank 0 is the token's exact form: the
word as it would stand in running text, without the marks of the tokenizer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.model import Role, Surface, Vocabulary

EXACT = 0
"""The rank of the exact form."""


@dataclass(frozen=True, eq=False)
class LookupKeys:
    """Distinct keys, and the rows that each of them may fill.

    Key number k serves the pairs `first[k]:first[k + 1]` of `row` and `rank`.
    """

    keys: list[bytes]
    first: NDArray[np.int64]
    row: NDArray[np.int64]
    rank: NDArray[np.uint8]


def lookup_keys(vocabulary: Vocabulary) -> LookupKeys:
    """The exact form of every token that has one; padding is never looked up."""
    forms = _exact_forms(vocabulary)
    unmarked = vocabulary.roles != Role.WORD
    if vocabulary.verbatim:
        unmarked |= np.array([token in vocabulary.verbatim for token in vocabulary.tokens])
    for i in np.flatnonzero(unmarked).tolist():
        padding = vocabulary.roles[i] == Role.PADDING
        forms[i] = None if padding else _encode(vocabulary.tokens[i])
    sought = np.fromiter(map(bool, forms), dtype=bool, count=len(forms))
    wanted = [form for form in forms if form]
    rows = vocabulary.rows[sought]
    return _group(wanted, rows, np.full(len(rows), EXACT, np.uint8))


def _exact_forms(vocabulary: Vocabulary) -> list[bytes | None]:
    """Per token, the word that it is, or None."""
    if vocabulary.surface is Surface.PLAIN:
        try:
            return list(map(str.encode, vocabulary.tokens))  # four times as fast
        except UnicodeEncodeError:
            pass  # find out which below
    return list(map(_AS_WORD[vocabulary.surface], vocabulary.tokens))


def _group(wanted: list[bytes], row: NDArray[np.int64], rank: NDArray[np.uint8]) -> LookupKeys:
    """Pairs of key, row and rank, brought together by key."""
    keys = list(dict.fromkeys(wanted))
    if len(keys) == len(wanted):  # nearly always, and far cheaper
        return LookupKeys(keys, np.arange(len(keys) + 1), row, rank)
    numbers = {key: number for number, key in enumerate(keys)}
    number = np.array([numbers[key] for key in wanted])
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(len(keys) + 1))
    return LookupKeys(keys, first, row[order], rank[order])


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
