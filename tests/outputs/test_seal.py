"""The seal of a file covers everything but its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.outputs import SUFFIXES, is_sealed


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


def test_it_says_nothing_of_the_rows(path: str) -> None:
    """They have a checksum of their own, in the report, which is sealed."""
    content = Path(path).read_bytes()
    row = embedprep.open(path)[1].tobytes()
    assert content.count(row) == 1
    Path(path).write_bytes(content.replace(row, row[::-1]))
    assert is_sealed(path)
    assert not embedprep.verify(path).ok
