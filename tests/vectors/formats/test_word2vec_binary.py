"""Binary word2vec files: the bits that gensim reads, newlines or not, and damaged files."""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import embedprep
from embedprep.errors import InputError
from embedprep.sources.source import Stream
from embedprep.vectors import Fault, Hits, Vectors, open_vectors
from embedprep.vectors.blocks import BLOCK_BYTES
from embedprep.vectors.formats.word2vec_binary import Word2VecBinary, claims
from embedprep.vectors.request import Request
from tests.pasting import paste

BLOCKS = [1, 2, 3, 5, 7, 13, 64, BLOCK_BYTES]


def written(
    records: Sequence[tuple[bytes, Sequence[float]]], end: bytes = b"", count: int | None = None
) -> bytes:
    """A file as the C tool writes it (`end` a newline), or as GoogleNews is (no `end`)."""
    dim = len(records[0][1])
    header = b"%d %d\n" % (len(records) if count is None else count, dim)
    body = [key + b" " + np.array(row, "<f4").tobytes() + end for key, row in records]
    return header + b"".join(body)


class Reading:
    """One pass over a file: the vectors found, and the sums of what the chunks count."""

    def __init__(self, vectors: Vectors, keys: list[bytes] | None = None) -> None:
        self.found: list[tuple[bytes, bytes]] = []
        self.record: list[int] = []
        self.records = self.malformed = self.nonfinite = self.bytes = 0
        self.faults: list[Fault] = []
        with contextlib.closing(vectors):
            for hits in vectors.hits(keys):
                names: Sequence[bytes] = hits.names if keys is None else keys
                rows = [row.tobytes() for row in hits.rows]
                self.found += zip([names[i] for i in hits.key.tolist()], rows, strict=True)
                self.count(hits)
            self.description = vectors.describe()

    def count(self, hits: Hits) -> None:
        self.record += hits.record.tolist()
        self.records += hits.records
        self.malformed += hits.malformed
        self.nonfinite += len(hits.nonfinite)
        self.bytes += hits.bytes
        self.faults += [hits.fault] if hits.fault else []


def from_stream(data: bytes, block_bytes: int = BLOCK_BYTES) -> Word2VecBinary:
    return Word2VecBinary(Stream("-", io.BytesIO(data)), Request("-", block_bytes=block_bytes))


# Keys and values that hold what separates: newlines, spaces, zero bytes, digits at the beginning.
HARD = [
    (b"</s>", [0.0, -0.0, 1e-45]),
    (b"the", np.frombuffer(b"\n\n\n\n     a b", "<f4").tolist()),
    (b"2 3".replace(b" ", b"_"), [1.5, 2.5, 3.5]),
    (b"12", np.frombuffer(b"12 34 5\n6 7\n", "<f4").tolist()),
    (b"New_York", [3.4e38, -3.4e38, 1e-38]),
    ("中\u00a0文".encode(), [0.1, 0.2, 0.3]),
    (b"\xff\xfe\0", [7.0, 8.0, 9.0]),
    (b"", [4.0, 5.0, 6.0]),
    (b"the", [9.0, 9.0, 9.0]),
]
BITS = [(key, np.array(row, "<f4").tobytes()) for key, row in HARD]


@pytest.mark.parametrize("block_bytes", BLOCKS)
@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"], ids=["GoogleNews", "C tool", "two"])
@pytest.mark.parametrize("kind", ["file", "stream", "gzip"])
def test_what_is_written_is_read_whatever_the_blocks(
    kind: str, end: bytes, block_bytes: int, tmp_path: Path
) -> None:
    data = written(HARD, end)
    path = tmp_path / "vectors"
    path.write_bytes(gzip.compress(data) if kind == "gzip" else data)

    def opened() -> Vectors:
        if kind == "stream":
            return from_stream(data, block_bytes)
        return open_vectors(Request(str(path), block_bytes=block_bytes))

    everything = Reading(opened())
    assert everything.found == BITS
    assert everything.record == list(range(len(HARD)))
    assert (everything.records, everything.malformed, everything.faults) == (len(HARD), 0, [])
    some = Reading(opened(), [b"12", b"absent", b"", b"the", b"th"])
    assert some.found == [BITS[i] for i in (1, 3, 7, 8)]
    assert some.record == [1, 3, 7, 8]
    assert some.records == len(HARD)
    assert some.description.format == "word2vec-binary"
    assert some.description.compression == ("gzip" if kind == "gzip" else None)
    assert (some.description.header, some.description.ends_with_newline) == (True, None)
    if kind == "file":
        header = data.index(b"\n") + 1
        assert some.bytes == len(data) - header


@pytest.mark.parametrize(("kind", "end"), [("plain", b""), ("plain", b"\n"), ("gzip", b"\n")])
def test_a_build_gives_each_token_its_row(kind: str, end: bytes, workdir: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(300, 20)).astype(np.float32)
    tokens = [f"word{i}" for i in range(300)]
    data = written(list(zip([t.encode() for t in tokens], rows.tolist(), strict=True)), end)
    Path("vectors.bin").write_bytes(gzip.compress(data) if kind == "gzip" else data)
    matrix, report = embedprep.build("vectors.bin", tokens[::-1], oov="zeros")
    assert matrix.tobytes() == rows[::-1].tobytes()
    assert report.records == dict.fromkeys(report.records, 0)


# --- gensim ----------------------------------------------------------------------------------

GENSIM_BINARY = ["euclidean_vectors.bin", "poincare_vectors.bin", "high_precision.kv.bin"]
GENSIM_TEXT = ["lee_fasttext.vec", "crime-and-punishment.vec", "high_precision.kv.txt"]


def gensim() -> tuple[Any, Any]:
    models = pytest.importorskip("gensim.models", reason="no gensim")
    return models.KeyedVectors, pytest.importorskip("gensim.test.utils").datapath


def assert_same_bits(path: str, theirs: Any) -> None:
    expected = [(key.encode(), theirs[key].tobytes()) for key in theirs.index_to_key]
    assert len(expected) > 1
    for block_bytes in (7, BLOCK_BYTES):
        reading = Reading(open_vectors(Request(path, block_bytes=block_bytes)))
        assert reading.description.format == "word2vec-binary"
        assert reading.found == expected
        assert reading.faults == []
    matrix, report = embedprep.build(path, theirs.index_to_key, oov="zeros")
    assert matrix.tobytes() == b"".join(bits for _, bits in expected)
    assert report.records == dict.fromkeys(report.records, 0)


@pytest.mark.parametrize("name", GENSIM_BINARY)
def test_gensim_reads_the_same_bits(name: str) -> None:
    keyed_vectors, datapath = gensim()
    path: str = datapath(name)
    assert_same_bits(path, keyed_vectors.load_word2vec_format(path, binary=True))


@pytest.mark.parametrize("end", [b"", b"\n"], ids=["as gensim writes", "as the C tool writes"])
@pytest.mark.parametrize("name", GENSIM_TEXT)
def test_what_gensim_writes_is_read(name: str, end: bytes, workdir: Path) -> None:
    keyed_vectors, datapath = gensim()
    theirs = keyed_vectors.load_word2vec_format(datapath(name))
    theirs.save_word2vec_format("vectors.bin", binary=True)
    if end:
        records = [(key.encode(), theirs[key].tolist()) for key in theirs.index_to_key]
        assert Path("vectors.bin").read_bytes() == written(records)
        Path("vectors.bin").write_bytes(written(records, end))
    again = keyed_vectors.load_word2vec_format("vectors.bin", binary=True)
    assert again.vectors.tobytes() == theirs.vectors.tobytes()
    assert_same_bits("vectors.bin", theirs)


# --- damaged files ---------------------------------------------------------------------------

SMALL = written([(b"the", [0.1, -0.2]), (b"of", [0.3, 4.0]), (b"to", [5.0, 0.7])], b"\n")
HEADER = SMALL.index(b"\n") + 1
TOKENS = ["the", "of", "to"]


def built(data: bytes, **options: Any) -> Any:
    Path("vectors.bin").write_bytes(data)
    return embedprep.build("vectors.bin", TOKENS, oov="zeros", **options)


def test_the_small_file_as_it_is(workdir: Path) -> None:
    matrix, _ = built(SMALL)
    assert np.array_equal(matrix, np.array([[0.1, -0.2], [0.3, 4.0], [5.0, 0.7]], np.float32))


@pytest.mark.parametrize("name", [None, "word2vec-binary"])
def test_cut_anywhere_it_is_an_error(name: str | None, workdir: Path) -> None:
    # Without its records nothing tells the header from a text record; a name, or a dimension, does.
    options = {"vectors_format": name} if name else {"dim": 2}
    whole, _ = built(SMALL, **options)
    for size in range(len(SMALL)):
        try:
            matrix, _ = built(SMALL[:size], **options)
        except InputError:
            assert size < len(SMALL) - 1
        else:
            assert size == len(SMALL) - 1  # only the last newline is gone
            assert matrix.tobytes() == whole.tobytes()


def test_cut_it_says_where(workdir: Path) -> None:
    with pytest.raises(InputError, match="truncated") as caught:
        built(SMALL[:-3])
    assert caught.value.byte == SMALL.index(b"to ")
    matrix, report = built(SMALL[:-3], on_malformed="skip")
    assert np.array_equal(matrix, np.array([[0.1, -0.2], [0.3, 4.0], [0, 0]], np.float32))
    assert report.records["malformed"] == 1


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"4 2\n", "promises 4 records, the file has 3: it is truncated"),
        (b"2 2\n", "promises 2 records, the file has 3"),
        (b"0 2\n", "promises 0 records, the file has 3"),
        (b"0 0\n", "promises vectors of 0 values"),
        (b"3 0\n", "promises vectors of 0 values"),
        (b"3 -1\n", "does not end in a number"),
        (b"-3 2\n", "does not end in a number"),
        (b"3\n", "no vectors found"),
        (b"3 1\n", "ends in the middle of a record"),
        (b"3 3\n", "ends in the middle of a record"),
        (b"99999999999 300\n", "ends in the middle of a record"),
        (b"99999999999 2\n", "it is truncated"),
        (b"3 99999999\n", "promises vectors of 99999999 values"),
        (b"3 999999999999999999\n", "promises vectors of 999999999999999999 values"),
        (b"3 4000000\n", "ends in the middle of a record"),
    ],
)
def test_a_wrong_header_is_an_error(header: bytes, reason: str, workdir: Path) -> None:
    with pytest.raises(InputError, match=reason):
        built(header + SMALL[HEADER:])


@pytest.mark.parametrize(
    "behind",
    [b"x", b" ", b"\0", b"x 1234567", SMALL[HEADER:], b"x 12345678", b"\n\nx"],
)
def test_what_follows_the_records_is_an_error(behind: bytes, workdir: Path) -> None:
    with pytest.raises(InputError, match=r"middle of a record|promises 3 records"):
        built(SMALL + behind)


def test_newlines_behind_the_records_are_none(workdir: Path) -> None:
    assert built(SMALL + b"\n\n")[0].tobytes() == built(SMALL)[0].tobytes()


@pytest.mark.parametrize("block_bytes", [7, BLOCK_BYTES])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(value: float, block_bytes: int, workdir: Path) -> None:
    data = written([(b"the", [1, 2]), (b"of", [3, value]), (b"x", [value, 0]), (b"to", [5, 6])])
    place = data.index(b"of ") + 7
    with pytest.raises(InputError, match="'of' has a value that is not finite") as caught:
        built(data)
    assert caught.value.byte == place
    matrix, report = built(data, on_malformed="skip")
    assert matrix.tolist() == [[1, 2], [0, 0], [5, 6]]
    assert report.records["nonfinite"] == 1  # "x" is not wanted, and its values are not read
    reading = Reading(open_vectors(Request("vectors.bin", block_bytes=block_bytes)))
    assert [key for key, _ in reading.found] == [b"the", b"to"]
    assert (reading.record, reading.nonfinite, reading.records) == ([0, 3], 2, 4)
    assert reading.faults[0].byte == place


@pytest.mark.parametrize("block_bytes", BLOCKS)
def test_records_are_counted_on_where_some_are_left_out(block_bytes: int) -> None:
    records = [(b"w%d" % i, [i, np.nan if i % 3 == 1 else 0]) for i in range(40)]
    good = [i for i in range(40) if i % 3 != 1]
    for keys in (None, [key for key, _ in records]):
        reading = Reading(from_stream(written(records), block_bytes), keys)
        assert [key for key, _ in reading.found] == [b"w%d" % i for i in good]
        assert reading.record == good
        assert (reading.records, reading.nonfinite) == (40, 40 - len(good))


@pytest.mark.parametrize("block_bytes", [1000, BLOCK_BYTES])
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_a_key_without_end_is_an_error(kind: str, block_bytes: int, tmp_path: Path) -> None:
    data = written([(b"the", [1, 2]), (b"k" * 65_536, [3, 4]), (b"to", [5, 6])])
    path = tmp_path / "vectors.bin"

    def read(data: bytes) -> Reading:
        path.write_bytes(data)
        file = open_vectors(Request(str(path), block_bytes=block_bytes, format="word2vec-binary"))
        return Reading(file if kind == "file" else from_stream(data, block_bytes))

    assert [key for key, _ in read(data).found] == [b"the", b"k" * 65_536, b"to"]
    for size in (80_000, 3_000_000):
        data = written([(b"the", [1, 2]), (b"k" * size, [3, 4]), (b"to", [5, 6])])
        with pytest.raises(InputError, match="a key of more than 64 KiB") as caught:
            read(data)
        assert caught.value.byte == data.index(b"kkk")


def test_the_dimension_asked_for_is_checked(workdir: Path) -> None:
    with pytest.raises(InputError, match="have 2 values, and --dim asks for 3"):
        built(SMALL, dim=3)
    with pytest.raises(InputError, match="not a header"):
        Reading(from_stream(b"the 1 2\n"))


# --- detection -------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_every_binary_file_is_recognised(end: bytes) -> None:
    # Untrained rows of the C tool are in 0.5 / dim: the last byte of such a float is often a digit.
    rng = np.random.default_rng(3)
    missed = []
    for i in range(2000):
        dim = int(rng.choice([10, 25, 50, 100, 300]))
        scale = rng.choice([1e-9, 1e-4, 0.5 / dim, 0.1, 1, 100])
        rows = (rng.uniform(-1, 1, (3, dim)) * scale).astype(np.float32)
        keys = [b"</s>", b"the", b"2007"]
        data = written(list(zip(keys, rows.tolist(), strict=True)), end)
        if not claims(data[:4096]):
            missed.append((i, dim))
    assert missed == []


def text_lines(dim: int) -> st.SearchStrategy[bytes]:
    key = st.binary(min_size=1, max_size=8).map(lambda key: key.replace(b"\n", b"."))
    number = st.one_of(
        st.floats(width=32).map(lambda x: b"%r" % x),
        st.sampled_from([b"nan", b"-inf", b"1e39", b"5.", b".5", b"0", b"+1", b"1E-5"]),
    )
    row = st.lists(number, min_size=dim, max_size=dim)
    separator = st.sampled_from([b" ", b"\t"])
    end = st.sampled_from([b"\n", b" \n", b"\r\n", b"\t\r\n"])
    return st.builds(lambda k, r, s, e: s.join([k, *r]) + e, key, row, separator, end)


@pytest.mark.once
@given(
    st.integers(1, 5).flatmap(
        lambda dim: st.tuples(
            st.just(dim),
            st.lists(text_lines(dim), min_size=1, max_size=5),
            st.sampled_from([b"", b"\n", b" \r\n"]),
            st.booleans(),
        )
    )
)
@example((2, [b"\0 5. nan\n", b"\0\0 1 2\n"], b"", True))
@example((1, [b"a\0b c\0 inf\n"], b"", True))
def test_a_text_is_never_claimed(case: tuple[int, list[bytes], bytes, bool]) -> None:
    dim, lines, blank, complete = case
    data = b"%d %d\n" % (len(lines), dim) + blank + b"".join(lines)
    assert not claims(data)
    assert not claims(data.rstrip(b"\r\n\t ")[: None if complete else 4096])


@pytest.mark.once
def test_a_text_with_a_line_longer_than_what_is_seen_of_it_is_not_claimed() -> None:
    for key in (b"the", b". . .", b"a\0b", "中 文".encode(), b"\xff \0"):
        line = key + b" -0.123456" * 1000 + b"\n"
        for cut in (4096, 4097, 4098, 4105, 200):
            assert not claims((b"2 1000\n" + line + line)[:cut])


@pytest.mark.once
@pytest.mark.parametrize(
    "head",
    [
        b"", b"\n", b"2 3", b"2 3\n", b"2 3\nthe 1 2 3\n", b"2 3\nthe 1 2\n", b"2 3\nthe 1 x 3\n",
        b"2 3\nthe 1 2 3\nx\0 1 2 3\n", "2 3\nthe 1 2 ٣\n".encode(), b"the 1 2\n\0", b"2 3 4\n\0",
        b"-2 3\n\0", b"\0", b"2\n3\0", "2 3\né 1 2\n\u2028 4".encode(),
        b"2 3\nthe 1 2\na \xff 1 2 3\n", b"2 3\nthe 1 2\nof 3 \xe4\xb8",
    ],
)  # fmt: skip
def test_what_is_no_binary_file(head: bytes) -> None:
    assert not claims(head)


@pytest.mark.once
@pytest.mark.parametrize("head", [b"3000000 300\n", b"3 300 \r\n", b"3\t300\n", b"3  300\n"])
def test_headers_of_binary_files(head: bytes) -> None:
    record = b"</s> " + np.linspace(-1, 1, 300).astype("<f4").tobytes()
    assert claims(head + record)
    assert Word2VecBinary(Stream("-", io.BytesIO(head + record)), Request("-")).dim == 300


def with_spaces(*keys: bytes, dim: int = 8) -> bytes:
    """A file of records with values as training gives them."""
    values = np.random.default_rng(1).normal(0, 0.1, (len(keys), dim)).tolist()
    return written(list(zip(keys, values, strict=True)))


@pytest.mark.parametrize(
    "key",
    [b"of York", b"of the North", b"of a", b"of us", b"of it is", b"of cat ", "of ção".encode()],
)
def test_a_key_with_a_space_is_no_key_and_values(key: bytes, workdir: Path) -> None:
    """Its rest would be read as numbers, the record of `of` would be made up, and the next lost."""
    data = with_spaces(b"the", b"x", key, b"to", b"cat")
    with pytest.raises(InputError, match=r"'of.*' has a key with a space"):
        built(data)


@pytest.mark.parametrize("block_bytes", [1 << 10, BLOCK_BYTES])
def test_a_key_with_a_space_far_in_the_file(block_bytes: int, workdir: Path) -> None:
    many = [b"w%d" % i for i in range(3_000)]
    data = with_spaces(*many, b"the", b"of York", b"to", b"cat", b"dog")
    with pytest.raises(InputError, match="'of' has a key with a space") as caught:
        built(data)
    assert caught.value.byte == data.index(b"of York") + 2
    matrix, report = built(data, on_malformed="skip")
    assert not matrix[1].any()
    assert matrix[0].any()
    assert report.records["nonfinite"] == 1


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("count", [3, 2_000])
@pytest.mark.parametrize(("dtype", "name"), [("<f2", "float16"), ("<f8", "float64")])
def test_values_of_another_width_are_named(
    dtype: str, name: str, count: int, end: bytes, workdir: Path
) -> None:
    rows = np.random.default_rng(0).normal(size=(count, 20)).astype(dtype)
    body = [b"w%d " % number + row.tobytes() + end for number, row in enumerate(rows)]
    Path("v.bin").write_bytes(b"%d 20\n" % count + b"".join(body))
    with pytest.raises(InputError, match=f"its values are {name}") as caught:
        embedprep.build("v.bin", ["w1"])
    program = caught.value.remedy.partition("\n")[2]
    paste(program, workdir)
    matrix, _ = embedprep.build("v.fixed.bin", ["w1"])
    assert np.array_equal(matrix[0], rows[1].astype(np.float32))


@pytest.mark.parametrize("cut", range(1, 90))
def test_a_truncated_file_is_not_one_of_another_width(cut: int, workdir: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(3, 20))
    whole = written([(b"w%d" % number, row.tolist()) for number, row in enumerate(rows)])
    Path("v.bin").write_bytes(whole[:-cut])
    with pytest.raises(InputError, match="it is truncated"):
        embedprep.build("v.bin", ["w0"])
