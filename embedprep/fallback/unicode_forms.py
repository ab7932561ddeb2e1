"""The normal forms of Unicode: one spelling for texts that look, or mean, the same.

Source: Unicode Standard Annex #15.
"""

from __future__ import annotations

import unicodedata

from embedprep.fallback.rule import Form, others

LONGEST = 1_000
"""The longest word with normal forms, in characters, if they cost more than a look at each
character. Sorting a run of combining marks takes quadratic time. No file needs more: word2vec's own
programs cut words at 100 bytes, GloVe's at 1,000.
"""


def nfc(word: str) -> tuple[Form, ...]:
    if word.isascii() or len(word) > LONGEST:
        return ()
    return others(word, unicodedata.normalize("NFC", word))


def nfkc(word: str) -> tuple[Form, ...]:
    if word.isascii() or len(word) > LONGEST:
        return ()
    return others(word, unicodedata.normalize("NFKC", word))
