"""Records that need not be read, because an earlier matrix from the same file has their vectors.

Comes in: what the matrix says about its rows. Goes out, for one file: the records whose keys its
index confirms, with their vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.named_tuples import NamedTuple

if TYPE_CHECKING:
    from embedprep.indexing.key_index import KeyIndex

Numbers = NDArray[np.int64]


class Claimed(NamedTuple):
    """Claims of a matrix: row `row[i]` is the vector of record `record[i]`, whose key is `keys[i]`.

    A record may occur several times, with several keys.
    """

    record: Numbers
    """The records, numbered as in `Hits`."""
    keys: list[bytes]
    row: Numbers


class Known(NamedTuple):
    """Records of one file whose vectors are known, ascending, each of them once."""

    place: Numbers
    """The position in the index, from 0."""
    keys: list[bytes]
    row: Numbers
    matrix: NDArray[np.floating]
    """The matrix that contains the rows, shape (rows, dim)."""

    def wanted(self, keys: list[bytes]) -> Spared:
        """Keep the claims about one of `keys`."""
        numbers = {key: number for number, key in enumerate(keys)}
        number = np.fromiter((numbers.get(key, -1) for key in self.keys), np.int64, len(self.keys))
        own = number >= 0
        return Spared(self.place[own], number[own], self.row[own], self.matrix)


class Spared(NamedTuple):
    """Wanted records that need not be read, ascending."""

    place: Numbers
    """The position in the index, from 0."""
    key: Numbers
    """The number of the wanted key."""
    row: Numbers
    matrix: NDArray[np.floating]

    def among(self, records: Numbers) -> Spared:
        """Keep the records in the range of `records`, which are ascending places in the index."""
        begin, end = np.searchsorted(self.place, [records[0], records[-1] + 1]).tolist()
        part = slice(begin, end)
        return Spared(self.place[part], self.key[part], self.row[part], self.matrix)


@dataclass(eq=False)
class Tally:
    """How many of the wanted vectors were reused, and how many looked up."""

    reused: int = 0
    """The number of vectors that were not read."""
    looked_up: int = 0
    """The number of vectors that were read with an index."""
    obstacles: dict[str, str] = field(default_factory=dict)
    """The reason why nothing of a vector file is reused, by its path."""


@dataclass(frozen=True)
class Reuse:
    """The rows that may be taken from an earlier matrix.

    Two are equal if they refer to the same state of the same file.
    """

    path: str
    """The file of the matrix."""
    modified_ns: int
    """The time when it was written."""
    matrix: NDArray[np.floating] = field(compare=False)
    """The rows, shape (rows, dim), float32; float16 if only whole rows are taken."""
    claimed: Mapping[str, Claimed] = field(compare=False)
    """The claims by the fingerprint of the vector file."""
    tally: Tally = field(default_factory=Tally, compare=False)

    def of(self, path: str, index: KeyIndex, dim: int, first: int) -> Known | None:
        """Return the known records of the file at `path`, which counts them from `first`."""
        claimed = self.claimed.get(index.fingerprint)
        if claimed is None or dim != self.matrix.shape[1]:
            self.hindered(path, "it is another file than the one that the matrix was built from")
        else:
            return _confirmed(claimed, index, first, self.matrix)
        return None

    def hindered(self, path: str, reason: str) -> None:
        """Note why nothing of the file at `path` is reused, unless nothing could be."""
        if self.claimed:
            self.tally.obstacles[path] = reason


def _confirmed(
    claimed: Claimed, index: KeyIndex, first: int, matrix: NDArray[np.floating]
) -> Known:
    """Keep the claims that the index confirms: its records have the hashes of the keys."""
    place = claimed.record - first
    there = np.flatnonzero((place >= 0) & (place < len(index.hashes)))
    hashes = core.load().hash_keys(claimed.keys)
    there = there[hashes[there] == index.hashes[place[there]]]
    place, once = np.unique(place[there], return_index=True)
    there = there[once]
    return Known(place, [claimed.keys[i] for i in there.tolist()], claimed.row[there], matrix)
