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
    """The records of one block. The arrays are int64, one element a hit, in file order."""

    lines: int
    """Lines of a text, blank ones included; entries of a dictionary; elsewhere records."""
    records: int
    """Records, malformed ones included; of a text the lines that are not blank."""
    spaced: int
    """Records whose key contains the separator."""
    consumed: int
    """Bytes of whole records; what is behind them wants more of the file."""
    key: NDArray[np.int64]
    """Number of the wanted key. Where all were wanted (no `Keys`), they count from 0."""
    line: NDArray[np.int64]
    """Line, entry or record within the block, from 0."""
    first: NDArray[np.int64]
    """Offset of the key, which ends one byte before `start`."""
    start: NDArray[np.int64]
    """Offset of the first value."""
    end: NDArray[np.int64]
    """Offset behind the last value."""
    malformed: NDArray[np.int64]
    """Offsets of the records that have too few values, or a key that nothing tells from them."""
    hashes: NDArray[np.int64]
    """`hash_keys` of the key of every other record, wanted or not; empty where all are wanted."""
    places: NDArray[np.int64]
    """Offsets of these keys."""
    capitals: bool
    """Whether one of these keys has a capital letter of ASCII."""
    marks: NDArray[np.int64]
    """How many of these keys have each of `MARKS`."""
