"""An index is written beside the vectors or in the cache, and never over anything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import embedprep
from embedprep.errors import OutputError
from embedprep.indexing import ENDING
from embedprep.indexing.place import places_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")

VECTORS = b"the 1 2\ncat 3 4\n"
INDEX = "v.txt" + ENDING
PRECIOUS = b"my only copy\n"


@pytest.fixture(autouse=True)
def vectors(private_cache: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    Path("precious.tex").write_bytes(PRECIOUS)


def plant(what: str) -> None:
    match what:
        case "link":
            os.symlink("precious.tex", INDEX)
        case "link to nothing":
            os.symlink("not-there", INDEX)
        case "link to the vectors":
            os.symlink("v.txt", INDEX)
        case "link to a pipe":
            os.mkfifo("pipe")
            os.symlink("pipe", INDEX)
        case "hard link":
            os.link("precious.tex", INDEX)
        case "file":
            Path(INDEX).write_bytes(PRECIOUS)
        case "empty file":
            Path(INDEX).touch()
        case "folder":
            os.mkdir(INDEX)
        case "pipe":
            os.mkfifo(INDEX)


def state() -> dict[str, object]:
    found: dict[str, object] = {}
    for entry in os.scandir():
        if entry.is_symlink():
            found[entry.name] = os.readlink(entry.path)
        elif entry.is_file() and not entry.name.startswith("m."):
            found[entry.name] = Path(entry.path).read_bytes()
        elif not entry.name.startswith("m."):
            found[entry.name] = entry.stat().st_mode
    return found


PLANTED = [
    "link", "link to nothing", "link to the vectors", "link to a pipe", "hard link", "file",
    "empty file", "folder", "pipe",
]  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_what_stands_there_stays(what: str, private_cache: Path) -> None:
    plant(what)
    private_cache.mkdir(exist_ok=True)
    before = state()
    matrix, _ = embedprep.build("v.txt", ["", "the"], "m.npy", index="make")
    assert matrix[1].tolist() == [1, 2]
    embedprep.update("m.npy", ["", "cat"], output="m.2.npy")
    assert Path(embedprep.index("v.txt")).parent == private_cache / "embedprep"
    assert state() == before


def test_a_link_to_an_index_is_not_followed(
    private_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Path("w.txt").write_bytes(VECTORS)
    embedprep.index("w.txt")
    content = Path("w.txt" + ENDING).read_bytes()
    os.symlink("w.txt" + ENDING, INDEX)
    embedprep.build("v.txt", ["the"], index="make")
    assert "is not used: it is a link" in caplog.text
    assert Path("w.txt" + ENDING).read_bytes() == content
    assert os.path.islink(INDEX)


def test_an_input_of_that_name(private_cache: Path) -> None:
    vocab = json.dumps({"the": 1, "cat": 2}).encode()
    Path(INDEX).write_bytes(vocab)
    embedprep.build("v.txt", INDEX, "m.npy", index="make")
    assert Path(INDEX).read_bytes() == vocab


def test_an_output_of_that_name() -> None:
    for index in ("make", "use"):
        with pytest.raises(embedprep.UsageError, match="the place of an index"):
            embedprep.build("v.txt", ["the"], "m.npy", report=INDEX, index=index)


def test_the_error_says_what_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    plant("file")
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    with pytest.raises(OutputError, match="the folder that XDG_CACHE_HOME names"):
        embedprep.index("v.txt")
    assert Path(INDEX).read_bytes() == PRECIOUS


def test_no_folder_named_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the user may have no home, nor an entry that names one."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert places_of("v.txt") == (INDEX,)
    plant("folder")
    with pytest.raises(
        OutputError, match=r"not written over(.|\n)*the folder that XDG_CACHE_HOME names"
    ):
        embedprep.index("v.txt")
    embedprep.build("v.txt", ["the"], index="make")
    assert not os.path.exists("~")


def test_a_relative_cache_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "some/cache")
    assert all(os.path.isabs(place) for place in places_of("v.txt")[1:])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root may be anybody")
def test_a_user_without_a_home(tmp_path: Path) -> None:
    """As in a container that runs with any number for a user."""
    program = (
        "import os; os.setuid(61234); from embedprep.indexing.place import places_of;"
        "print(len(places_of('v.txt')))"
    )
    env = {
        name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
    )
    if "PermissionError" in done.stderr or "ModuleNotFoundError" in done.stderr:
        pytest.skip("the package is where only root may read")
    assert done.stdout == "1\n", done.stderr
