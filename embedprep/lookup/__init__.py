"""Stage 2: from a vocabulary to the byte strings to look for in a vector file.

A row has keys, the best first; a key may serve many rows. Rank 0 is the token's exact form: the
word as it would stand in running text, without the marks of the tokenizer. Behind it come the
forms that the fallback rules make of it, in their order.
"""

from __future__ import annotations

from embedprep.lookup.keys import (
    COMPOSED,
    EXACT,
    PIECES,
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
    "UNMATCHED",
    "Lookup",
    "LookupKeys",
    "Means",
    "Pieces",
    "look_up",
    "look_up_again",
]
