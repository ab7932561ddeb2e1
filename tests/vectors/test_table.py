"""A table gives the rows that are wanted, whatever their numbers, order and place are."""

from __future__ import annotations

import gzip
import io
import lzma
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.containers.layout import BFLOAT16, Region
from embedprep.errors import InputError
from embedprep.sources import open_content
from embedprep.sources.source import PlainFile, Stream, open_file
from embedprep.vectors import FORMATS, matrix_rows, table, table_rows
from embedprep.vectors.forward import Forward
from embedprep.vectors.hits import Hits
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries, TableVectors
from embedprep.vectors.table_rows import ArrayRows, StoredRows

pytestmark = pytest.mark.once

OFFSET = 24


def opened(
    source: PlainFile | Stream,
    array: np.ndarray,
    records: Entries,
    *,
    bfloat16: bool = False,
    behind: int | None = 0,
) -> TableVectors:
    """`behind` is the number of bytes that the file has after the matrix; None is any."""
    matrix = Region(OFFSET, BFLOAT16 if bfloat16 else array.dtype, array.shape)
    end = None if behind is None else matrix.end + behind
    rows = StoredRows(Forward(source), matrix, file_end=end)
    return TableVectors(source, Request(source.path), rows, records, format="test")


def stored(path: Path, array: np.ndarray, behind: bytes = b"") -> PlainFile:
    path.write_bytes(b"h" * OFFSET + array.tobytes() + behind)
    source = open_file(str(path))
    assert isinstance(source, PlainFile)
    return source


def streamed(array: np.ndarray, behind: bytes = b"") -> Stream:
    return Stream("-", io.BytesIO(b"h" * OFFSET + array.tobytes() + behind))


def identity(count: int) -> Entries:
    return Entries([b"w%d" % i for i in range(count)], np.arange(count))


def collected(vectors: TableVectors, keys: list[bytes] | None) -> list[tuple[bytes, int, bytes]]:
    """Key, record and vector of all hits; checks what every chunk must fulfil."""
    found: list[tuple[bytes, int, bytes]] = []
    records = size = 0
    for hits in vectors.hits(keys):
        assert hits.rows.dtype == np.float32
        assert len(hits.key) == len(hits.record) == len(hits.rows)
        assert hits.rows.nbytes <= table_rows.AT_ONCE + (64 << 10)
        names = hits.names if keys is None else keys
        for key, record, row in zip(
            hits.key.tolist(), hits.record.tolist(), hits.rows, strict=True
        ):
            found.append((names[key], record, row.tobytes()))
        assert hits.records >= 0
        assert hits.bytes >= 0
        records += hits.records
        size += hits.bytes
    assert records == vectors.declared_records
    assert vectors.size is None or size == vectors.size
    numbers = [record for _, record, _ in found]
    assert numbers == sorted(numbers)
    return found


@given(st.data())
def test_as_a_lookup_in_memory_would(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    draw = data.draw
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    rows, dim = draw(st.integers(1, 30)), draw(st.integers(1, 6))
    dtype = np.dtype(draw(st.sampled_from(["<f2", "<f4", ">f4", "<f8"])))
    array = rng.standard_normal((rows, dim)).astype(dtype)
    count = draw(st.integers(1, 40))
    keys = [b"k%d" % i for i in rng.integers(0, 20, count).tolist()]
    keys = [b"" if rng.random() < 0.1 else key for key in keys]
    row = rng.integers(0, rows, count)
    if draw(st.booleans()):
        row = np.sort(row)
    weights = rng.standard_normal(count).astype("<f4") if draw(st.booleans()) else None
    wanted = [b"k%d" % i for i in rng.permutation(20)[: draw(st.integers(0, 20))].tolist()]

    expected = []
    for i in range(count):
        vector = array[row[i]].astype(np.result_type(dtype, np.float32))
        vector = vector if weights is None else vector * weights[i]
        if keys[i] in wanted:
            expected.append((keys[i], i, vector.astype(np.float32).tobytes()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrix_rows, "_AT_ONCE", draw(st.integers(1, 200)))
        patch.setattr(matrix_rows, "_GAP", draw(st.integers(0, 50)))
        at_once = draw(st.integers(1, 200))
        patch.setattr(table, "AT_ONCE", at_once)
        patch.setattr(table_rows, "AT_ONCE", at_once)
        kind = draw(st.sampled_from(["file", "stream", "array"]))
        records = Entries(keys, row, weights)
        source: PlainFile | Stream
        source = stored(tmp_path_factory.getbasetemp() / "matrix", array)
        if kind == "array":
            native = array.astype(dtype.newbyteorder("="))
            made = ArrayRows(native, source)
            vectors = TableVectors(source, Request("m"), made, records, format="test")
        else:
            source.close()
            source = open_file(source.path) if kind == "file" else streamed(array)
            vectors = opened(source, array, records)
        assert collected(vectors, wanted) == expected
        vectors.close()


def test_every_record_with_its_name(tmp_path: Path) -> None:
    array = np.arange(8, dtype=np.float32).reshape(4, 2)
    records = Entries([b"a", b"", b"b", b"a"], np.array([3, 0, 1, 1]))
    vectors = opened(stored(tmp_path / "m", array), array, records)
    expected = [(b"a", 0, array[3]), (b"b", 2, array[1]), (b"a", 3, array[1])]
    found = collected(vectors, None)
    vectors.close()
    assert found == [(key, number, row.tobytes()) for key, number, row in expected]


def test_bfloat16_is_the_upper_half_of_float32(tmp_path: Path) -> None:
    values = np.array([[1.0, -2.5], [3.140625, 1e30]], np.float32)
    halves = (values.view(np.uint32) >> 16).astype("<u2")
    vectors = opened(stored(tmp_path / "m", halves), halves, identity(2), bfloat16=True)
    (hits, _) = list(vectors.hits([b"w0", b"w1"]))
    vectors.close()
    assert hits.rows.tolist() == (halves.astype(np.uint32) << 16).view(np.float32).tolist()
    assert hits.rows[0].tolist() == [1.0, -2.5]


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8"])
def test_a_row_that_is_not_finite_is_counted_and_has_a_place(dtype: str, tmp_path: Path) -> None:
    array = np.ones((5, 3), dtype)
    array[1, 2], array[3, 0] = np.nan, np.inf
    vectors = opened(stored(tmp_path / "m", array), array, identity(5))
    hits = next(vectors.hits([b"w0", b"w1", b"w3", b"w4"]))
    vectors.close()
    assert (hits.key.tolist(), hits.record.tolist()) == ([0, 3], [0, 4])
    assert (len(hits.nonfinite), hits.malformed, hits.records) == (2, 0, 5)
    assert hits.fault is not None
    assert (hits.fault.line, hits.fault.byte) == (None, OFFSET + 5 * array.itemsize)
    assert hits.fault.reason == "record 'w1' has a value that is not finite"


def test_what_nobody_wants_is_not_looked_at(tmp_path: Path) -> None:
    array = np.full((3, 2), np.nan, np.float32)
    array[1] = 1
    vectors = opened(stored(tmp_path / "m", array), array, identity(3))
    assert collected(vectors, [b"w1", b"absent"]) == [(b"w1", 1, array[1].tobytes())]
    vectors.close()


def test_a_float64_beyond_float32_is_not_finite(tmp_path: Path) -> None:
    array = np.array([[1e39], [1.0]])
    vectors = opened(stored(tmp_path / "m", array), array, identity(2))
    hits = next(vectors.hits([b"w0", b"w1"]))
    vectors.close()
    assert (len(hits.nonfinite), hits.rows.tolist()) == (1, [[1.0]])


@pytest.mark.parametrize("wanted", [[], [b"w0"], [b"w3"]])
@pytest.mark.parametrize("cut", [1, 8, 31])
def test_a_shorter_matrix_is_an_error(wanted: list[bytes], cut: int, tmp_path: Path) -> None:
    array = np.ones((4, 2), np.float32)
    data = b"h" * OFFSET + array.tobytes()
    (tmp_path / "m").write_bytes(data[:-cut])
    (tmp_path / "m.gz").write_bytes(gzip.compress(data[:-cut]))
    for name in ("m", "m.gz"):
        source = open_content(str(tmp_path / name))
        with pytest.raises(InputError, match="truncated"):
            list(opened(source, array, identity(4)).hits(wanted))
        source.close()


def test_a_longer_file_is_an_error_unless_the_container_allows_it(tmp_path: Path) -> None:
    array = np.ones((4, 2), np.float32)
    source = stored(tmp_path / "m", array, b"xyz")
    with pytest.raises(InputError, match="3 bytes follow the matrix"):
        opened(source, array, identity(4))
    assert len(collected(opened(source, array, identity(4), behind=None), [b"w0"])) == 1
    source.close()
    with pytest.raises(InputError, match="3 bytes follow the matrix"):
        list(opened(streamed(array, b"xyz"), array, identity(4)).hits([]))


def test_a_stream_that_ends_within_what_follows_the_matrix_is_truncated() -> None:
    array = np.ones((4, 2), np.float32)
    for behind in (b"", b"xy"):
        with pytest.raises(InputError, match="truncated"):
            list(opened(streamed(array, behind), array, identity(4), behind=3).hits([b"w0"]))
    vectors = opened(streamed(array, b"xyz"), array, identity(4), behind=3)
    assert len(collected(vectors, [b"w0"])) == 1


def test_a_checksum_behind_the_last_wanted_row_is_verified(tmp_path: Path) -> None:
    array = np.random.default_rng(3).standard_normal((100_000, 4)).astype(np.float32)
    data = bytearray(lzma.compress(b"h" * OFFSET + array.tobytes(), preset=0))
    data[-50] ^= 1  # of the checksum of the block
    (tmp_path / "m.xz").write_bytes(data)
    vectors = opened(open_content(str(tmp_path / "m.xz")), array, identity(len(array)))
    with pytest.raises(InputError, match="xz data is damaged"):
        list(vectors.hits([b"w0"]))
    vectors.close()


def test_the_file_is_not_loaded(tmp_path: Path) -> None:
    rows, dim = 200_000, 256
    place = Region(0, np.dtype("<f4"), (rows, dim))
    path = tmp_path / "sparse"
    with open(path, "wb") as file:
        file.truncate(place.end)
    source = open_file(str(path))
    keys = [b"w%d" % i for i in range(rows)]
    stored_rows = StoredRows(Forward(source), place)
    records = Entries(keys, np.arange(rows))
    vectors = TableVectors(source, Request("m"), stored_rows, records, format="test")
    tracemalloc.start()
    hits: Hits | None = None
    for hits in vectors.hits(keys[::3]):
        assert not hits.rows.any()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    vectors.close()
    assert place.end > 200e6
    assert peak < 50e6  # numbers of the keys, and a few pieces


def test_one_row_for_many_keys_comes_in_pieces(tmp_path: Path) -> None:
    array = np.ones((2, 1024), np.float32)
    count = 5_000
    records = Entries([b"w%d" % i for i in range(count)], np.zeros(count, np.int64))
    vectors = opened(stored(tmp_path / "m", array), array, records)
    assert len(collected(vectors, list(records.keys))) == count
    vectors.close()


def test_the_formats_have_a_meaning_each() -> None:
    added = {"npy", "hdf5", "safetensors", "gensim", "model2vec", "spacy"}
    assert added <= FORMATS.keys()
    assert all(FORMATS[name].meaning for name in FORMATS)


def test_the_dimension_that_the_user_expects(tmp_path: Path) -> None:
    array = np.ones((4, 2), np.float32)
    source = stored(tmp_path / "m", array)
    rows = StoredRows(Forward(source), Region(OFFSET, array.dtype, (4, 2)))
    with pytest.raises(InputError, match="--dim asks for 3"):
        TableVectors(source, Request("m", dim=3), rows, identity(4), format="test")
    source.close()
