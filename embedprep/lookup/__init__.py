"""Stage 2: from a vocabulary to the byte strings to look for in a vector file.

A row has keys, the best first; a key may serve many rows. Rank 0 is the token's exact form: the
word as it would stand in running text, without the marks of the tokenizer. The forms that the
fallback rules make of it follow, in their order. A vector file has records, each with a key;
matching gives every row the record whose key has the lowest rank there.

For example, with `--fallback lower` and the tokens `the`, `The` and `Cat` in the rows 0, 1 and 2:

    key      may fill                                 in the file?
    the      row 0 (rank 0), row 1 (rank 1)           yes
    The      row 1 (rank 0)                           no
    Cat      row 2 (rank 0)                           yes
    cat      row 2 (rank 1)                           no

The file has two of the four keys. Row 0 gets the vector of `the`, its exact form. Row 1 gets the
same vector by the rule `lower`, as the file has no `The`. Row 2 gets the vector of `Cat`; if the
file had `cat` too, this would change nothing.
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
