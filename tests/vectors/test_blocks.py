"""Neither the size of blocks nor the number of threads nor the kind of source shows in a result."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedprep.errors import InputError
from embedprep.sources import PlainFile, Stream, open_source
from embedprep.vectors import Request, blocks, open_vectors
from embedprep.vectors.blocks import BLOCK_BYTES, Block, map_blocks
from embedprep.vectors.formats import text as text_format
from embedprep.vectors.formats.text import open_text
from embedprep.vectors.hits import Vectors

SIZES = [1, 2, 3, 5, 7, 10, 20, 31, 4099, BLOCK_BYTES]

FILES = {
    "glove": b"the 0.5 -1\n. . . 2 3\n. 4 5\ncat 6 7\nthe 8 9\n",
    "fastText": b"4 2\n</s> 0.5 -1 \nthe 1e-05 3 \n. 4 5 \ncat 6 7 \n",
    "tabs": b"New York\t1\t2\nthe\t3\t4\ncat\t5\t6\n",
    "no newline": b"the 1 2\ncat 3 4",
    "blank lines": b"\n\nthe 1 2\n\r\n\n\n\ncat 3 4\r\n\n\n",
    "byte order mark": b"\xef\xbb\xbfthe 1 2\ncat 3 4\n",
    "white space": "\u00a0 1 2\n\x85 3 4\n\u3000x 5 6\n\x1c 7 8\na\rb 9 1\n".encode(),
    "malformed": b"the 1 2\nshort 1\ncat 3 x\n. 4 5\nof 6 7 8\nthe nan 9\ncat 1 2\n",
    "one record": b"the 1 2\n",
    "long lines": b"the" + b" 0.25" * 50 + b"\nthe cat" + b" 7" * 50 + b"\ncat" + b" 1" * 50,
}

KEYS = [
    *(b"the . cat </s> of".split()),
    *(b". . .", b"New York", b"the cat", b"a\rb"),
    *(key.encode() for key in ("\u00a0", "\x85", "\u3000x")),
]  # fmt: skip


def outcome(vectors: Vectors) -> dict[str, Any]:
    """All that the chunks tell, put together."""
    # Rows are only valid until the next chunk.
    chunks = [(hits, hits.rows.tobytes()) for hits in vectors.hits(KEYS)]
    faults = [hits.fault for hits, _ in chunks if hits.fault]
    description = vectors.describe()
    vectors.close()
    return {
        "key": [number for hits, _ in chunks for number in hits.key.tolist()],
        "record": [record for hits, _ in chunks for record in hits.record.tolist()],
        "rows": b"".join(rows for _, rows in chunks),
        "records": sum(hits.records for hits, _ in chunks),
        "malformed": sum(hits.malformed + len(hits.undecodable) for hits, _ in chunks),
        "nonfinite": sum(len(hits.nonfinite) for hits, _ in chunks),
        "spaced": sum(hits.spaced_keys for hits, _ in chunks),
        "fault": faults[0] if faults else None,
        "fingerprint": description.fingerprint,
        "ends_with_newline": description.ends_with_newline,
    }


@pytest.mark.parametrize("kind", FILES)
def test_any_block_size_and_any_number_of_threads(kind: str, tmp_path: Path) -> None:
    data = FILES[kind]
    path = tmp_path / "vectors.txt"
    path.write_bytes(data)
    expected = outcome(open_vectors(Request(str(path))))
    assert expected["key"]
    for size in SIZES:
        for threads in (1, 2, 4):
            file = open_vectors(Request(str(path), threads=threads, block_bytes=size))
            assert outcome(file) == expected, (size, threads)
            pipe = Stream(str(path), io.BytesIO(data))
            stream = open_text(pipe, threads=threads, block_bytes=size)
            assert outcome(stream) == expected, (size, threads)


def test_the_file_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(FILES["malformed"])
    found = outcome(open_vectors(Request(str(path), block_bytes=10)))
    assert [KEYS[number] for number in found["key"]] == [b"the", b".", b"cat"]
    assert found["record"] == [0, 3, 6]
    assert np.frombuffer(found["rows"], np.float32).tolist() == [1, 2, 4, 5, 1, 2]
    assert (found["records"], found["malformed"], found["nonfinite"]) == (7, 3, 1)
    assert found["spaced"] == 0  # "of 6 7 8" has a value too many
    assert (found["fault"].line, found["fault"].byte) == (2, 8)


contents = st.lists(
    st.sampled_from([b"a", b"b 1", b" ", b"1", b"-2.5", b"\n", b"\n", b"\r", b"x"]), max_size=40
).map(b"".join)


def all_lines(source: PlainFile | Stream, start: int, size: int, threads: int) -> bytes:
    """What the blocks hold, one behind the other; each must begin where the last one ended."""

    def work(block: Block, offset: int) -> tuple[int, bytes]:
        return offset, block.tobytes()

    end, content = start, b""
    for offset, part in map_blocks(source, start, work, threads=threads, block_bytes=size):
        if part:
            assert offset == end
            assert content[-1:] in (b"", b"\n")
        content += part
        end += len(part)
    source.close()
    return content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents, st.integers(1, 30), st.integers(0, 5), st.sampled_from([1, 2]))
def test_blocks_are_whole_lines_and_together_the_file(
    tmp_path: Path, data: bytes, size: int, start: int, threads: int
) -> None:
    start = min(start, len(data))
    path = tmp_path / "file"
    path.write_bytes(data)
    file, stream = open_source(str(path)), Stream("-", io.BytesIO(data))
    assert all_lines(file, start, size, threads) == data[start:]
    assert all_lines(stream, start, size, threads) == data[start:]


def sources(path: Path, data: bytes) -> Iterator[PlainFile | Stream]:
    path.write_bytes(data)
    yield open_source(str(path))
    yield Stream(str(path), io.BytesIO(data))


def test_a_block_ends_with_a_line(tmp_path: Path) -> None:
    data = b"".join(b"%d 1\n" % i for i in range(200))
    for source in sources(tmp_path / "file", data):
        parts = map_blocks(source, 0, lambda block, _: block.tobytes(), threads=1, block_bytes=50)
        assert all(part.endswith(b"\n") for part in parts if part)
        source.close()


def test_an_error_in_a_worker_reaches_the_caller(tmp_path: Path) -> None:
    def work(block: Block, offset: int) -> int:
        if offset > 40:
            raise LookupError(offset)
        return offset

    for source in sources(tmp_path / "file", b"a 1\n" * 100):
        for threads in (1, 3) if isinstance(source, PlainFile) else (3,):
            with pytest.raises(LookupError):
                list(map_blocks(source, 0, work, threads=threads, block_bytes=8))
        source.close()


def test_who_stops_early_leaves_no_thread_waiting(tmp_path: Path) -> None:
    for source in sources(tmp_path / "file", b"a 1\n" * 1000):
        results = map_blocks(source, 0, lambda block, at: at, threads=2, block_bytes=4)
        assert next(iter(results)) == 0
        results.close()  # type: ignore[attr-defined]
        source.close()


LIMIT = 1 << 20


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [LIMIT // 16, LIMIT // 4])
def test_a_line_without_end_is_refused(
    size: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MAX_LINE_BYTES", LIMIT)
    data = b"the 1 2\n" * 20 + b"x" * (6 * LIMIT)
    for source in sources(tmp_path / "file", data):
        with pytest.raises(InputError, match="a line of more than 1 MiB") as caught:
            all_lines(source, 0, size, threads)
        assert caught.value.path == str(tmp_path / "file")
        assert caught.value.byte is not None
        source.close()


@pytest.mark.parametrize("length", [LIMIT, LIMIT + LIMIT // 2])
def test_the_limit_is_the_same_for_every_source_and_block_size(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MAX_LINE_BYTES", LIMIT)
    for before, size in itertools.product((0, 3, LIMIT // 4), (LIMIT // 16, LIMIT // 2)):
        data = b"a 1\n" * before + b"x" * (length - 1) + b"\n" + b"b 2\n" * 1000
        for source in sources(tmp_path / "file", data):
            try:
                accepted = all_lines(source, 0, size, 1) == data
            except InputError:
                accepted = False
                source.close()
            assert accepted == (length <= LIMIT), (type(source), before, size)


@pytest.mark.parametrize("content", [b"x", b"x 1 2\nx", b"0 1", b"3 2\nx 1 2\n 3"])
def test_a_stream_without_end_is_refused(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert size <= 16 * LIMIT
            return super().read1(size) or b" 0" * (size // 2)

    monkeypatch.setattr(blocks, "MAX_LINE_BYTES", LIMIT // 8)
    monkeypatch.setattr(text_format, "MAX_LINE_BYTES", LIMIT // 8)
    with pytest.raises(InputError):
        outcome(open_text(Stream("-", Endless(content)), block_bytes=LIMIT // 32))


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_what_came_before_a_broken_stream_comes_first(threads: int) -> None:
    content = b"".join(b"%d 1\n" % i for i in range(100))

    class Broken(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            chunk = super().read1(size)
            if not chunk:
                raise OSError("the cable was pulled")
            return chunk

    source = Stream("-", Broken(content))
    parts: list[bytes] = []

    def work(block: Block, offset: int) -> bytes:
        return block.tobytes()

    blocks = map_blocks(source, 0, work, threads=threads, block_bytes=50)
    with pytest.raises(InputError, match="pulled"):
        parts.extend(blocks)
    assert len(b"".join(parts)) > len(content) - 2 * 50
