"""Compressed sources: the same records as the plain file, and never a shorter file."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.sources.compression import expanded
from embedprep.sources.decompressors import Streams
from embedprep.sources.source import Stream
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.formats.text import open_text
from embedprep.vectors.hits import Vectors
from tests.descriptors import all_closed_again
from tests.tries import sampled, tries

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


DIM = 5
WORDS = [f"word{i}" for i in range(200)]
ROWS = np.random.default_rng(0).normal(size=(200, DIM)).astype(np.float32)
TEXT = b"".join(
    f"{word} {' '.join(map(str, row))}\n".encode()
    for word, row in zip(WORDS, ROWS.tolist(), strict=True)
)
KEYS = [word.encode() for word in WORDS[::3]]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def in_two_parts(compress: Callable[[bytes], bytes]) -> bytes:
    """As `cat a.gz b.gz` makes it, and as parallel compressors do."""
    return compress(TEXT[:1000]) + compress(TEXT[1000:])


def checked_zstd(content: bytes) -> bytes:
    """With a checksum, as the zstd command has it."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


STREAMS = {
    "gzip": gzip.compress(TEXT),
    "gzip, two parts": in_two_parts(gzip.compress),
    "bzip2": bz2.compress(TEXT),
    "bzip2, two parts": in_two_parts(bz2.compress),
    "xz": lzma.compress(TEXT),
    "xz, two parts": in_two_parts(lzma.compress),
    "zstd": checked_zstd(TEXT),
    "zstd, two parts": in_two_parts(checked_zstd),
}
ARCHIVES = {
    "zip": zipped({"vectors.txt": TEXT}),
    "zip, stored": zipped({"vectors.txt": TEXT}, zipfile.ZIP_STORED),
    "zip, bzip2": zipped({"vectors.txt": TEXT}, zipfile.ZIP_BZIP2),
    "zip, xz": zipped({"vectors.txt": TEXT}, zipfile.ZIP_LZMA),
    "zip, shadows": zipped({"a/": b"", "a/v.txt": TEXT, "__MACOSX/a/._v.txt": b"\0"}),
}
FILES = STREAMS | ARCHIVES


def found(vectors: Vectors) -> tuple[list[int], bytes, int, int]:
    """Records, rows, number of records, and the sum of what the progress bar was told."""
    with contextlib.closing(vectors):
        chunks = [(hits, hits.rows.tobytes()) for hits in vectors.hits(KEYS)]
    return (
        [record for hits, _ in chunks for record in hits.record.tolist()],
        b"".join(rows for _, rows in chunks),
        sum(hits.records for hits, _ in chunks),
        sum(hits.bytes for hits, _ in chunks),
    )


EXPECTED = (list(range(0, 200, 3)), ROWS[::3].tobytes(), 200)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectors.bin"


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("block_bytes", [7, 1000, 1 << 20])
@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_records_as_the_plain_file(
    kind: str, block_bytes: int, threads: int, path: Path
) -> None:
    path.write_bytes(FILES[kind])
    vectors = open_vectors(Request(str(path), threads=threads, block_bytes=block_bytes))
    size = vectors.size
    *records, progress = found(vectors)
    assert tuple(records) == EXPECTED
    # The bar ends at 100 %, or just before where a table of contents is not read again.
    assert size is not None
    assert 0 < progress <= size


@pytest.mark.parametrize("kind", STREAMS)
def test_from_a_pipe(kind: str) -> None:
    source = expanded(Stream("-", io.BytesIO(STREAMS[kind])))
    assert found(open_text(source))[:3] == EXPECTED


@pytest.mark.parametrize("kind", STREAMS)
def test_what_the_report_says(kind: str, path: Path) -> None:
    path.write_bytes(STREAMS[kind])
    with contextlib.closing(open_vectors(Request(str(path)))) as vectors:
        list(vectors.hits(KEYS))
        description = vectors.describe()
    assert description.compression == kind.partition(",")[0]
    assert description.bytes == vectors.size == len(STREAMS[kind])
    assert description.ends_with_newline


def matrix_of(path: Path) -> bytes:
    matrix, _ = embedprep.build(str(path), ["<pad>", *WORDS[::3], "absent"], oov="zeros")
    return matrix.tobytes()


@pytest.mark.once
@pytest.mark.parametrize("kind", FILES)
@sampled
def test_cut_anywhere_it_is_an_error(kind: str, path: Path) -> None:
    data = FILES[kind]
    for length in np.linspace(1, len(data) - 1, tries(50)).astype(int):
        path.write_bytes(data[:length])
        with contextlib.suppress(InputError):
            pytest.fail(f"{length} of {len(data)} bytes gave {len(matrix_of(path))}")


@pytest.mark.once
@pytest.mark.parametrize("kind", FILES)
@sampled
def test_a_flipped_bit_is_an_error_or_changes_nothing(kind: str, path: Path) -> None:
    data, random_number = bytearray(FILES[kind]), random.Random(kind)
    path.write_bytes(data)
    expected = matrix_of(path)
    for _ in range(tries(200)):
        place, bit = random_number.randrange(len(data)), 1 << random_number.randrange(8)
        data[place] ^= bit
        path.write_bytes(data)
        with contextlib.suppress(InputError):
            assert matrix_of(path) == expected, f"byte {place}, bit {bit}"
        data[place] ^= bit


@pytest.mark.once
def test_an_error_stays_the_same_error() -> None:
    """From Python 3.13 on, a decompressor that has failed says only that it must not be used."""

    class Failing:
        eof, needs_input, unused_data, calls = False, False, b"", 0

        def decompress(self, data: bytes, max_length: int = -1) -> bytes:
            self.calls += 1
            raise OSError("damaged") if self.calls == 1 else ValueError("unusable")

    streams = Streams(io.BytesIO(), Failing)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(OSError, match="damaged"):
            streams.read(1)


@pytest.mark.once
@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("gzip", gzip.compress(TEXT[:1000])),
        ("bzip2", bz2.compress(TEXT[:1000])),
        ("xz", lzma.compress(TEXT[:1000])),
        ("zstd", checked_zstd(TEXT[:1000])),
    ],
)
def test_a_damaged_beginning_of_a_later_part_is_not_the_end(
    kind: str, first: bytes, path: Path
) -> None:
    data = FILES[f"{kind}, two parts"]
    damaged = bytearray(data)
    damaged[len(first)] ^= 1
    for content in (damaged, data[: len(first) + 3]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"{kind} data is damaged or cut off"):
            matrix_of(path)


def test_of_several_members_one_is_named(path: Path) -> None:
    path.write_bytes(zipped({"readme.txt": b"hello", "50d.txt": TEXT}))
    assert found(open_vectors(Request(f"{path}::50d.txt")))[:3] == EXPECTED
    with pytest.raises(InputError) as unnamed:
        open_vectors(Request(str(path)))
    assert "several files: readme.txt, 50d.txt" in unnamed.value.reason
    assert "vectors.bin::readme.txt" in unnamed.value.remedy
    with pytest.raises(InputError, match=r"no member 'x', but: readme\.txt"):
        open_vectors(Request(f"{path}::x"))


def test_a_long_list_of_members_is_cut(path: Path) -> None:
    path.write_bytes(zipped({f"{i}.txt": b"" for i in range(30)}))
    with pytest.raises(InputError, match=r"19\.txt, … \(30 in all\)"):
        open_vectors(Request(str(path)))


def test_a_file_whose_name_has_two_colons(tmp_path: Path) -> None:
    path = tmp_path / "a::b.txt"
    path.write_bytes(TEXT)
    assert found(open_vectors(Request(str(path))))[:3] == EXPECTED


def encrypted() -> bytes:
    data = bytearray(ARCHIVES["zip, stored"])
    directory = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, directory + 8, 1)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({}), "holds no file"),
        (zipped({"a/": b""}), "holds no file"),
        (encrypted(), "'vectors.txt' is encrypted"),
        (zipped({"v.txt": b"version https://git-lfs.github.com/spec/v1\n"}), "LFS pointer"),
        (zipped({"inner.zip": ARCHIVES["zip"]}), "twice: zip inside zip"),
    ],
)
def test_archives_that_hold_no_vectors(data: bytes, reason: str, path: Path) -> None:
    path.write_bytes(data)
    with pytest.raises(InputError, match=reason):
        open_vectors(Request(str(path)))


def nameless() -> bytes:
    """An archive whose only member has an empty name, which no writer of Python's makes."""
    data = zipped({"v": TEXT}, zipfile.ZIP_STORED)
    contents = data.index(b"PK\1\2")
    local, listed, end = data[:contents], data[contents:-22], data[-22:]
    local = local[:26] + b"\0\0" + local[28:30] + local[31:]
    listed = listed[:28] + b"\0\0" + listed[30:46] + listed[47:]
    return local + listed + end[:12] + struct.pack("<2I", len(listed), len(local)) + end[20:]


def test_a_member_without_a_name(path: Path) -> None:
    path.write_bytes(nameless())
    assert found(open_vectors(Request(str(path))))[:3] == EXPECTED


def test_a_window_beyond_all_memory(path: Path) -> None:
    """The data of LZMA in a zip says how large a window it wants, up to 4 GiB."""
    pytest.importorskip("resource")
    data = bytearray(ARCHIVES["zip, xz"])
    properties = data.index(b"\x5d\0\0")
    data[properties + 1 : properties + 5] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    script = (
        "import resource, sys, embedprep\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))\n"
        "try: embedprep.build(sys.argv[1], ['a'])\n"
        "except embedprep.InputError as error: print(error.reason)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "zip data" in ended.stdout


@pytest.mark.parametrize("word", ["BZh", "BZh9", "BZhang", "PK", "PK5"])
def test_a_word_that_begins_like_a_compressed_file(word: str, path: Path) -> None:
    path.write_bytes(word.encode() + TEXT[TEXT.index(b" ") :])
    assert found(open_vectors(Request(str(path))))[2] == 200


def test_a_member_of_what_is_no_archive(path: Path) -> None:
    path.write_bytes(TEXT)
    with pytest.raises(InputError, match="not a zip or tar archive, so it has no member 'x'"):
        open_vectors(Request(f"{path}::x"))


def test_an_archive_in_a_pipe() -> None:
    with pytest.raises(InputError, match="cannot be read as a stream"):
        expanded(Stream("-", io.BytesIO(ARCHIVES["zip"])))


@pytest.mark.once
def test_the_archive_is_an_input_and_never_overwritten(workdir: Path) -> None:
    Path("v.zip").write_bytes(ARCHIVES["zip"])
    with pytest.raises(embedprep.UsageError, match="inputs are never overwritten"):
        embedprep.build("v.zip::vectors.txt", ["a"], output="m.npy", report="v.zip")


@pytest.mark.once
@pytest.mark.parametrize("kind", FILES)
def test_nothing_stays_open(kind: str, path: Path) -> None:
    path.write_bytes(FILES[kind])
    with all_closed_again():
        open_vectors(Request(str(path))).close()  # in the middle
        path.write_bytes(gzip.compress(FILES[kind]))
        with pytest.raises(InputError, match="twice"):
            open_vectors(Request(str(path)))
