"""The fingerprint of a file that is read whole covers every line or record of it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import embedprep
from embedprep.vectors import Request, content, open_vectors


def lines(count: int = 9_000) -> list[bytes]:
    return [b"w%05d %.4f %.4f\n" % (number, number / 7, number / 9) for number in range(count)]


def records(count: int = 9_000) -> list[bytes]:
    return [b"%d 2\n" % count] + [
        b"w%05d " % number + number.to_bytes(8, "little") for number in range(count)
    ]


def fingerprint(parts: list[bytes], name: str = "v", **options: int) -> str:
    content = b"".join(parts)
    Path(name).write_bytes(gzip.compress(content, mtime=0) if name.endswith("gz") else content)
    vectors = open_vectors(Request(name, **options))  # type: ignore[arg-type]
    for _ in vectors.hits([]):
        pass
    found = vectors.describe().fingerprint
    vectors.close()
    return found


@pytest.mark.parametrize("make", [lines, records])
def test_a_change_in_the_middle(workdir: Path, make: object) -> None:
    """Of more than the 64 KiB that both ends of the file have."""
    parts = make()  # type: ignore[operator]
    found = {fingerprint(parts)}
    middle = len(parts) // 2
    one = parts[middle]
    parts[middle] = one[:-2] + bytes([one[-2] ^ 1]) + one[-1:]
    found.add(fingerprint(parts))
    parts[middle] = one
    assert fingerprint(parts) in found
    parts[middle], parts[middle + 1] = parts[middle + 1], parts[middle]
    found.add(fingerprint(parts))
    assert len(found) == 3


@pytest.mark.parametrize("make", [lines, records])
def test_however_it_is_read(workdir: Path, make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make()  # type: ignore[operator]
    whole = fingerprint(parts)
    for threads, block_bytes in ((1, 1 << 16), (3, 100_000), (2, 777)):
        assert fingerprint(parts, threads=threads, block_bytes=block_bytes) == whole
    for at_once in (1, 1_000):
        monkeypatch.setattr(content, "_AT_ONCE", at_once)
        assert fingerprint(parts, block_bytes=50_000) == whole
    packed = fingerprint(parts, "v.gz")
    assert fingerprint(parts, "v.gz", block_bytes=9_999) == packed != whole


def test_the_report_has_it(workdir: Path) -> None:
    found = set()
    for value in (b"1", b"2"):
        middle = b"x " + value + b" 2\n"
        Path("v.txt").write_bytes(b"".join([*lines(), middle, *lines()]))
        found.add(embedprep.build("v.txt", ["w00001"])[1].vectors[0].fingerprint)
    assert len(found) == 2
