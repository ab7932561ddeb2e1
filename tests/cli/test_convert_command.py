"""`embedprep convert` as a user meets it."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.cli.here import run_here

PROGRAM = [str(Path(sys.executable).with_name("embedprep"))]


def run(*arguments: str, code: int = 0) -> tuple[str, str]:
    done = run_here(*arguments)
    out, err = done.out.decode(), done.err.decode()
    assert done.code == code, err
    assert "Traceback" not in err
    return out, err


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    (workdir / "v.txt").write_text("the 1 2\ncat 3 4\nNew York 5 6\n")
    (workdir / "vocab.json").write_text('["cat"]')
    return workdir


def test_it_says_what_it_wrote(small_files: Path) -> None:
    out, err = run("convert", "v.txt", "out.npy")
    assert out == "out.npy: 3 of 3 records of 2, from v.txt\n"
    assert err == "embedprep: wrote out.npy, out.tokens.json\n"
    assert np.load("out.npy").tolist() == [[1, 2], [3, 4], [5, 6]]
    assert sorted(os.listdir()) == ["out.npy", "out.tokens.json", "v.txt", "vocab.json"]


def test_only_a_vocabulary() -> None:
    out, _ = run("convert", "v.txt", "out.bin", "--vocab", "vocab.json")
    assert out == "out.bin: 1 of 3 records of 2, from v.txt\n"
    assert Path("out.bin").read_bytes() == b"1 2\ncat " + np.array([3, 4], "<f4").tobytes()


def test_a_member_of_an_archive() -> None:
    with zipfile.ZipFile("a b.zip", "w") as archive:
        archive.writestr("one.txt", "the 1 2\n")
        archive.write("v.txt")
    out, _ = run("convert", "a b.zip", "out.npy", "--member", "v.txt")
    assert "3 of 3 records of 2" in out


def test_quiet_is_quiet() -> None:
    assert run("convert", "v.txt", "out.h5", "-q") == ("", "")


def test_a_key_that_does_not_fit_is_named_with_the_way_out() -> None:
    _, err = run("convert", "v.txt", "out.vec", code=3)
    assert "'New York'" in err
    assert "--on-malformed skip" in err
    out, _ = run("convert", "v.txt", "out.vec", "--on-malformed", "skip")
    assert "2 of 3" in out


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("v.txt", "out.docx"), 2, "--to"),
        (("v.txt", "out", "--to", "x"), 2, "word2vec-binary"),
        (("v.txt", "out", "--to", "wrd2vec"), 2, "did you mean word2vec?"),
        (("v.txt", "."), 2, "--to model2vec"),
        (("v.txt", "./"), 5, "something else"),
        (("no.txt", "out.bin"), 3, "no such file"),
        (("v.txt", "no/out.bin"), 5, "mkdir"),
        (("v.txt",), 2, "OUT"),
    ],
)
def test_mistakes(arguments: tuple[str, ...], code: int, text: str) -> None:
    _, err = run("convert", *arguments, code=code)
    assert text in err
    assert sorted(os.listdir()) == ["v.txt", "vocab.json"]


def test_help_says_what_it_does_before_the_examples() -> None:
    out, _ = run("convert", "--help")
    assert out.index("Write vectors") < out.index("embedprep convert GoogleNews")
