"""Stage 2: from a vocabulary to the byte strings to look for in a vector file.

A row has keys, the best first; a key may serve many rows. Rank 0 is the token's exact form: the
word as it would stand in running text, without the marks of the tokenizer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep.vocabulary import Role, Vocabulary
from embedprep.vocabulary.words import words

EXACT = 0
"""The rank of the exact form."""


@dataclass(frozen=True, eq=False)
class LookupKeys:
    """Distinct keys, and the rows that each of them may fill.

    Key number k serves the pairs `first[k]:first[k + 1]` of `row` and `rank`.
    """

    keys: list[bytes]
    first: NDArray[np.int64]
    row: NDArray[np.int64]
    rank: NDArray[np.uint8]

    def only(self, rows: NDArray[np.bool_]) -> LookupKeys:
        """Without what could fill none of `rows`, a mask over the rows of the matrix."""
        kept = rows[self.row]
        if kept.all():
            return self
        pairs = np.add.reduceat(kept, self.first[:-1], dtype=np.int64)
        keys = [self.keys[number] for number in np.flatnonzero(pairs).tolist()]
        first = np.concatenate([[0], np.cumsum(pairs[pairs > 0])])
        return LookupKeys(keys, first, self.row[kept], self.rank[kept])


def lookup_keys(vocabulary: Vocabulary) -> LookupKeys:
    """The exact form of every token that has one; padding is never looked up."""
    forms = words(vocabulary)
    for i in np.flatnonzero(vocabulary.roles == Role.PADDING).tolist():
        forms[i] = None
    sought = np.fromiter(map(bool, forms), dtype=bool, count=len(forms))
    wanted = [form for form in forms if form]
    rows = vocabulary.rows[sought]
    return _group(wanted, rows, np.full(len(rows), EXACT, np.uint8))


def _group(wanted: list[bytes], row: NDArray[np.int64], rank: NDArray[np.uint8]) -> LookupKeys:
    """Pairs of key, row and rank, brought together by key."""
    keys = list(dict.fromkeys(wanted))
    if len(keys) == len(wanted):  # nearly always, and far cheaper
        return LookupKeys(keys, np.arange(len(keys) + 1), row, rank)
    numbers = {key: number for number, key in enumerate(keys)}
    number = np.array([numbers[key] for key in wanted])
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(len(keys) + 1))
    return LookupKeys(keys, first, row[order], rank[order])
