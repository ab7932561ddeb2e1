"""Stage 2: tokens to the keys to look for in a vector file.

In: a `Vocabulary`, and the fallback rules.
Out: a `Lookup`: keys with the rows they serve, best first.
May import: fallback, vocabulary, vectors.

A row has keys, the best first; a key may serve many rows. What a token's exact form is depends on
the keys of the file: in a list of words, the word as it would stand in running text; in a table of
pieces, the piece as the table spells it. The forms that the fallback rules make of the word follow,
in their order. A vector file has records, each with a key; matching gives every row the record
whose key has the lowest rank there.

For example, with `--fallback lower` and the tokens `the`, `The` and `Cat` in the rows 0, 1 and 2:

    key      may fill                                 in the file?
    the      row 0 (exact), row 1 (by `lower`)        yes
    The      row 1 (exact)                            no
    Cat      row 2 (exact)                            yes
    cat      row 2 (by `lower`)                       no

The file has two of the four keys. Row 0 gets the vector of `the`, its exact form. Row 1 gets the
same vector by the rule `lower`, as the file has no `The`. Row 2 gets the vector of `Cat`; if the
file had `cat` too, this would change nothing.
"""

from __future__ import annotations

from embedprep.lookup.keys import (
    COMPOSED,
    EQUIVALENT,
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
    "EQUIVALENT",
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
