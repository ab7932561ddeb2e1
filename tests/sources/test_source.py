"""Sources hand out bytes: a plain file in any order, a stream once."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.sources import PlainFile, Stream, open_source
from embedprep.sources.source import open_file
from embedprep.vectors import Request, open_vectors
from tests.descriptors import all_closed_again

SAMPLE = 64 * 1024


def plain(path: Path, data: bytes) -> PlainFile:
    path.write_bytes(data)
    source = open_source(str(path))
    assert isinstance(source, PlainFile)
    return source


def drained(stream: Stream, count: int) -> bytes:
    parts = iter(lambda: stream.read(count), b"")
    return b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, 100, SAMPLE - 1, SAMPLE, SAMPLE + 1, 2 * SAMPLE + 77])
@pytest.mark.parametrize("count", [1000, 1 << 20])
def test_file_and_stream_tell_the_same(size: int, count: int, tmp_path: Path) -> None:
    data = (b"%d " % size + bytes(range(256)) * 1000)[:size]
    file = plain(tmp_path / "file", data)
    stream = Stream("-", io.BytesIO(data))
    for wanted in (0, 1, 99, count):
        assert file.head(wanted) == stream.head(wanted) == data[:wanted]
    assert drained(stream, count) == data
    assert stream.consumed == file.size == size
    assert file.tail() == stream.tail() == data[-SAMPLE:]
    assert file.fingerprint() == stream.fingerprint()
    expected = hashlib.sha256(b"%d\n" % size + data[:SAMPLE] + data[-SAMPLE:]).hexdigest()
    assert file.fingerprint() == expected
    file.close()
    stream.close()


def test_what_head_looked_at_is_read_again(tmp_path: Path) -> None:
    stream = Stream("-", io.BytesIO(b"abcdefghij"))
    assert stream.head(3) == b"abc"
    assert stream.head(5) == b"abcde"
    assert stream.read(2) == b"ab"
    assert stream.head(4)[:4] == b"cdef"
    assert drained(stream, 4) == b"cdefghij"
    assert stream.read(1) == stream.head(1) == b""


def test_any_range_of_a_file(tmp_path: Path) -> None:
    file = plain(tmp_path / "file", b"0123456789")
    for offset, size, expected in [(0, 4, b"0123"), (3, 4, b"3456"), (8, 4, b"89"), (10, 4, b"")]:
        buffer = bytearray(size)
        assert file.read_into(buffer, offset) == len(expected)
        assert buffer[: len(expected)] == expected
    file.close()


def test_a_file_that_shrinks_is_an_error(tmp_path: Path) -> None:
    file = plain(tmp_path / "file", b"0123456789")
    os.truncate(tmp_path / "file", 5)
    with pytest.raises(InputError, match="changed while it was being read") as caught:
        file.read_into(bytearray(10), 0)
    assert caught.value.path == str(tmp_path / "file")
    file.close()


def test_a_place_that_the_disk_cannot_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = plain(tmp_path / "file", b"0123456789")

    def broken(fd: int, buffer: memoryview, offset: int) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("embedprep._platform.read_at", broken)
    with pytest.raises(InputError, match="cannot read it: input/output error") as caught:
        file.read_into(bytearray(4), 3)
    assert (caught.value.path, caught.value.byte) == (str(tmp_path / "file"), 3)
    file.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"the 1 2\nof 3 4\nto 5 6\n"),
        lambda path: os.utime(path, ns=(0, 0)),
        lambda path: os.truncate(path, 3),
    ],
    ids=["longer", "touched", "shorter"],
)
def test_a_file_that_changes_while_it_is_read_is_an_error(change: object, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"the 1 2\nof 3 4\n")
    vectors = open_vectors(Request(str(path)))
    assert [hits.key.tolist() for hits in vectors.hits([b"of"])] == [[0]]
    assert callable(change)
    change(path)
    with pytest.raises(InputError, match="changed while it was being read"):
        vectors.describe()
    vectors.close()


def test_a_file_replaced_by_another_is_still_the_one_opened(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"the 1 2\nof 3 4\n")
    vectors = open_vectors(Request(str(path)))
    (tmp_path / "new").write_bytes(b"something else")
    os.replace(tmp_path / "new", path)
    assert [hits.key.tolist() for hits in vectors.hits([b"of"])] == [[0]]
    assert vectors.describe().bytes == 15
    vectors.close()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".", "this is a directory"),
        ("absent.txt", "no such file"),
        ("absent/glove.txt", "no such file"),
        ("file/glove.txt", "cannot read it: not a directory"),
        ("loop", "cannot read it: too many levels"),
    ],
)
def test_what_cannot_be_opened(name: str, reason: str, workdir: Path) -> None:
    (workdir / "file").write_bytes(b"the 1 2\n")
    (workdir / "loop").symlink_to("loop")
    with pytest.raises(InputError) as caught:
        open_vectors(Request(name))
    assert caught.value.reason.startswith(reason)
    assert caught.value.path == name
    assert caught.value.exit_code == 3


def test_a_directory_in_the_place_of_a_file_is_closed_again(workdir: Path) -> None:
    """One that was a file when its kind was looked at, for instance."""
    with all_closed_again(), pytest.raises(InputError, match="this is a directory") as caught:
        open_file(".")
    assert caught.value.path == "."


def test_a_pipe_is_a_stream(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"2 2\nthe 1 2\nof 3 4\n",))
    writer.start()
    vectors = open_vectors(Request(str(pipe)))
    assert vectors.size is None
    assert [hits.record.tolist() for hits in vectors.hits([b"of"])] == [[2]]
    vectors.close()
    writer.join()


def test_standard_input_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"the 1 2\nof 3 4\n"))
    monkeypatch.setattr("sys.stdin", stdin)
    vectors = open_vectors(Request("-"))
    assert [hits.key.tolist() for hits in vectors.hits([b"of"])] == [[0]]
    vectors.close()
    assert not stdin.buffer.closed


def test_an_error_while_reading_tells_how_far_it_came() -> None:
    class Broken(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 10:
                raise OSError(5, "Input/output error")
            return super().read1(size)

    stream = Stream("-", Broken(bytes(20)))
    assert len(stream.read(10)) == 10
    with pytest.raises(InputError, match="cannot read it: input/output error") as caught:
        stream.read(10)
    assert caught.value.byte == 10


def test_refused_files_are_closed(tmp_path: Path) -> None:
    # An open file that is forgotten would be a ResourceWarning only for streams.
    (tmp_path / "empty.txt").write_bytes(b"")
    with all_closed_again():
        for _ in range(3):
            with pytest.raises(InputError, match="empty"):
                open_vectors(Request(str(tmp_path / "empty.txt")))
