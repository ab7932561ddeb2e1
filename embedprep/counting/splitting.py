"""Tokenizers that split a text into words, in a few lines each: white space, and those of Keras.

Comes in: the settings in the vocabulary file, or what the user says. Goes out: a function from a
text to its words. What each does is what Keras 3.15 does: `text_to_word_sequence`, and the
preprocessing of `TextVectorization`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from embedprep.errors import InputError, UsageError, printable
from embedprep.vocabulary.json_text import as_json

Split = Callable[[str], Iterable[str]]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_PUNCTUATION = b"!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
"""The characters that `TextVectorization` removes: those of the filters, and the apostrophe."""


def at(separator: str | None) -> Split:
    """Return the split at a regular expression, or at white space."""
    if separator is None:
        return str.split
    try:
        pattern = re.compile(separator)
    except re.error as error:
        raise UsageError(
            f"--split cannot be '{printable(separator)}': {error}",
            "Give a regular expression of Python for what stands between two words, such as "
            "--split '[^a-z]+'.",
        ) from error
    return lambda text: filter(None, pattern.split(text))


def keras_tokenizer(settings: Mapping[str, Any]) -> Split:
    """Return the split of a Keras `Tokenizer`."""
    lower, filters = settings.get("lower", True), settings.get("filters", _FILTERS)
    separator = settings.get("split", " ")
    if settings.get("char_level"):
        return str.lower if lower else str
    if not (isinstance(filters, str) and isinstance(separator, str) and separator):
        raise _unusable("filters or split", [filters, separator])
    replaced = str.maketrans(dict.fromkeys(filters, separator))

    def split(text: str) -> Iterable[str]:
        text = text.lower() if lower else text
        return filter(None, text.translate(replaced).split(separator))

    return split


def text_vectorization(settings: Mapping[str, Any]) -> Split:
    """Return the split of a Keras `TextVectorization`.

    TensorFlow's functions see bytes: they know the capitals and the white space of ASCII alone.
    """
    standardize = settings.get("standardize", "lower_and_strip_punctuation")
    split = settings.get("split", "whitespace")
    if standardize not in (None, "lower", "strip_punctuation", "lower_and_strip_punctuation"):
        raise _unusable("standardize", standardize)
    if split not in (None, "whitespace", "character"):
        raise _unusable("split", split)
    lower, strip = (part in (standardize or "") for part in ("lower", "strip_punctuation"))
    widths = _widths(settings.get("ngrams"))

    def words(text: str) -> Iterable[str]:
        data = text.encode("utf-8", "surrogatepass")
        data = data.lower() if lower else data
        data = data.translate(None, _PUNCTUATION) if strip else data
        if split == "whitespace":
            return map(bytes.decode, data.split())
        return data.decode() if split == "character" else [data.decode()]

    if widths is None:
        return words
    return lambda text: _ngrams(list(words(text)), widths)


def _widths(ngrams: Any) -> Iterable[int] | None:
    if type(ngrams) is int:
        return range(1, ngrams + 1)
    if ngrams is None or (isinstance(ngrams, list) and all(type(n) is int for n in ngrams)):
        return ngrams
    raise _unusable("ngrams", ngrams)


def _ngrams(words: list[str], widths: Iterable[int]) -> Iterator[str]:
    for width in widths:
        for begin in range(len(words) - width + 1):
            yield " ".join(words[begin : begin + width])


def _unusable(name: str, value: Any) -> InputError:
    return InputError(
        f"how this tokenizer splits a text is not in its file: its {name} is {as_json(value)}",
        "Count the tokens with it, and pass them with --counts FILE.",
    )
