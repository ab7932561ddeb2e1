"""With an index a binary word2vec file gives the same as without, and less of it is read."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.core import reference as _reference
from embedprep.core.scan import MAX_KEY_BYTES
from embedprep.indexing import ENDING, make_index, with_index
from embedprep.indexing.indexed import Indexed
from embedprep.vectors import Request, Vectors, open_vectors
from tests.indexing.readings import built, outcome, read_sizes, reading, replaced_unseen

once = pytest.mark.parametrize("implementation", ["native"], indirect=True)

DIM = 2
Record = tuple[bytes, bytes, int]
"""Key, values, and how many newlines stand behind it."""


def written(records: Sequence[Record], *, promised: int = 0, before: bytes = b"") -> bytes:
    """A file whose header promises so many records more than there are."""
    header = b"%d %d\n" % (max(len(records) + promised, 0), DIM)
    return header + before + b"".join(k + b" " + v + b"\n" * end for k, v, end in records)


def values(*numbers: float) -> bytes:
    return np.array(numbers, "<f4").tobytes()


def opened(path: str, block_bytes: int = 64, threads: int = 1) -> Vectors:
    name = "word2vec-binary"
    return open_vectors(Request(path, format=name, block_bytes=block_bytes, threads=threads))


KEYS = [b"the", b"Cat", b"", b"a\nb", b"2_2", b"\xff\0", "é\u00a0".encode(), b"x" * 70, b"none"]
ROWS = [
    *(values(1, -2.5), values(0.1, 1e-45), b"\n\n\n\n   \n", b"\x01he a b ", b"\0\0\0\0\n 1\n"),
    *(values(np.nan, 1), values(0, np.inf)),
]
RECORDS = st.lists(
    st.tuples(st.sampled_from(KEYS[:-1]), st.sampled_from(ROWS), st.sampled_from([0, 1, 1, 3])),
    max_size=30,
)


@given(
    RECORDS,
    st.sets(st.sampled_from(KEYS)),
    st.sampled_from([b"", b"", b"\n\n"]),
    st.sampled_from([0, 0, -1, 1]),
    st.sampled_from([1, 7, 64, 1 << 20]),
    st.sampled_from([1, 3]),
)
@example([], {b"the"}, b"", 0, 64, 1)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_without(
    records: list[Record],
    wanted: set[bytes],
    before: bytes,
    promised: int,
    block_bytes: int,
    threads: int,
) -> None:
    Path("v.bin").write_bytes(written(records, promised=promised, before=before))
    keys = sorted(wanted)
    whole = reading(opened("v.bin"), keys)
    assert whole["total"]["records"] == len(records)
    vectors = opened("v.bin")
    make_index(vectors, lambda count: None)
    vectors.close()
    indexed = with_index(opened("v.bin", block_bytes, threads), "use")
    assert isinstance(indexed, Indexed)
    assert reading(indexed, keys) == whole


TOKENS = ["", "the", "cat", "Cat", "é\u00a0", "2_2", "x" * 70, "zebra"]


@given(
    RECORDS,
    st.lists(st.sampled_from(TOKENS), unique=True, min_size=1),
    st.sampled_from([0, 0, 0, -1, 1]),
    st.fixed_dictionaries(
        {
            "on_malformed": st.sampled_from(["error", "skip"]),
            "on_duplicate": st.sampled_from(["first", "last", "error"]),
            "fallback": st.sampled_from([(), "lower", "auto"]),
        }
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_matrix_report_and_errors(
    records: list[Record], vocab: list[str], promised: int, options: dict[str, Any]
) -> None:
    Path("v.bin").write_bytes(written(records, promised=promised))
    options["vectors_format"] = "word2vec-binary"
    whole = outcome("v.bin", vocab, index="ignore", **options)
    embedprep.index("v.bin", vectors_format="word2vec-binary")
    assert outcome("v.bin", vocab, **options) == whole
    os.unlink("v.bin" + ENDING)
    assert outcome("v.bin", vocab, index="make", **options) == whole
    assert os.path.exists("v.bin" + ENDING) or isinstance(whole, str)


VOCAB = ["", "the", "cat", "zebra"]
SMALL = written([(b"dog", values(1, 2), 1), (b"the", values(3, 4), 1), (b"cat", values(5, 6), 1)])


@pytest.mark.parametrize("end", [0, 1])
def test_only_what_is_wanted_is_read(end: int, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("v.bin").write_bytes(
        written([(b"word%d" % number, values(number, 0), end) for number in range(50_000)])
    )
    embedprep.index("v.bin")
    sizes = read_sizes(monkeypatch)
    wanted = ["word1", "word2", "word3", "word40000", "none"]
    matrix, _ = embedprep.build("v.bin", wanted, oov="zeros")
    assert matrix[:, 0].tolist() == [1, 2, 3, 40_000, 0]
    record = len(b"word1 ") + 4 * DIM + end
    assert 3 * record in sizes, "neighbours are read at once"
    assert sum(sizes) < 10 * (64 << 10) < os.path.getsize("v.bin")


def test_a_gap_between_records_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = b"k" * MAX_KEY_BYTES
    content = written([(b"the", values(3, 4), 900_000), (longest, values(5, 6), 900_000)])
    Path("v.bin").write_bytes(content)
    vocab = ["the", longest.decode()]
    whole = built("v.bin", vocab)
    embedprep.index("v.bin")
    sizes = read_sizes(monkeypatch)
    assert built("v.bin", vocab) == whole
    assert sum(sizes) < 700_000


def test_values_are_those_of_the_file_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    Path("v.bin").write_bytes(SMALL)
    embedprep.index("v.bin")
    matrix, _ = embedprep.build("v.bin", VOCAB)
    assert matrix[1:3].tolist() == [[3, 4], [5, 6]]
    Path("v.bin").write_bytes(SMALL.replace(values(5, 6), values(5, 7)))
    matrix, _ = embedprep.build("v.bin", VOCAB)
    assert matrix[1:3].tolist() == [[3, 4], [5, 7]]
    assert "the file was written, moved or copied" in caplog.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"cat ", b"rat "),  # another key
        (b"cat ", b"catx"),  # its end is somewhere else
        (b"cat ", b"ca x"),
        (values(5, 6), values(5, 7)),
    ],
)
def test_every_record_that_is_used_is_one_that_was_indexed(old: bytes, new: bytes) -> None:
    """Size, time, beginning and end tell nothing of a change in the middle."""
    filler = [(b"f%d" % number, values(0, 0), 0) for number in range(10_000)]
    records = [*filler, (b"cat", values(5, 6), 0), *((b"g" + k, v, end) for k, v, end in filler)]
    content = written(records)
    Path("v.bin").write_bytes(content)
    embedprep.index("v.bin")
    replaced_unseen("v.bin", content.replace(old, new))
    with pytest.raises(embedprep.InputError, match="not the file that was indexed"):
        embedprep.build("v.bin", VOCAB)


def test_keys_of_one_hash(monkeypatch: pytest.MonkeyPatch, implementation: str) -> None:
    if implementation == "native":
        pytest.skip("the hash of the reference is the one that can be replaced")
    monkeypatch.setattr(_reference, "_hash", len)
    Path("v.bin").write_bytes(SMALL)
    whole = built("v.bin", VOCAB)
    embedprep.index("v.bin")
    assert built("v.bin", VOCAB) == whole


@once
def test_cut_off_anywhere_there_is_no_index(caplog: pytest.LogCaptureFixture) -> None:
    body = SMALL.index(b"\n") + 1
    ends = [body + k * (len(b"the ") + 4 * DIM + 1) for k in range(4)]
    for size in range(body, len(SMALL)):
        Path("v.bin").write_bytes(SMALL[:size])
        caplog.clear()
        options = {"vectors_format": "word2vec-binary", "on_malformed": "skip"}
        whole = outcome("v.bin", VOCAB, index="ignore", **options)
        assert outcome("v.bin", VOCAB, index="make", **options) == whole
        complete = size in ends or size + 1 in ends  # of the last newline alone
        assert os.path.exists("v.bin" + ENDING) is complete
        assert ("no index of v.bin: it has malformed records" in caplog.text) is not complete
        assert outcome("v.bin", VOCAB, **options) == whole
        if complete:
            os.unlink("v.bin" + ENDING)


@once
def test_a_key_without_end_is_the_same_error() -> None:
    Path("v.bin").write_bytes(written([(b"the", values(3, 4), 0), (b"k" * 300_000, b"", 0)]))
    whole = outcome("v.bin", VOCAB, index="ignore")
    assert isinstance(whole, str)
    assert "a key of more than 64 KiB" in whole
    assert outcome("v.bin", VOCAB, index="make") == whole
    with pytest.raises(embedprep.InputError, match="a key of more than 64 KiB"):
        embedprep.index("v.bin")
    assert not os.path.exists("v.bin" + ENDING)


@once
def test_the_same_bytes_read_as_text(caplog: pytest.LogCaptureFixture) -> None:
    """One record in either format, with another value."""
    Path("v.bin").write_bytes(b"1 1\nthe 1234\n")
    embedprep.index("v.bin", vectors_format="word2vec-binary")
    matrix, _ = embedprep.build("v.bin", ["the"], vectors_format="word2vec")
    assert matrix.tolist() == [[1234]]
    assert "is now read in another way" in caplog.text
    caplog.clear()
    caplog.set_level(logging.INFO, "embedprep")
    matrix, _ = embedprep.build("v.bin", ["the"], vectors_format="word2vec-binary")
    assert matrix.tobytes() == b"1234"
    assert "reading with the index" in caplog.text


@once
def test_the_index_is_small() -> None:
    Path("v.bin").write_bytes(
        written([(b"word%d" % number, values(number, 0), 0) for number in range(1_000)])
    )
    assert os.path.getsize(embedprep.index("v.bin")) < 20 * 1_000 + 600
