"""The core in plain Python: the specification, the fallback without a compiler, the oracle.

Same names, arguments and results as the compiled `embedprep._core`; the whole test suite runs on
both. A *block* is a buffer of whole records; all offsets count from its first byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NO_FAULT = -1

# ASCII digits only, no underscores, no hexadecimal: `float()` alone would read `1_0` as 10.
_NUMBER = re.compile(
    rb"[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|nan|inf|infinity)", re.IGNORECASE
)


class Keys:
    """The wanted keys, numbered in the order given. A key given twice is a ValueError."""

    def __init__(self, keys: list[bytes]) -> None:
        self.numbers = {key: number for number, key in enumerate(keys)}
        if len(self.numbers) != len(keys):
            raise ValueError("a key is given twice")

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass
class _Found:
    """`Scan` while it grows."""

    lines: int = 0
    records: int = 0
    spaced: int = 0
    hits: list[tuple[int, int, int, int]] = field(default_factory=list)
    malformed: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Scan:
    """What one block holds. The arrays are int64, one element a hit, in file order."""

    lines: int
    """Lines, blank ones included."""
    records: int
    """Lines that are not blank, malformed ones included."""
    spaced: int
    """Records whose key contains the separator."""
    key: NDArray[np.int64]
    """Number of the wanted key."""
    line: NDArray[np.int64]
    """Line within the block, from 0."""
    start: NDArray[np.int64]
    """Offset of the first value."""
    end: NDArray[np.int64]
    """Offset behind the last value."""
    malformed: NDArray[np.int64]
    """Offsets of the records that have too few values, or a key that nothing tells from them."""


def scan_text(block: bytes | NDArray[np.uint8], keys: Keys, dim: int, separator: bytes) -> Scan:
    """Find the records of a text block whose key is wanted.

    A record ends at a newline; spaces, tabs and carriage returns before it are not part of it.
    Its key is what stands before the last `dim` fields; a key that contains the separator counts
    only when those fields are numbers.
    """
    found = _Found()
    for first, record in _lines(bytes(block)):
        line, found.lines = found.lines, found.lines + 1
        if not record:
            continue
        found.records += 1
        separators = record.count(separator)
        if separators < dim:
            found.malformed.append(first)
            continue
        if separators == dim:
            key, _, payload = record.partition(separator)
        else:
            key, *values = record.rsplit(separator, dim)
            if not all(map(_NUMBER.fullmatch, values)):
                found.malformed.append(first)
                continue
            found.spaced += 1
            payload = separator.join(values)
        number = keys.numbers.get(key)
        if number is not None:
            last = first + len(record)
            found.hits.append((number, line, last - len(payload), last))
    numbers, lines, starts, ends = np.array(found.hits, dtype=np.int64).reshape(-1, 4).T.copy()
    malformed = np.array(found.malformed, dtype=np.int64)
    return Scan(found.lines, found.records, found.spaced, numbers, lines, starts, ends, malformed)


def _lines(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and content of each line, stripped on the right."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", start)
        if end < 0:
            end = len(block)
        yield start, block[start:end].rstrip(b" \t\r")
        start = end + 1


def decode_text(
    block: bytes | NDArray[np.uint8],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    separator: bytes,
    rows: NDArray[np.float32],
    bad: NDArray[np.int64],
    nonfinite: NDArray[np.int64],
) -> None:
    """Decode the payloads `block[start:end]` into `rows`, shape (hits, dim).

    A value is `float32(float64(text))`: rounded to double, then to single, as NumPy does. `bad`
    receives the offset of the first field that is not a number or is one too many or too few,
    `nonfinite` that of the first that is nan, infinite or beyond float32; both are -1 for a good
    row. A row with a fault has undefined content.
    """
    data = bytes(block)
    for i in range(len(rows)):
        fields = data[start[i] : end[i]].split(separator)
        offsets = [int(start[i])]
        for content in fields:
            offsets.append(offsets[-1] + len(content) + len(separator))
        bad[i] = nonfinite[i] = NO_FAULT
        dim = rows.shape[1]
        valid = [_NUMBER.fullmatch(content) is not None for content in fields[:dim]]
        if not all(valid):
            bad[i] = offsets[valid.index(False)]
        elif len(fields) != dim:
            bad[i] = min(offsets[min(len(fields), dim)], int(end[i]))
        else:
            with np.errstate(over="ignore"):
                rows[i] = np.array([float(content) for content in fields]).astype(np.float32)
            finite = np.isfinite(rows[i])
            if not finite.all():
                nonfinite[i] = offsets[int(finite.argmin())]
