"""`embedprep index`, and the option of `build`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.here import run_here

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))


@pytest.fixture(autouse=True)
def small_files(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(workdir / "cache"))
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    Path("vocab.json").write_text(json.dumps(["", "the", "cat"]))


def run(*arguments: str, code: int = 0) -> tuple[str, str]:
    done = run_here(*arguments)
    assert done.code == code, done.err
    return done.out.decode(), done.err.decode()


BUILD = ("build", "--vectors", "v.txt", "--vocab", "vocab.json", "-v")


def test_it_says_where_the_index_is_and_build_uses_it() -> None:
    out, err = run("index", "v.txt")
    assert (out, err) == ("v.txt.embedprep-index  (0.0 MB)\n", "")
    assert "reading with the index v.txt.embedprep-index" in run(*BUILD)[1]
    assert np.load("embeddings.npy")[2].tolist() == [3, 4]
    assert "index" not in run(*BUILD, "--no-index")[1]
    assert run("index", "v.txt", "-q") == ("", "")


def test_build_makes_one_on_its_way() -> None:
    assert "indexed in v.txt.embedprep-index" in run(*BUILD, "--index")[1]
    assert "reading with the index" in run(*BUILD, "--index")[1]


def test_a_binary_file() -> None:
    rows = np.array([[1, 2], [3, 4]], "<f4")
    Path("v.bin").write_bytes(b"2 2\nthe " + rows[0].tobytes() + b"cat " + rows[1].tobytes())
    assert run("index", "v.bin")[0] == "v.bin.embedprep-index  (0.0 MB)\n"
    build = [argument.replace("v.txt", "v.bin") for argument in BUILD]
    assert "reading with the index v.bin.embedprep-index" in run(*build)[1]
    assert np.load("embeddings.npy")[2].tolist() == [3, 4]


def test_a_stale_one_is_told() -> None:
    run("index", "v.txt")
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 5\n")
    _, err = run(*BUILD)
    assert "v.txt.embedprep-index is not used: the file was written, moved or copied" in err
    assert np.load("embeddings.npy")[2].tolist() == [3, 5]


@pytest.mark.parametrize(
    ("name", "content", "reason", "remedy"),
    [
        ("m.npy", None, "its keys are stored separately", "gain almost nothing"),
        ("b.txt", b"the 1 2\n\ncat 3 4\n", "it has blank lines", "Remove them"),
        ("none.txt", None, "no such file", "Check the spelling"),
    ],
)
def test_what_cannot_be_indexed(name: str, content: bytes | None, reason: str, remedy: str) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    elif name == "m.npy":
        run(*BUILD, "-o", name)
    out, err = run("index", name, code=3)
    assert out == ""
    assert err.startswith(f"embedprep: {name}")
    assert reason in err
    assert remedy in err
