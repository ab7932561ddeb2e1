"""An index that is stale, damaged or another's is told, and never used."""

from __future__ import annotations

import logging
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import __version__
from embedprep.containers import AtomicFile
from embedprep.errors import InputError, OutputError
from embedprep.indexing import ENDING
from embedprep.indexing.key_index import KeyIndex

VECTORS = b"the 1 2\ncat 3 4\ndog 5 6\n"
VOCAB = ["", "the", "cat"]
INDEX = "v.txt" + ENDING


@pytest.fixture(autouse=True)
def vectors(private_cache: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)


def rows(**options: Any) -> list[list[float]]:
    matrix, _ = embedprep.build("v.txt", VOCAB, oov="zeros", **options)
    found: list[list[float]] = matrix.tolist()
    return found


def test_twenty_bytes_a_record() -> None:
    lines = b"".join(b"word%d 1 2\n" % number for number in range(1_000))
    Path("v.txt").write_bytes(lines)
    assert embedprep.index("v.txt") == INDEX
    assert os.path.getsize(INDEX) < 20 * 1_000 + 700
    read = KeyIndex.read(INDEX, len(lines))
    assert len(read.hashes) == len(read.places) - 1 == 1_000


def test_every_flipped_byte_and_every_cut(
    caplog: pytest.LogCaptureFixture, implementation: str
) -> None:
    embedprep.index("v.txt")
    content = Path(INDEX).read_bytes()
    damaged = [
        content[:at] + bytes([content[at] ^ 1 << bit % 8]) + content[at + 1 :]
        for bit, at in enumerate(range(0, len(content), 1 if implementation == "native" else 9))
    ]
    damaged += [content[:-1], content + b"\0", b"", content[:20]]
    for other in damaged:
        Path(INDEX).write_bytes(other)
        caplog.clear()
        with caplog.at_level(logging.WARNING, "embedprep"):
            assert rows() == [[0, 0], [1, 2], [3, 4]]
        assert f"{INDEX} is not used" in caplog.text


@pytest.mark.parametrize("records", [-4, 2, 4, 1 << 62])
def test_another_number_of_records_than_there_are(
    records: int, caplog: pytest.LogCaptureFixture
) -> None:
    embedprep.index("v.txt")
    rewritten(b'"records": 3', b'"records": %d' % records)
    assert rows() == [[0, 0], [1, 2], [3, 4]]
    assert f"{INDEX} is not used: it is damaged" in caplog.text


def rewritten(old: bytes, new: bytes) -> None:
    """Change the line of JSON in the index, and its checksum, as a stranger can."""
    layout, _, head, rest = Path(INDEX).read_bytes().split(b"\n", 3)
    assert old in head
    layout, body = layout + b"\n", head.replace(old, new) + b"\n" + rest
    Path(INDEX).write_bytes(layout + b"%08x\n" % zlib.crc32(layout + body) + body)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"records": 3', b'"records": "3"'),
        (b'"records": 3', b'"records": null'),
        (b'"records"', b'"others"'),
        (b'"marks": [', b'"marks": [1e400, '),
        (b'"marks": [', b'"marks": [[], '),
        (b'"marks": [', b'"marks": [0, '),
        (b'"marks": [', b'"marks": [99999999999999999999999, '),
        (b'"spaced_keys": 0', b'"spaced_keys": {}'),
        (b'"stamp": {', b'"stamp": {"more": 1, '),
        (b'"stamp": {', b'"stamp": [], "x": {'),
        (b'"capitals"', b'"capitals": ' + b"[" * 60_000 + b', "x"'),
        (b'"capitals"', b'"capitals": ' + b"[" * 9_000 + b"]" * 9_000 + b', "x"'),
        (b"{", b"[{"),
    ],
)
def test_json_of_a_stranger(old: bytes, new: bytes, caplog: pytest.LogCaptureFixture) -> None:
    embedprep.index("v.txt")
    rewritten(old, new)
    assert rows() == [[0, 0], [1, 2], [3, 4]]
    assert f"{INDEX} is not used: it is damaged" in caplog.text


@pytest.mark.parametrize("place", [-1, 1 << 62, 20])
def test_places_of_a_stranger(place: int) -> None:
    """Anywhere else than where the records are: nothing but an error."""
    embedprep.index("v.txt")
    layout, _, head, rest = Path(INDEX).read_bytes().split(b"\n", 3)
    places = np.frombuffer(rest[24:56], "<i8").copy()
    assert places.tolist() == [0, 8, 16, 24]
    places[1] = place
    layout, body = layout + b"\n", head + b"\n" + rest[:24] + places.tobytes() + rest[56:]
    Path(INDEX).write_bytes(layout + b"%08x\n" % zlib.crc32(layout + body) + body)
    with pytest.raises(InputError, match="not the file that was indexed"):
        rows()


@pytest.mark.parametrize(
    "change",
    ["appended", "touched", "another header", "another separator", "cut"],
)
def test_a_file_that_changed(change: str, caplog: pytest.LogCaptureFixture) -> None:
    embedprep.index("v.txt")
    content = {
        "appended": VECTORS + b"rat 1 1\n",
        "touched": VECTORS,
        "another header": b"3 2\n" + VECTORS,
        "another separator": VECTORS.replace(b" ", b"\t"),
        "cut": VECTORS[:-8],
    }[change]
    Path("v.txt").write_bytes(content)
    os.utime("v.txt", ns=(1, 1))
    assert rows() == [[0, 0], [1, 2], [3, 4]]
    assert "the file was written, moved or copied since it was indexed" in caplog.text
    embedprep.index("v.txt")
    caplog.clear()
    assert rows() == [[0, 0], [1, 2], [3, 4]]
    assert caplog.text == ""


def test_another_way_to_read_the_same_file(caplog: pytest.LogCaptureFixture) -> None:
    Path("v.txt").write_bytes(b"2 1\nthe 1.5\ncat 3.5\n")
    embedprep.index("v.txt", vectors_format="glove")
    assert rows(vectors_format="word2vec") == [[0], [1.5], [3.5]]
    assert "is now read in another way" in caplog.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"the 1 2\n\ncat 3 4\n", "blank lines"), (b"the 1 2\ncat 3\nrat 1 2\n", "malformed records")],
)
def test_lines_that_are_no_records(
    content: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    Path("v.txt").write_bytes(content)
    with pytest.raises(InputError, match=reason):
        embedprep.index("v.txt")
    rows(index="make", on_malformed="skip")
    assert reason in caplog.text
    assert not os.path.exists(INDEX)


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        (b"index 3\n", "the layout 3 of embedprep (unknown)"),
        (b"index 7 2.5.0\n", "the layout 7 of embedprep 2.5.0"),
    ],
)
def test_an_index_of_another_version(
    layout: bytes, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    embedprep.index("v.txt")
    content = Path(INDEX).read_bytes()
    Path(INDEX).write_bytes(content.replace(b"index 4 ", layout, 1))
    assert rows() == [[0, 0], [1, 2], [3, 4]]
    said = f"is not used: it has {told}, and embedprep {__version__} reads 4"
    assert said in caplog.text
    caplog.clear()
    rows(index="make")
    rows()
    assert caplog.text.count("is not used") == 1, "it was made anew"


def test_in_the_cache_where_there_is_no_place_beside_the_file(private_cache: Path) -> None:
    os.mkdir(INDEX)  # cannot be replaced by a file, not even by root
    path = Path(embedprep.index("v.txt"))
    assert path.parent == private_cache / "embedprep"
    assert rows() == [[0, 0], [1, 2], [3, 4]]
    Path("elsewhere").mkdir()
    os.rename("v.txt", "elsewhere/v.txt")
    os.symlink("elsewhere/v.txt", "v.txt")
    assert embedprep.index("v.txt") != str(path), "the cache goes by where the file really is"


def test_no_place_at_all(private_cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkdir(INDEX)
    private_cache.write_bytes(b"")
    with pytest.raises(OutputError):
        embedprep.index("v.txt")
    assert rows(index="make") == [[0, 0], [1, 2], [3, 4]]
    assert "no index of v.txt" in caplog.text


@pytest.mark.parametrize("method", ["__init__", "write", "publish"])
def test_a_disk_that_is_full(
    method: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The matrix is what was asked for; the index only makes the next build fast."""

    def full(self: AtomicFile, *arguments: Any, **options: Any) -> None:
        raise OutputError("writing it failed: no space left on device", "", path=INDEX)

    with monkeypatch.context() as patch:
        patch.setattr(AtomicFile, method, full)
        assert rows(index="make") == [[0, 0], [1, 2], [3, 4]]
    assert "no index of v.txt: writing it failed: no space left" in caplog.text
    assert sorted(os.listdir()) == ["cache", "v.txt"]
    assert os.listdir("cache/embedprep") == []


def test_a_file_that_somebody_writes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def appended(count: int) -> None:
        with open("v.txt", "ab") as file:
            file.write(b"rat 1 1\n")

    from contextlib import nullcontext

    with pytest.raises(InputError, match="changed while it was being read"):
        embedprep.index("v.txt", progress=lambda total: nullcontext(appended))
    assert not os.path.exists(INDEX)


@pytest.mark.parametrize("member", ["replaced", "written to", "gone"])
def test_a_moved_copied_or_replaced_file_is_read(
    member: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its size and its time of modification are the same, and it may be another file."""
    filler = b"".join(b"f%d 0 0\n" % number for number in range(20_000))
    before, after = filler + VECTORS + filler, filler + VECTORS.replace(b"3 4", b"3 5") + filler
    Path("v.txt").write_bytes(before.replace(b"\nf", b"\ng"))
    embedprep.index("v.txt")
    then = os.stat("v.txt")
    if member == "replaced":
        Path("new.txt").write_bytes(after.replace(b"\nf", b"\ng"))
        os.utime("new.txt", ns=(then.st_atime_ns, then.st_mtime_ns))
        os.replace("new.txt", "v.txt")
    elif member == "written to":
        Path("v.txt").write_bytes(after.replace(b"\nf", b"\ng"))
        os.utime("v.txt", ns=(then.st_atime_ns, then.st_mtime_ns))
    else:
        os.rename("v.txt", "w.txt")
        os.rename(INDEX, "w.txt" + ENDING)
        os.symlink("w.txt", "v.txt")
    assert os.stat("v.txt").st_mtime_ns == then.st_mtime_ns
    assert rows()[2] == ([3, 4] if member == "gone" else [3, 5])


def test_an_existing_index_is_not_made_again() -> None:
    rows(index="make")
    first = os.stat(INDEX)
    rows(index="make")
    assert os.stat(INDEX).st_ino == first.st_ino
