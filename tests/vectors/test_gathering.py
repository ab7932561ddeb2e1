"""Small chunks joined: the same hits in the same order, and errors where they belong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from embedprep.errors import InputError
from embedprep.vectors import Fault, Hits
from embedprep.vectors.gathering import ENOUGH_BYTES, gathered

pytestmark = pytest.mark.once

DIM = 4
MANY = ENOUGH_BYTES // (4 * DIM)
"""Rows that need not be joined with others."""


def chunk(first: int, count: int, **fields: Any) -> Hits:
    number = np.arange(first, first + count)
    rows = np.repeat(number, DIM).reshape(count, DIM).astype(np.float32)
    return Hits(key=number, record=number, rows=rows, records=count, bytes=10 * count, **fields)


def forgetful(chunks: list[Hits]) -> Iterator[Hits]:
    """As a vector file: the memory of the rows is used again."""
    for hits in chunks:
        yield hits
        hits.rows[:] = np.nan


def sizes(chunks: list[Hits]) -> list[int]:
    """How many hits each joined chunk has, which are all there in order."""
    found, seen = [], 0
    for hits in gathered(forgetful(chunks), lambda count: None):
        count = len(hits.key)
        expected = np.arange(seen, seen + count)
        assert hits.key.tolist() == hits.record.tolist() == expected.tolist()
        assert np.array_equal(hits.rows, np.repeat(expected, DIM).reshape(count, DIM))
        found.append(count)
        seen += count
    return found


def test_small_chunks_are_joined_until_they_are_enough() -> None:
    half = MANY // 2
    chunks = [chunk(i * half, half) for i in range(5)]
    assert sizes(chunks) == [2 * half, 2 * half, half]


def test_a_large_chunk_stays_alone_behind_the_small_ones_before_it() -> None:
    chunks = [chunk(0, 3), chunk(3, MANY), chunk(3 + MANY, 0), chunk(3 + MANY, 1)]
    assert sizes(chunks) == [3, MANY, 1]


def test_so_does_one_with_the_hashes_of_a_whole_file() -> None:
    hashes = np.arange(ENOUGH_BYTES // 8)
    chunks = [chunk(0, 0, hashes=hashes), chunk(0, 1), chunk(1, 1)]
    first, second = gathered(iter(chunks), lambda count: None)
    assert first is chunks[0]
    assert len(second.key) == 2


def test_what_is_composed_is_never_joined() -> None:
    chunks = [chunk(0, 2), chunk(2, 1, composed=True), chunk(3, 1), chunk(4, 2, composed=True)]
    assert sizes(chunks) == [2, 1, 1, 2]


def test_everything_that_is_counted_adds_up() -> None:
    numbers = [np.array([1, 2]), np.array([3])]
    chunks = [
        chunk(
            i,
            1,
            malformed=1 + i,
            undecodable=numbers[i],
            nonfinite=numbers[1 - i],
            spaced_keys=5 + i,
            hashes=numbers[i] + 10,
            places=numbers[i],
            capitals=i == 1,
            lines=2,
        )
        for i in range(2)
    ]
    seen: list[int] = []
    [joined] = gathered(iter(chunks), seen.append)
    assert seen == [10, 10]
    assert (joined.records, joined.bytes, joined.lines, joined.capitals) == (2, 20, 4, True)
    assert (joined.malformed, joined.spaced_keys) == (3, 11)
    assert joined.undecodable.tolist() == [1, 2, 3]
    assert joined.nonfinite.tolist() == [3, 1, 2]
    assert joined.hashes.tolist() == [11, 12, 13]
    assert joined.places.tolist() == []


def test_nobody_waits_for_a_fault_and_the_first_is_the_first() -> None:
    faults = [Fault(i + 1, byte=i, reason="broken", record=i) for i in range(3)]
    chunks = [chunk(0, 1), chunk(1, 1, fault=faults[1]), chunk(2, 1, fault=faults[2])]
    joined = list(gathered(iter(chunks), lambda count: None))
    assert [(len(hits.key), hits.fault) for hits in joined] == [(2, faults[1]), (1, faults[2])]


def test_an_error_comes_behind_the_hits_before_it() -> None:
    def broken() -> Iterator[Hits]:
        yield chunk(0, 2)
        raise InputError("it ends", "Copy it again.")

    chunks = gathered(broken(), lambda count: None)
    assert len(next(chunks).key) == 2
    with pytest.raises(InputError, match="it ends"):
        next(chunks)


def test_nothing_comes_of_nothing() -> None:
    assert list(gathered(iter([]), lambda count: None)) == []
