"""Tar archives: the member's bytes, of a file or a pipe, compressed or not, and never fewer."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import random
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.sources import PlainFile, Stream, expanded, open_content
from tests.tries import sampled, tries

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.once  # bytes are read by the same code for both

TEXT = b"".join(b"word%d %d.5 -0.25\n" % (i, i) for i in range(300))
BLOCK = 512
LONG = "a/" * 80 + "caf\u00e9/vectors.txt"
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "GNU": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
}


def tarred(members: dict[str, bytes], format: int = tarfile.GNU_FORMAT, **fields: object) -> bytes:
    """An archive; a name that ends in a slash is a directory. `fields` are set on each member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def drained(source: PlainFile | Stream) -> bytes:
    assert isinstance(source, Stream)
    with contextlib.closing(source):
        return b"".join(iter(lambda: source.read(1000), b""))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectors.bin"


def content(path: Path, data: bytes, member: str = "") -> bytes:
    path.write_bytes(data)
    return drained(open_content(f"{path}{member}"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["vectors.txt", "a/b/vectors.txt", LONG])
def test_the_only_member(format: str, name: str, path: Path) -> None:
    if format == "ustar" and name == LONG:
        name = "a/" * 80 + "vectors.txt"  # split over two fields
    data = tarred({name: TEXT}, FORMATS[format])
    assert content(path, data) == TEXT
    assert content(path, data, f"::{name}") == TEXT
    assert drained(expanded(Stream("-", io.BytesIO(data)))) == TEXT
    assert drained(expanded(Stream("-", io.BytesIO(data)), name)) == TEXT


@pytest.mark.parametrize("size", [1, 511, 512, 513, 1024, len(TEXT)])
def test_sizes_around_a_block(size: int, path: Path) -> None:
    assert content(path, tarred({"v": TEXT[:size]})) == TEXT[:size]


@pytest.mark.parametrize("kind", COMPRESS)
def test_compressed_it_is_the_same(kind: str, path: Path) -> None:
    data = COMPRESS[kind](tarred({"dir/": b"", "dir/vectors.txt": TEXT}))
    assert content(path, data) == TEXT
    assert content(path, data, "::dir/vectors.txt") == TEXT
    assert drained(expanded(Stream("-", io.BytesIO(data)))) == TEXT
    source = open_content(str(path))
    assert source.compression == f"{kind} of tar"
    assert source.size == len(data)
    source.close()


@pytest.mark.parametrize("kind", ["tar", *COMPRESS])
@pytest.mark.parametrize("block_bytes", [7, 1 << 20])
def test_what_a_build_says_of_it(kind: str, block_bytes: int, path: Path) -> None:
    archive = tarred({"vectors.txt": TEXT})
    data = archive if kind == "tar" else COMPRESS[kind](archive)
    path.write_bytes(data)
    from embedprep.vectors import Request, open_vectors

    with contextlib.closing(open_vectors(Request(str(path), block_bytes=block_bytes))) as vectors:
        chunks = [(hits.records, hits.bytes) for hits in vectors.hits([b"word7"])]
        description = vectors.describe()
    assert sum(records for records, _ in chunks) == 300
    assert 0 < sum(progress for _, progress in chunks) <= (vectors.size or 0)
    assert description.compression == ("tar" if kind == "tar" else f"{kind} of tar")
    assert description.bytes == len(data)


def test_what_is_no_file_is_passed_over(path: Path) -> None:
    buffer = io.BytesIO(tarred({"a/": b"", "./a/._v.txt": b"\0", "__MACOSX/v.txt": b"\0"}))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for type in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo("other")
            info.type, info.linkname = type, "a/v.txt"
            archive.addfile(info)
        info = tarfile.TarInfo("a/v.txt")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    assert content(path, buffer.getvalue()) == TEXT


def test_the_format_of_the_seventies(path: Path) -> None:
    data = bytearray(tarred({"vectors.txt": TEXT}))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:BLOCK])
    assert content(path, bytes(data)) == TEXT


@pytest.mark.parametrize("kind", ["tar", "gzip", "pipe"])
def test_of_several_members_one_is_named(kind: str, path: Path) -> None:
    data = tarred({"readme.txt": b"hello", "50d.txt": TEXT, "100d.txt": b"x"})
    if kind == "gzip":
        data = gzip.compress(data)
    path.write_bytes(data)

    def opened(member: str | None) -> PlainFile | Stream:
        if kind == "pipe":
            return expanded(Stream(str(path), io.BytesIO(data)), member)
        return open_content(str(path) if member is None else f"{path}::{member}")

    assert drained(opened("50d.txt")) == TEXT
    with pytest.raises(InputError, match=r"several files: readme\.txt, 50d\.txt") as unnamed:
        drained(opened(None))
    assert "vectors.bin::readme.txt" in unnamed.value.remedy
    assert ("perhaps more" in unnamed.value.reason) == (kind != "tar")
    with pytest.raises(InputError, match=r"no member 'x', but: readme\.txt, 50d\.txt, 100d\.txt"):
        drained(opened("x"))


def test_several_members_are_told_before_the_first_is_taken_for_vectors(path: Path) -> None:
    path.write_bytes(gzip.compress(tarred({"README": b"Read me.\n", "50d.txt": TEXT})))
    with pytest.raises(InputError, match=r"several files: README, 50d\.txt"):
        embedprep.build(str(path), ["a"])


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_two_members_of_one_name(compress: Callable[[bytes], bytes], path: Path) -> None:
    buffer = io.BytesIO(tarred({"v": b"the old 1\n"}))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        archive.addfile(tarfile.TarInfo("v"), io.BytesIO())
    with pytest.raises(InputError, match="holds 'v' 2 times"):
        content(path, compress(buffer.getvalue()), "::v")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(tarred({"a/": b""})), "holds no file"),
        (tarred({"v.gz": gzip.compress(TEXT)}), "twice: gzip inside tar"),
        (gzip.compress(tarred({"v": tarred({"v": TEXT})})), "twice: tar inside tar"),
        (gzip.compress(gzip.compress(tarred({"v": TEXT}))), "twice: gzip inside gzip"),
        (tarred({"v": TEXT}, type=tarfile.GNUTYPE_SPARSE), "'v' is stored as a sparse file"),
        (tarred({"v": TEXT}, type=b"M"), "'v' is stored over several volumes"),
        (
            tarred({"v": TEXT}, tarfile.PAX_FORMAT, pax_headers={"GNU.sparse.major": "1"}),
            "stored as a sparse file",
        ),
    ],
)
def test_archives_that_cannot_be_read(data: bytes, reason: str, path: Path) -> None:
    with pytest.raises(InputError, match=reason):
        content(path, data)


def with_header(changes: dict[int, bytes], body: bytes = TEXT, type: bytes = b"0") -> bytes:
    """A valid header in which fields are replaced, and its checksum made right again."""
    data = bytearray(tarred({"v": body}, type=type))
    for place, field in changes.items():
        data[place : place + len(field)] = field
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:BLOCK])
    return bytes(data)


ENDLESS = b"\x80" + bytes(3) + (1 << 60).to_bytes(8, "big")
NEGATIVE = b"\xff" * 12


@pytest.mark.parametrize(
    "data",
    [
        with_header({124: ENDLESS}),
        with_header({124: NEGATIVE}),
        with_header({124: ENDLESS}, type=b"L"),
        with_header({124: NEGATIVE}, type=b"x"),
        with_header({}, body=b"x" * 5000, type=b"L")[: 11 * BLOCK] + tarred({"v": TEXT}),
        with_header({}, body=b"no records", type=b"x"),
        with_header({}, body=b"99 path=v\n", type=b"x"),
        with_header({}, body=b"12 size=-10\n", type=b"x"),
        with_header({}, body=b"9 path=v\n", type=b"x"),
        tarred({"v": TEXT})[:-BLOCK] + tarred({"w": TEXT}),
        tarred({"v": TEXT}) + tarred({"w": TEXT}),
    ],
    ids=[
        "endless", "negative", "endless name", "negative extension", "name of 5000 bytes",
        "no records", "record beyond its header", "negative size", "extension of nothing",
        "half an end", "two archives",
    ],
)  # fmt: skip
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_hostile_and_odd_headers(
    compress: Callable[[bytes], bytes], data: bytes, path: Path
) -> None:
    with pytest.raises(InputError, match="tar data is damaged or cut off"):
        content(path, compress(data))


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_the_end_is_two_empty_blocks(compress: Callable[[bytes], bytes], path: Path) -> None:
    data = tarred({"v": TEXT})
    end = BLOCK + len(TEXT) + -len(TEXT) % BLOCK
    assert content(path, compress(data[: end + 2 * BLOCK])) == TEXT
    for blocks in (0, 1):
        with pytest.raises(InputError, match="cut off"):
            content(path, compress(data[: end + blocks * BLOCK]))


def test_more_members_than_anybody_has(path: Path) -> None:
    header = tarred({"v": b""})[:BLOCK]
    data = gzip.compress(header * 20_000 + bytes(2 * BLOCK))
    with pytest.raises(InputError, match="more than 10,000 files"):
        content(path, data, "::x")


ARCHIVE = {name: tarred({"a/": b"", "a/v": TEXT}, format) for name, format in FORMATS.items()}
DAMAGED = ARCHIVE | {
    f"{kind} of tar": compress(ARCHIVE["pax"]) for kind, compress in COMPRESS.items()
}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("is_pipe", [False, True])
def test_cut_anywhere_it_is_an_error_or_changes_nothing(
    kind: str, is_pipe: bool, path: Path
) -> None:
    data = DAMAGED[kind]
    padding = len(data) - len(data.rstrip(b"\0"))
    for length in np.linspace(1, len(data) - 1, 50).astype(int):
        cut = data[:length]
        path.write_bytes(cut)
        try:
            source = expanded(Stream("-", io.BytesIO(cut))) if is_pipe else open_content(str(path))
            if isinstance(source, PlainFile) or source.compression is None:
                # Not even a header is left: that there are no vectors in it is found out later.
                assert length < BLOCK
                source.close()
                continue
            got = drained(source)
        except InputError:
            continue
        assert got == TEXT
        assert length > len(data) - padding, "the end of the archive is missing"


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("is_pipe", [False, True])
@sampled
def test_a_flipped_bit_is_an_error_or_changes_nothing(kind: str, is_pipe: bool, path: Path) -> None:
    data, random_number = bytearray(DAMAGED[kind]), random.Random(kind)
    begin = data.find(TEXT)
    for _ in range(tries(400)):
        place, bit = random_number.randrange(len(data)), 1 << random_number.randrange(8)
        if 0 <= begin <= place < begin + len(TEXT):
            place = random_number.randrange(begin)  # tar has no checksum of the data itself
        data[place] ^= bit
        path.write_bytes(data)
        with contextlib.suppress(InputError):
            source = expanded(Stream("-", io.BytesIO(data))) if is_pipe else open_content(str(path))
            if source.compression is None:  # of the two bytes of gzip one is another
                assert kind not in ARCHIVE
                source.close()
            else:
                assert drained(source) == TEXT, f"byte {place}, bit {bit}"
        data[place] ^= bit


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_archive_gives_no_other_matrix(kind: str, path: Path) -> None:
    data = bytearray(DAMAGED[kind])
    words = [f"word{i}" for i in range(0, 300, 7)]

    def matrix() -> bytes:
        path.write_bytes(data)
        return embedprep.build(str(path), words, oov="zeros")[0].tobytes()

    expected = matrix()
    begin = data.find(TEXT)
    random_number = random.Random(1)
    for _ in range(40):
        place = random_number.randrange(begin if begin > 0 else len(data))
        data[place] ^= 4
        with contextlib.suppress(InputError):
            assert matrix() == expected, place
        data[place] ^= 4
    whole = data
    for length in np.linspace(1, len(whole) - 1, 25).astype(int):
        data = whole[:length]
        with contextlib.suppress(InputError):
            assert matrix() == expected, length


@pytest.mark.parametrize(
    "text",
    [
        b"a" * 257 + b"ustar 1.5 2.5\n",
        b"a" * 257 + b"ustard 1.5 2.5\n",
        b"\0" * 20 + b" 1.5 2.5\n" * 60,
    ],
)
def test_a_text_that_looks_like_a_header(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    source = open_content(str(path))
    assert isinstance(source, PlainFile)
    source.close()
