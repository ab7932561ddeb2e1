"""The rows of a matrix on their way to the file, and their checksum."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import _platform
from embedprep.containers import SUFFIXES, digest
from embedprep.errors import OutputError

GIB = 1 << 30


def some_rows(count: int) -> Any:
    return np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 40])
def test_the_checksum_is_that_of_the_checksums_of_pieces(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "PIECE_BYTES", 48)  # of four rows
    rows, content = some_rows(count), bytearray(12 * count)

    def take(piece: memoryview, place: int) -> None:
        content[place : place + len(piece)] = piece

    expected = hashlib.sha256()
    for begin in range(0, count, 4):
        expected.update(hashlib.sha256(rows[begin : begin + 4].tobytes()).digest())
    assert digest.sha256_of(rows, take) == expected.hexdigest()
    assert content == rows.tobytes()


def build(output: str, *, durable: bool = True) -> None:
    words = [f"w{i}" for i in range(40)]
    lines = zip(words[:30], some_rows(30).tolist(), strict=True)
    Path("v.txt").write_text("".join(f"{word} {a} {b} {c}\n" for word, (a, b, c) in lines))
    embedprep.build("v.txt", words, output, durable=durable)


@pytest.mark.parametrize("ending", SUFFIXES)
def test_a_map_and_memory_give_the_same_file(
    ending: str, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "PIECE_BYTES", 48)
    files = set()
    for fits in (True, False):
        monkeypatch.setattr(_platform, "fits_in_memory", lambda size, fits=fits: fits)
        for durable in (True, False):
            build(f"m{ending}", durable=durable)
            files.add(Path(f"m{ending}").read_bytes())
    assert len(files) == 1


def test_a_disk_that_takes_a_few_bytes_at_a_time(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, place: write(fd, data[:5], place))
    build("m.npy")
    assert embedprep.verify("m.npy").ok


def test_a_disk_that_fills_up_during_the_rows(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OutputError, match="no space left on device"):
        build("m.npy")
    assert os.listdir() == ["v.txt"]


@pytest.mark.parametrize(
    ("memory", "limit", "most"),
    [
        ("MemTotal: 9 kB\nMemAvailable: 4194304 kB\n", "max\n", 2 * GIB),
        ("MemAvailable: 4194304 kB\n", f"{GIB}\n", GIB // 2),
        ("MemAvailable: 4194304 kB\n", None, 2 * GIB),
        ("MemTotal: 9 kB\n", "max\n", 0),
        ("MemAvailable: much\n", "max\n", 0),
        (None, None, 0),
    ],
)
def test_a_matrix_may_take_half_of_the_memory(
    memory: str | None,
    limit: str | None,
    most: int,
    workdir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, content in (("memory", memory), ("limit", limit)):
        if content is not None:
            Path(name).write_text(content)
    monkeypatch.setattr(_platform, "_MEMORY", "memory")
    monkeypatch.setattr(_platform, "_LIMITS", ("limit",))
    monkeypatch.setattr(_platform, "WINDOWS", False)
    assert _platform.fits_in_memory(most)
    assert not _platform.fits_in_memory(most + 1)
