"""Many ranges of a file in one call: all of them where they belong, or their numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedprep import core

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def fd(workdir: Path) -> Iterator[int]:
    Path("f").write_bytes(CONTENT)
    descriptor = os.open("f", os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def read(fd: int, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, list[int]]:
    """The memory after reading (offset, size) one behind the other, and what is missing."""
    offset, size = np.array(ranges, np.int64).reshape(-1, 2).T
    end = np.cumsum(size)
    memory = np.full(int(end[-1]) if len(end) else 0, ord("-"), np.uint8)
    missing = core.load().read_ranges(fd, memory, offset.copy(), end - size, end)
    assert missing.dtype == np.int64
    return memory.tobytes(), missing.tolist()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ranges=st.lists(st.tuples(st.integers(0, len(CONTENT) + 5), st.integers(0, 300))))
def test_each_range_where_it_belongs(fd: int, ranges: list[tuple[int, int]]) -> None:
    memory, missing = read(fd, ranges)
    assert missing == [i for i, (at, n) in enumerate(ranges) if at + n > len(CONTENT) and n]
    begin = 0
    for number, (at, size) in enumerate(ranges):
        if number not in missing:
            assert memory[begin : begin + size] == CONTENT[at : at + size]
        begin += size


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="nothing can be asked out of memory")
def test_what_is_not_in_memory_comes_from_the_disk(fd: int) -> None:
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    ranges = [(at, 100) for at in range(0, len(CONTENT), 100)][:-1]
    memory, missing = read(fd, ranges)
    assert missing == []
    assert memory == CONTENT[: len(memory)]


def test_of_a_file_that_cannot_be_read_all_is_missing(workdir: Path) -> None:
    Path("f").write_bytes(CONTENT)
    writer = os.open("f", os.O_WRONLY)
    try:
        assert read(writer, [(0, 5), (7, 2)]) == (b"-" * 7, [0, 1])
    finally:
        os.close(writer)


def test_nothing_is_written_beside_the_memory(fd: int, implementation: str) -> None:
    if implementation == "reference":
        pytest.skip("NumPy looks after it")
    numbers = np.array([0], np.int64)
    memory = np.zeros(4, np.uint8)
    for begin, end in ((-1, 2), (3, 2), (0, 5)):
        with pytest.raises(IndexError, match="outside the memory"):
            core.load().read_ranges(fd, memory, numbers, numbers + begin, numbers + end)
    with pytest.raises(ValueError, match="one of each"):
        core.load().read_ranges(fd, memory, numbers, numbers[:0], numbers)
