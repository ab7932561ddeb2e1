"""The seal of a file covers everything but its rows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.containers import SUFFIXES, is_sealed
from embedprep.containers.layout import Region
from embedprep.containers.seal import is_sealed as seal_of_file
from embedprep.errors import InputError

NEAR, FAR = (Region(offset, np.dtype(np.uint8), (32,)) for offset in (64, 9999))
"""In a file of 256 bytes, and behind it."""


@pytest.fixture(params=SUFFIXES)
def path(request: pytest.FixtureRequest, workdir: Path) -> str:
    """A matrix that a build has made."""
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    embedprep.build("v.txt", ["", "the", "unseen"], f"m{request.param}")
    return f"m{request.param}"


def sealed(path: str) -> bool:
    try:
        return is_sealed(path)
    except InputError:
        return False


@pytest.mark.parametrize("path", [".npy", ".safetensors"], indirect=True)
def test_anybody_can_compute_it(path: str) -> None:
    """In these two it stands at the end."""
    content, rows = Path(path).read_bytes(), embedprep.open(path).array.tobytes()
    assert content.count(rows) == 1
    unsealed = content[:-32].replace(rows, b"") + bytes(32)
    assert content[-32:] == hashlib.sha256(unsealed).digest()


@pytest.mark.parametrize("behind", [b"\0", b"x", bytes(32), b"x" * (1 << 20)], ids=len)
def test_what_is_appended_breaks_it(path: str, behind: bytes) -> None:
    assert is_sealed(path)
    with open(path, "ab") as file:
        file.write(behind)
    assert not sealed(path)


def test_so_does_what_is_cut_off(path: str) -> None:
    content = Path(path).read_bytes()
    for count in (1, 31, 32, 33, 100):
        Path(path).write_bytes(content[:-count])
        assert not sealed(path)
    Path(path).write_bytes(content)
    assert is_sealed(path)


@pytest.mark.parametrize(("matrix", "seal"), [(NEAR, FAR), (FAR, NEAR), (FAR, FAR)])
def test_places_behind_the_end_are_not_waited_for(
    matrix: Region, seal: Region, workdir: Path
) -> None:
    """A damaged file speaks of them, and so does one that was cut off since it was opened."""
    Path("m").write_bytes(bytes(range(256)))
    with open("m", "rb") as file:
        assert not seal_of_file(file.fileno(), matrix, seal)


def test_it_says_nothing_of_the_rows(path: str) -> None:
    """They have a checksum of their own, in the report, which is sealed."""
    content = Path(path).read_bytes()
    row = embedprep.open(path)[1].tobytes()
    assert content.count(row) == 1
    Path(path).write_bytes(content.replace(row, row[::-1]))
    assert is_sealed(path)
    assert not embedprep.verify(path).ok
