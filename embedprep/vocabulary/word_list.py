"""The words of a text with their frequencies, which show the words that a piece is part of.

Comes in: a file that lists words: a JSON map word → count or a JSON list of words, or lines
`word<TAB>count` or of a word alone. Goes out: a `WordList`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.vocabulary import counted_tables, json_text, line_text, source
from embedprep.vocabulary.counts import count_array, counts_in_lines, refuse_prose

_REMEDY = 'Write {"word": count, …}, or lines of a word, a tab and a count.'
_COUNTED = re.compile(r".* [0-9]+", re.DOTALL)


@dataclass(frozen=True, eq=False)
class WordList:
    """Distinct words in the order of their file, in UTF-8.

    `counts[i]`, int64, is how often `words[i]` occurred: the sum if it is listed several times, and
    the number of times it is listed if the file has no counts.
    """

    words: list[bytes]
    counts: NDArray[np.int64]


def read_word_list(path: str | os.PathLike[str]) -> WordList:
    """Read the words of the file at `path`, which may be compressed.

    A count may also follow a space, so a word that looks like one with a count ("Apollo 11") needs
    its own. The empty word is left out, and so are blank lines if no line has a count. Raises
    `InputError` with the line or the word for a bad word or count, and for a file that contains no
    word or is no text.
    """
    with source.errors_naming(path):
        text = source.text_of(path)
        _refuse_binary(text)
        listed = _from_json(text) if json_text.looks_like_json(text) else _from_lines(text)
        total: Counter[str] = Counter()
        for word, count in listed:
            total[word] += count
        del total[""]
        if not total:
            raise InputError(reason="has no word", remedy=_REMEDY)
        # A sum may be too large although each count was not.
        counts = count_array(list(total), list(total.values()))
        return WordList(list(map(_encoded, total)), counts)


def _from_json(text: str) -> Iterable[tuple[str, int]]:
    listed = json_text.content_of_value(json_text.decode(text)).value
    if isinstance(listed, dict):
        count_array(list(listed), list(listed.values()))
        return listed.items()
    if not isinstance(listed, list):
        raise InputError(reason="JSON, but neither a map nor a list of words", remedy=_REMEDY)
    for position, word in enumerate(listed):
        if not isinstance(word, str):
            raise InputError(
                reason=f"entry {position} of the list is {json_text.as_json(word)}, not a word",
                remedy=_REMEDY,
            )
    return ((word, 1) for word in listed)


def _from_lines(text: str) -> Iterable[tuple[str, int]]:
    lines = line_text.lines_of(text)
    counted_tables.refuse(lines)
    refuse_prose(lines)
    # If one line seems to have a count, all must have one: otherwise a missing count would make the
    # line a word.
    if "\t" in text or any(map(_COUNTED.fullmatch, lines)):
        return ((word, count) for _, word, count in counts_in_lines(lines))
    return ((word, 1) for word in lines)


def _refuse_binary(text: str) -> None:
    """Raise for a binary file: UTF-8 may contain any character, but a text contains no NUL."""
    before, nul, _ = text.partition("\0")
    if nul:
        raise InputError(
            reason="not a text: it holds a NUL character",
            remedy=_REMEDY,
            line=before.count("\n") + 1,
        )


def _encoded(word: str) -> bytes:
    try:
        return word.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            reason="holds half of a surrogate pair, which is not a character",
            remedy="Write the file again with a JSON library, in UTF-8.",
            token=word,
        ) from error
