"""Letters without their accents.

In Latin and Greek every mark is removed. In Cyrillic only the marks are removed that Russian print
omits too: stress marks, and the dots of ё; й, ї, ў, ѓ and ќ are letters of their own. Arabic and
Hebrew are mostly written without their vowel signs and points, so these are removed, and so is the
kashida, which only makes a word longer; hamza and madda belong to their letters. In other scripts
marks are vowels that are always written, or change the consonant, and stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from embedprep.fallback.rule import Form, others
from embedprep.fallback.unicode_forms import LONGEST

# Ranges of the blocks of Unicode.
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f"
_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_CYRILLIC = "\u0400-\u0482\u048a-\u052f"
_OPTIONAL = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew: accents and points
    "\u0610-\u061a\u064b-\u0652\u0656-\u0658\u0670"  # Arabic: honorifics, vowel signs
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff"  # of the Koran
    "\u0640"  # kashida, also called tatweel
)
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\ufe20-\ufe2f"


@cache  # compiled on first use: many builds never need it
def _marked() -> re.Pattern[str]:
    """Return the pattern of letters with marks in the decomposed form: letter, then marks."""
    return re.compile(
        f"([{_LATIN}{_GREEK}])[{_MARKS}]+"
        # Escaped: Cyrillic ie, ghe, ka.
        "|([\u0415\u0435])[\u0300\u0301\u0308]+"
        f"|((?![\u0413\u0433\u041a\u043a\u0415\u0435])[{_CYRILLIC}])[\u0300\u0301]+"
        f"|[{_OPTIONAL}]+"
    )


_LETTERS = str.maketrans("ŁłØøĐđÐðĦħŦŧıſ", "LlOoDdDdHhTtis") | str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe",
        "þ": "th", "Þ": "Th", "ĳ": "ij", "Ĳ": "IJ",
    }
)  # fmt: skip
"""Letters that Unicode does not decompose, as people write them who do not have them."""

_LARGE = str.maketrans({"Æ": "AE", "Œ": "OE", "Þ": "TH"})
"""The same letters in a word of capitals."""


class _Plain(dict[int, str]):
    """Characters without their accents, filled as they come: `str.translate` asks a dict far faster
    than a pattern.
    """

    def __init__(self, *, capitals: bool) -> None:
        self._capitals = capitals

    def __missing__(self, code: int) -> str:
        self[code] = _stripped(chr(code), capitals=self._capitals) or chr(code)
        return self[code]


_PLAIN, _PLAIN_CAPITALS = _Plain(capitals=False), _Plain(capitals=True)


@cache
def _any_mark() -> re.Pattern[str]:
    return re.compile(f"[{_MARKS}{_OPTIONAL}]")


def accents(word: str) -> tuple[Form, ...]:
    if word.isascii() or len(word) > LONGEST:
        return ()
    if _any_mark().search(word) or any(map(unicodedata.combining, word)):
        plain = _stripped(word, capitals=word.isupper())
        return () if plain is None else others(word, unicodedata.normalize("NFC", plain))
    # Each accent is part of its letter, so the letters do not concern each other.
    plain = word.translate(_PLAIN_CAPITALS if word.isupper() else _PLAIN)
    return () if plain == word else others(word, unicodedata.normalize("NFC", plain))


def _stripped(word: str, *, capitals: bool) -> str | None:
    """Return `word` without accents; None if it has none: the rule nfc handles such a word."""
    apart = unicodedata.normalize("NFD", word)
    plain = _marked().sub(r"\1\2\3", apart)
    if capitals:
        plain = plain.translate(_LARGE)
    plain = plain.translate(_LETTERS)
    return None if plain == apart else plain
