"""Evidence in the first records of a text for or against reading it as vectors.

Comes in: the first records of a file. Goes out: a `Sample`, which counts the numbers at the end of
each record. A dimension is only guessed if all records of the file agree on it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from embedprep.errors import printable
from embedprep.named_tuples import NamedTuple

_VALUE = rb"[-+]?(?:(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:e[-+]?[0-9]++)?+|nan|inf(?:inity)?+)"
NUMBER = re.compile(_VALUE, re.I)
_LINES_OF_NUMBERS = re.compile(rb"(?:%b\n)*+" % _VALUE, re.I)


class Sample(NamedTuple):
    """The first records of a file, stripped on the right, and how they would be read."""

    records: list[bytes]
    """The records: at least one, and none of them blank."""
    separator: bytes
    lines_before: int
    """How many lines precede the records: 1 with a header of count and dimension, else 0."""
    trailing: list[int]
    """How many numbers end each record, not counting its first field."""
    dim: int
    """The most frequent of these counts, except 0; 0 if all are 0."""
    declared: int | None
    """The dimension that the header promises."""
    expected_dim: int | None
    """The dimension that the user asks for."""

    def most(self, count: int) -> bool:
        """Whether `count` is nearly all of the records."""
        return count >= 0.8 * len(self.records)


class Refusal(NamedTuple):
    """Why a file is not read as it is, and the remedy."""

    reason: str
    advice: str
    program: str | None = None
    """The program that makes the file readable, from standard input to standard output."""


def sample(
    records: list[bytes],
    separator: bytes,
    *,
    lines_before: int,
    declared: int | None,
    expected_dim: int | None,
) -> Sample:
    trailing = [trailing_numbers(record.split(separator)[1:]) for record in records]
    dim = _most_frequent(trailing)
    return Sample(records, separator, lines_before, trailing, dim, declared, expected_dim)


def trailing_numbers(fields: Sequence[bytes]) -> int:
    """Count the numbers at the end of `fields`."""
    # One match for all fields, which most records pass: one match per field takes three times as
    # long.
    if _LINES_OF_NUMBERS.fullmatch(b"\n".join([*fields, b""])):
        return len(fields)
    for count, content in enumerate(reversed(fields)):
        if not NUMBER.fullmatch(content):
            return count
    return len(fields)


def excerpt(line: bytes, limit: int = 40) -> str:
    text = printable(line[: limit + 1].decode("utf-8", "replace"))
    return text if len(line) <= limit else text[:limit] + "…"


def _most_frequent(counts: Sequence[int]) -> int:
    found = Counter(filter(None, counts)).most_common(1)
    return found[0][0] if found else 0
