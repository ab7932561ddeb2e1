"""With an index a text gives the same as without, whatever is in it, and less of it is read."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep import _platform
from embedprep.core import reference as _reference
from embedprep.indexing import ENDING, UseOfIndex, make_index, with_index
from embedprep.indexing.indexed import Indexed
from embedprep.sources import open_content
from embedprep.vectors import Vectors
from embedprep.vectors.formats.text import open_text
from tests.indexing.readings import built, outcome, read_sizes, reading, replaced, replaced_unseen


def opened(path: str, block_bytes: int = 64, threads: int = 1) -> Vectors:
    return open_text(open_content(path), threads=threads, block_bytes=block_bytes)


KEYS = ["the", "cat", "Cat", "New York", "a b c", "é", "\u00a0", "#", "x" * 40, "1", "none"]
VALUES = ["1", "-2.5", "3e-3", "0.1", "nan", "x", "1e999", ".5"]
records = st.tuples(
    st.sampled_from(KEYS[:-1]), st.lists(st.sampled_from(VALUES), min_size=2, max_size=2)
)


@given(
    st.lists(records, min_size=2, max_size=30),
    st.sets(st.sampled_from(KEYS)),
    st.sampled_from([b"\n", b"\r\n", b" \n"]),
    st.booleans(),
    st.sampled_from([b"", b"2 2\n", b"\xef\xbb\xbf"]),
    st.sampled_from([1, 7, 64, 1 << 20]),
    st.sampled_from([1, 3]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_without(
    lines: list[tuple[str, list[str]]],
    wanted: set[str],
    ending: bytes,
    ends: bool,
    before: bytes,
    block_bytes: int,
    threads: int,
) -> None:
    good = [("first", ["1", "2"])] * 35 + lines  # the layout is read from the first ones
    content = before + ending.join(" ".join([key, *values]).encode() for key, values in good)
    Path("v.txt").write_bytes(content + (ending if ends else b""))
    keys = sorted(key.encode() for key in wanted)
    whole = reading(opened("v.txt"), keys)
    if whole["total"]["malformed"]:
        return  # not indexed, see below
    vectors = opened("v.txt")
    make_index(vectors, lambda count: None)
    vectors.close()
    indexed = with_index(opened("v.txt", block_bytes, threads), "use")
    assert isinstance(indexed, Indexed)
    assert reading(indexed, keys) == whole


VECTORS = b"the 1 2\ncat 3 4\nNew York 5 6\ncat 7 8\ndog 9 10\n"
VOCAB = ["", "the", "cat", "New York", "zebra"]


@pytest.mark.parametrize("options", [{}, {"fallback": "auto"}, {"fallback": "lower"}])
def test_the_same_matrix_and_report(options: dict[str, Any]) -> None:
    Path("v.txt").write_bytes(VECTORS)
    whole = built("v.txt", VOCAB, **options)
    assert built("v.txt", VOCAB, index="make", **options) == whole
    assert os.path.exists("v.txt" + ENDING)
    assert built("v.txt", VOCAB, **options) == whole
    assert built("v.txt", VOCAB, index="ignore", **options) == whole


def test_only_what_is_wanted_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [b"word%d %d 0\n" % (number, number) for number in range(50_000)]
    Path("v.txt").write_bytes(b"".join(lines))
    embedprep.index("v.txt")
    sizes = read_sizes(monkeypatch)
    wanted = ["word1", "word2", "word3", "word40000", "none"]
    matrix, _ = embedprep.build("v.txt", wanted, oov="zeros")
    assert matrix[:, 0].tolist() == [1, 2, 3, 40_000, 0]
    neighbours = sum(map(len, lines[1:4]))
    assert neighbours in sizes, "neighbours are read at once"
    assert sum(sizes) < 10 * (64 << 10) < os.path.getsize("v.txt")


def test_keys_of_one_hash(monkeypatch: pytest.MonkeyPatch, implementation: str) -> None:
    if implementation == "native":
        pytest.skip("the hash of the reference is the one that can be replaced")
    monkeypatch.setattr(_reference, "_hash", len)
    Path("v.txt").write_bytes(VECTORS)
    whole = built("v.txt", VOCAB)
    assert built("v.txt", VOCAB, index="make") == whole
    assert built("v.txt", VOCAB) == whole


@pytest.mark.parametrize("value", ["nan", "x", "1e999"])
@pytest.mark.parametrize("on_malformed", ["error", "skip"])
def test_the_same_error(value: str, on_malformed: str) -> None:
    Path("v.txt").write_bytes(b"dog 1 2\nthe 1 2\n" + f"cat 3 {value}\nNew York 1 2\n".encode())

    embedprep.index("v.txt")
    with_it, without = (
        outcome("v.txt", VOCAB, on_malformed=on_malformed, index=index)
        for index in ("use", "ignore")
    )
    assert with_it == without


@pytest.mark.parametrize("implementation", ["reference"], indirect=True)  # it asks for each range
def test_a_disk_that_gives_little_at_once_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("v.txt").write_bytes(b"unwanted 0 0\n" + VECTORS)
    whole = built("v.txt", VOCAB)
    embedprep.index("v.txt")
    read_once = _platform.read_once
    monkeypatch.setattr(
        _platform, "read_once", lambda fd, buffer, offset: read_once(fd, buffer[:2], offset)
    )
    assert built("v.txt", VOCAB) == whole

    def fail_behind(fd: int, buffer: memoryview, offset: int) -> int:
        if offset == len(b"unwanted 0 0\n"):
            raise OSError(errno.EIO, "I/O error")
        return read_once(fd, buffer, offset)

    monkeypatch.setattr(_platform, "read_once", fail_behind)
    with pytest.raises(embedprep.InputError, match="cannot read it"):
        built("v.txt", VOCAB)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_many_records_in_any_number_of_threads(threads: int) -> None:
    lines = [b"word%d %d 0.5\n" % (number, number) for number in range(3_000)]
    Path("v.txt").write_bytes(b"".join(lines))
    embedprep.index("v.txt")
    keys = [b"word%d" % number for number in range(0, 3_000, 7)]
    indexed = with_index(opened("v.txt", 100, threads), "use")
    assert reading(indexed, keys) == reading(opened("v.txt"), keys)


@pytest.mark.parametrize("use", ["make", "use"])
def test_who_wants_everything_reads_the_file(use: UseOfIndex) -> None:
    Path("v.txt").write_bytes(VECTORS)
    if use == "use":
        embedprep.index("v.txt")
    vectors = with_index(opened("v.txt"), use)
    names = [name for hits in vectors.hits(None) for name in hits.names]
    vectors.close()
    assert names == [b"the", b"cat", b"New York", b"cat", b"dog"]
    assert os.path.exists("v.txt" + ENDING) is (use == "use"), "its keys were not hashed"


def test_verify_reads_the_file_itself(capfd: pytest.CaptureFixture[str]) -> None:
    Path("v.txt").write_bytes(VECTORS)
    embedprep.build("v.txt", VOCAB, "m.npy", index="make")
    replaced("v.txt", VECTORS.replace(b"3 4", b"3 5"))
    Path("vocab.json").write_text(json.dumps(VOCAB))
    found = embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json")
    assert not all(finding.ok for finding in found.findings)


@pytest.mark.parametrize("new", [b"rat 3 4", b"cat 3 5"])
def test_every_record_that_is_used_is_one_that_was_indexed(new: bytes) -> None:
    """Size, times, beginning and end tell nothing of a change in the middle."""
    filler = b"".join(b"f%d 0 0\n" % number for number in range(30_000))
    Path("v.txt").write_bytes(filler + VECTORS + filler.replace(b"f", b"g"))
    embedprep.index("v.txt")
    changed = VECTORS.replace(b"cat 3 4", new)
    replaced_unseen("v.txt", filler + changed + filler.replace(b"f", b"g"))
    with pytest.raises(embedprep.InputError, match="not the file that was indexed"):
        embedprep.build("v.txt", VOCAB)
    matrix, _ = embedprep.build("v.txt", VOCAB, index="ignore")
    assert np.array_equal(matrix[2], [7, 8] if new[:1] == b"r" else [3, 5])
