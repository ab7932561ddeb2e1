"""Stage 2: from a vocabulary to the byte strings to look for in a vector file.

A row has keys, the best first; a key may serve many rows. What a token's exact form is depends on
the keys of the file: in a list of words, the word as it would stand in running text; in a table of
pieces, the piece as the table spells it. After it come the forms that the fallback rules make of
the word, in their order.
"""

from __future__ import annotations

from embedprep.lookup.keys import (
    COMPOSED,
    EXACT,
    PIECES,
    SPELLING,
    UNMATCHED,
    LookupKeys,
    Means,
    Pieces,
)
from embedprep.lookup.making import Lookup, look_up, look_up_again

__all__ = [
    "COMPOSED",
    "EXACT",
    "PIECES",
    "SPELLING",
    "UNMATCHED",
    "Lookup",
    "LookupKeys",
    "Means",
    "Pieces",
    "look_up",
    "look_up_again",
]
