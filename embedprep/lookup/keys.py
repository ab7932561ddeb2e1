"""The byte strings to look up in a vector file, and the rows that each of them may fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple

SPELLING = 0
"""The rank of the token's own spelling, if that is better than its exact form."""

EXACT = 1
"""The rank of the exact form. A row with this rank or a better one has the vector of its token."""

EQUIVALENT = EXACT + 2
"""The lowest rank of the same word in other bytes: two other normal forms may follow the exact
form. A lower rank is a fallback.
"""

COMPOSED = 65_533
"""The rank of a row that is composed, of n-grams or pieces: anything in the file is better."""

PIECES = 65_534
"""The rank of a row that is the mean of the words that contain the token."""

UNMATCHED = 65_535
"""The rank of a row that no record filled."""


class Means(NamedTuple):
    """Rows that may be filled with the mean of the vectors of several keys.

    Mean m, of rank `rank[m]`, is for `row[m]`, and is made of the keys `key[first[m]:first[m +
    1]]`.
    """

    row: NDArray[np.int64]
    rank: NDArray[np.uint16]
    code: NDArray[np.uint8]
    """The provenance of a row that the mean fills."""
    first: NDArray[np.int64]
    key: NDArray[np.int64]

    def where(self, kept: NDArray[np.bool_]) -> Means:
        """Select the means of a mask."""
        length = np.diff(self.first)
        return Means(
            self.row[kept],
            self.rank[kept],
            self.code[kept],
            starts(length[kept]),
            self.key[np.repeat(kept, length)],
        )


class Pieces(NamedTuple):
    """Rows that may be filled with the weighted mean of the vectors of words.

    Word w is key `key[w]`. It counts `weight[w]` times for the rows `row[first[w]:first[w + 1]]`.
    """

    key: NDArray[np.int64]
    weight: NDArray[np.float64]
    first: NDArray[np.int64]
    row: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LookupKeys:
    """Distinct keys, and the rows that each of them may fill.

    Key k serves the pairs `first[k]:first[k + 1]` of `row`, `rank` and `code`.
    """

    keys: list[bytes]
    first: NDArray[np.int64]
    row: NDArray[np.int64]
    rank: NDArray[np.uint16]
    code: NDArray[np.uint8]
    """The provenance of a row that the key fills."""
    exact: int
    """The number of keys, from the first on, that are the exact form of a token, or its
    spelling.
    """
    composable: int
    """The number of keys, from the first on, for which a vector may be composed."""
    foreign: bool = False
    """Whether exact forms are neither the token nor its word, because the keys have other marks."""
    means: Means | None = None
    pieces: Pieces | None = None

    @cached_property
    def one_row_each(self) -> bool:
        """Whether key k serves only pair k, as is nearly always so."""
        return np.array_equal(self.first, np.arange(len(self.keys) + 1))

    def key_of_pair(self) -> NDArray[np.int64]:
        """Return the index of the key of each pair."""
        return np.repeat(np.arange(len(self.keys)), np.diff(self.first))

    def pairs(self) -> set[tuple[bytes, int]]:
        """Return pairs of a key and a row that it may fill."""
        named = (self.keys[number] for number in self.key_of_pair().tolist())
        return set(zip(named, self.row.tolist(), strict=True))

    def filled(self, rank: NDArray[np.uint16]) -> Iterator[tuple[int, int, list[bytes]]]:
        """Yield the rows filled by a key that the matrix must name, their provenance and keys.

        Such a key is not the token's word and does not follow from the kind of keys either. `rank`
        is the rank of the key that filled each row.
        """
        told = np.ones(len(self.rank), bool) if self.foreign else self.rank != EXACT
        pairs = np.flatnonzero(told & (self.rank == rank[self.row]))
        numbers = np.searchsorted(self.first, pairs, side="right") - 1
        for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
            yield int(self.row[pair]), int(self.code[pair]), [self.keys[number]]
        if self.means is not None:
            means = self.means
            for mean in np.flatnonzero(means.rank == rank[means.row]).tolist():
                parts = means.key[means.first[mean] : means.first[mean + 1]].tolist()
                keys = [self.keys[part] for part in parts]
                yield int(means.row[mean]), int(means.code[mean]), keys

    def only(self, rows: NDArray[np.bool_]) -> LookupKeys:
        """Return the keys without those that could fill none of `rows`, a mask over the matrix."""
        kept = rows[self.row]
        if kept.all():
            return self
        return self._reduced(kept, self.means and self.means.where(rows[self.means.row]))

    def still_unknown(self, rank: NDArray[np.uint16]) -> LookupKeys:
        """Return the keys without those that are known to be missing from every file.

        These are the words themselves, which have been looked up already, and which, by `rank`,
        filled no row.
        """
        in_vain = np.zeros(len(self.keys), bool)
        asked = (self.rank <= EQUIVALENT) & (rank[self.row] > EQUIVALENT)
        in_vain[self.key_of_pair()[asked]] = True
        means = self.means
        if means is not None:
            hopeless = np.logical_or.reduceat(in_vain[means.key], means.first[:-1])
            means = means.where(~hopeless)
        return self._reduced(~in_vain[self.key_of_pair()], means)

    def _reduced(self, kept: NDArray[np.bool_], means: Means | None) -> LookupKeys:
        """Return the pairs `kept`, a mask, these `means`, and the keys that they need."""
        pairs = np.bincount(self.key_of_pair()[kept], minlength=len(self.keys))
        used = pairs > 0
        for others in (means, self.pieces):
            if others is not None:
                used[others.key] = True
        number = np.cumsum(used) - 1
        return LookupKeys(
            keys=[self.keys[k] for k in np.flatnonzero(used).tolist()],
            first=starts(pairs[used]),
            row=self.row[kept],
            rank=self.rank[kept],
            code=self.code[kept],
            exact=int(np.count_nonzero(used[: self.exact])),
            composable=int(np.count_nonzero(used[: self.composable])),
            foreign=self.foreign,
            means=means and means._replace(key=number[means.key]),
            pieces=self.pieces and self.pieces._replace(key=number[self.pieces.key]),
        )


def starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of several runs begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
