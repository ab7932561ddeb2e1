"""The normal forms of Unicode: one spelling for what looks, or means, the same.

Source: Unicode Standard Annex #15.
"""

from __future__ import annotations

import unicodedata

from embedprep.fallback.rule import Form, others

LONGEST = 1_000
"""Characters of a word whose forms cost more than a look at each character; a longer one has none.
Sorting a run of combining marks takes time that grows with its square. And no file needs more:
word2vec's own programs cut words at 100 bytes, GloVe's at 1,000.
"""


def nfc(word: str) -> tuple[Form, ...]:
    if word.isascii() or len(word) > LONGEST:
        return ()
    return others(word, unicodedata.normalize("NFC", word))


def nfkc(word: str) -> tuple[Form, ...]:
    if word.isascii() or len(word) > LONGEST:
        return ()
    return others(word, unicodedata.normalize("NFKC", word))
