"""Typographic quotes, and punctuation that a tokenizer left attached to a word."""

from __future__ import annotations

import unicodedata

from embedprep.fallback.english import CLITICS
from embedprep.fallback.rule import Form, others

_SINGLE = (
    "\u2018\u2019\u201a\u201b\u2039\u203a"  # curly, low, reversed, and angle quotes
    "\u2032\u2035\u02b9"  # primes
    "\u02bc\u02bb\u02bd"  # letters: apostrophe (Ukrainian), okina (Hawaiian), reversed comma
    "`\u00b4\uff07"  # backtick, acute, fullwidth apostrophe
    "\u055a\u05f3"  # Armenian apostrophe, Hebrew geresh
)
_DOUBLE = (
    "\u201c\u201d\u201e\u201f\u00ab\u00bb"  # curly, low, reversed, and angle quotes
    "\u301d\u301e\u301f\uff02"  # East Asian and fullwidth quotes
    "\u2033\u2036\u02ba\u02ee\u05f4"  # primes, the letter double apostrophe, Hebrew gershayim
)
_STRAIGHT = str.maketrans(_SINGLE + _DOUBLE, "'" * len(_SINGLE) + '"' * len(_DOUBLE))


def quotes(word: str) -> tuple[Form, ...]:
    """Straighten quotes; the Penn Treebank's `` and '' are one double quote, or two single ones."""
    if word.isascii() and "`" not in word and "''" not in word:
        return ()
    joined = word.replace("``", '"').replace("''", '"')
    straight = word.translate(_STRAIGHT)
    return others(word, straight if joined == word else joined.translate(_STRAIGHT), straight)


def strip_punctuation(word: str) -> tuple[Form, ...]:
    """Remove the characters of Unicode's categories P at both ends.

    Symbols such as + and $ stay, and so do a # at the end (C#), and the clitics of English ('s). An
    abbreviation keeps its last dot first: `(U.S.)` is `U.S.`.
    """
    if not word or (word[0].isalnum() and word[-1].isalnum()) or word.lower() in CLITICS:
        return ()
    start, end = 0, len(word)
    while start < end and _is_punctuation(word[start]):
        start += 1
    while end > start and word[end - 1] != "#" and _is_punctuation(word[end - 1]):
        end -= 1
    core = word[start:end]
    if "." in core and word.startswith(".", end):
        return others(word, word[start : end + 1], core)
    return others(word, core)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] == "P"
