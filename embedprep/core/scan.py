"""The records that a scan of a block finds, as both implementations describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MAX_KEY_BYTES = 64 << 10
"""The longest key of a binary file. It bounds the search for the end of a damaged key."""


class Keys(Protocol):
    """The wanted keys, numbered in the order given. A key given twice is a ValueError."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Scan:
    """The records of one block. The arrays are int64, one element per hit, in file order."""

    lines: int
    """The number of lines of a text, including blank ones; of entries of a dictionary; else of
    records.
    """
    records: int
    """The number of records, including malformed ones; in a text, of lines that are not blank."""
    spaced: int
    """The number of records whose key contains the separator."""
    consumed: int
    """The size of the whole records in bytes; the bytes after them need more of the file."""
    key: NDArray[np.int64]
    """The index of the wanted key. If all were wanted (no `Keys`), they count from 0."""
    line: NDArray[np.int64]
    """The line, entry or record within the block, from 0."""
    first: NDArray[np.int64]
    """The offset of the key, which ends one byte before `start`."""
    start: NDArray[np.int64]
    """The offset of the first value."""
    end: NDArray[np.int64]
    """The offset after the last value."""
    malformed: NDArray[np.int64]
    """The offsets of the records with too few values, or a key that cannot be told from the
    values.
    """
    hashes: NDArray[np.int64]
    """The `hash_keys` of the key of every other record, wanted or not; empty if all are wanted."""
    places: NDArray[np.int64]
    """The offsets of these keys."""
    digests: NDArray[np.int64]
    """The `digest` of each line of a text; those of a word2vec file are made separately."""
    capitals: bool
    """Whether one of these keys contains an ASCII capital letter."""
    marks: NDArray[np.int64]
    """How many of these keys have each of `MARKS`."""
