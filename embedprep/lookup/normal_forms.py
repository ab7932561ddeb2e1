"""The other spellings of a word that Unicode treats as the same: composed and decomposed letters.

They are no fallback: `e` followed by an accent *is* the letter with an accent, so such a record is
the word's own, and only the exact spelling comes before it.

Source: Unicode Standard Annex #15, canonical equivalence.
"""

from __future__ import annotations

import unicodedata

from embedprep.fallback.unicode_forms import LONGEST


def equivalents(word: bytes) -> list[bytes]:
    """Return the NFC and the NFD of a word in UTF-8, without the word itself."""
    if word.isascii() or len(word) > LONGEST:
        return []
    try:
        text = word.decode()
    except UnicodeDecodeError:
        return []
    forms = (unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
    return [form.encode() for form in dict.fromkeys(forms) if form != text]
