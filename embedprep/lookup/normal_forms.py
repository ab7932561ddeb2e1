"""The other spellings of a word that Unicode treats as the same: composed and decomposed letters.

They are no fallback: `e` followed by an accent *is* the letter with an accent, so such a record is
the word's own, and only the exact spelling comes before it.

Source: Unicode Standard Annex #15, canonical equivalence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from embedprep.fallback.unicode_forms import LONGEST

_BETWEEN = "\ud800"
"""A lone surrogate, which UTF-8 cannot spell, and which no letter combines with."""


def equivalents(words: Sequence[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the places of words in UTF-8 that have other normal forms: the NFC, the NFD, or both.

    All words become one text, because one call for each of them takes three times as long.
    """
    texts = [_text(word) for word in words]
    together = _BETWEEN.join(texts)
    composed, decomposed = (
        unicodedata.normalize(form, together).split(_BETWEEN) for form in ("NFC", "NFD")
    )
    for place, text in enumerate(texts):
        nfc, nfd = composed[place], decomposed[place]
        if nfc != text:
            others = (nfc,) if nfd in (nfc, text) else (nfc, nfd)
        elif nfd != text:
            others = (nfd,)
        else:
            continue
        yield place, [other.encode() for other in others]


def _text(word: bytes) -> str:
    """Return the text of a word; empty if it is no UTF-8, or too long to have other forms."""
    try:
        return word.decode() if len(word) <= LONGEST else ""
    except UnicodeDecodeError:
        return ""
