"""`embedprep update` as a person or a script meets it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep import EmbeddingMatrix, InputError
from embedprep.updating.recorded import options_of
from tests.cli.here import run_here

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))

once = pytest.mark.parametrize("implementation", ["native"], indirect=True)

UPDATE = ("update", "old.npy", "--vocab", "new.json", "-o", "new.npy")


@pytest.fixture(autouse=True)
def first_build(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\ndog 5 6\ncat 7 8\n")
    listed = {"the": 10, "cat": 3, "dog": 1, "Cat": 2, "Dog": 0, "zebra": 0, "lion": 0}
    Path("counts.txt").write_text("".join(f"{word}\t{n}\n" for word, n in listed.items()))
    Path("old.json").write_text(json.dumps(["", "the", "Cat", "zebra"]))
    Path("new.json").write_text(json.dumps(["", "Dog", "the", "Cat", "lion"]))
    embedprep.build(
        "v.txt", "old.json", "old.npy", seed=5, oov_scale=0.5, on_duplicate="last",
        fallback="lower", counts="counts.txt", index="make",
    )  # fmt: skip


def run(*arguments: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of a command that must end with `code`."""
    done = run_here(*arguments)
    err = done.err.decode()
    assert done.code == code, err
    return done.out.decode(), re.sub(r"^embedprep: wrote .*\n", "", err, flags=re.MULTILINE)


def test_the_options_of_the_first_build_need_not_be_remembered() -> None:
    out, err = run(*UPDATE, "--report", "new.json.report")
    assert err == ""
    table, line = out.rstrip().split("\n\n")[0], out.rstrip().rsplit("\n\n")[-1]
    assert table.startswith("vocabulary  new.json")
    assert line == "2 vectors reused from old.npy, 2 looked up"
    matrix = Path("new.npy").read_bytes()
    os.unlink("new.npy")
    build = "build --vectors v.txt --vocab new.json -o new.npy --seed 5 --oov-scale 0.5"
    build += " --on-duplicate last --fallback lower --counts counts.txt --report fresh.json"
    run(*build.split())
    assert Path("new.npy").read_bytes() == matrix
    reports = [json.loads(Path(name).read_text()) for name in ("new.json.report", "fresh.json")]
    for report in reports:
        del report["run"]
    assert reports[0] == reports[1]


def test_what_is_printed() -> None:
    out, err = run(*UPDATE, "--json")
    assert (json.loads(out)["matrix"]["path"], err) == ("new.npy", "")
    assert run(*UPDATE, "-q") == ("", "")
    assert "reading with the index" in run(*UPDATE, "-v")[1]
    out, err = run(*UPDATE, "--no-index", "--html", "new.html")
    assert out.endswith("\n\nnothing reused from old.npy\n")
    assert Path("new.html").read_text().startswith("<!DOCTYPE html>")


def test_coverage_below_what_is_asked_for() -> None:
    _, err = run(*UPDATE, "--fail-under", "0.9", code=4)
    assert "75.0 % of the vocabulary has a vector, --fail-under asks for 90.0 %" in err
    assert "embedprep inspect new.npy" in err
    assert Path("new.npy").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--vocab", "new.json"], 2, "--output is missing"),
        (["-o", "new.npy"], 2, "--vocab is missing"),
        (["--vocab", "new.json", "-o", "old.npy"], 2, "inputs are never overwritten"),
        (["--vocab", "new.json", "-o", "x.npy", "--report", "old.npy"], 2, "never overwritten"),
        (["--vocab", "new.json", "-o", "v.txt"], 2, "its ending names no known container"),
        (["--vocab", "none.json", "-o", "new.npy"], 3, "none.json (--vocab): no such file"),
        (["--vocab", "new.json", "-o", "new.npy", "--words", "w"], 2, "--pieces mean and --words"),
        (["--vocab", "new.json", "-o", "no/new.npy"], 5, "no/new.npy"),
    ],
)
@once
def test_a_request_that_makes_no_sense(arguments: list[str], code: int, message: str) -> None:
    old = Path("old.npy").read_bytes()
    out, err = run("update", "old.npy", *arguments, code=code)
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert Path("old.npy").read_bytes() == old


@once
def test_an_output_that_is_there() -> None:
    Path("new.npy").write_bytes(b"precious")
    run(*UPDATE, "--no-clobber", code=5)
    assert Path("new.npy").read_bytes() == b"precious"


@once
def test_a_matrix_under_another_name_is_no_output() -> None:
    os.symlink("old.npy", "new.npy")
    assert "inputs are never overwritten" in run(*UPDATE, code=2)[1]


@once
@pytest.mark.parametrize(("gone", "option"), [("v.txt", "--vectors"), ("counts.txt", "--counts")])
def test_an_input_of_the_first_build_that_was_moved(gone: str, option: str) -> None:
    os.rename(gone, "moved.txt")
    _, err = run(*UPDATE, code=3)
    assert f"{gone}: old.npy was built from it, and it is no longer there" in err
    assert f"Say where its content is now: {option} FILE." in err
    run(*UPDATE, option, "moved.txt")


@once
@pytest.mark.skipif(os.name == "nt", reason="no such name")
def test_a_file_that_was_moved_and_has_a_colon_in_its_name() -> None:
    os.rename("v.txt", "2:v.txt")
    run("build", "--vectors", "2:v.txt", "--vocab", "old.json", "-o", "old.npy")
    os.rename("2:v.txt", "moved.txt")
    assert "it is no longer there" in run(*UPDATE, code=3)[1]


@once
def test_vectors_that_came_through_a_pipe() -> None:
    command = [EMBEDPREP, "build", "--vectors", "-", "--vocab", "old.json", "-o", "old.npy"]
    with open("v.txt") as vectors:
        subprocess.run(command, stdin=vectors, capture_output=True, check=True)
    assert "a pipe can be read only once" in run(*UPDATE, code=3)[1]
    run(*UPDATE, "--vectors", "v.txt")


@once
def test_something_that_is_no_matrix() -> None:
    for name, message in (("v.txt", "not a matrix"), ("none.npy", "no such file")):
        assert message in run("update", name, *UPDATE[2:], code=3)[1]


def recorded(**changed: Any) -> EmbeddingMatrix:
    """The matrix, with other options in its report."""
    matrix = EmbeddingMatrix("old.npy")
    options = {**matrix.coverage.options, **changed}
    vars(matrix)["coverage"] = matrix.coverage._replace(options=options)
    return matrix


@once
@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"oov": "magic"}, "--oov cannot be 'magic'"),
        ({"oov_scale": "wide"}, "--oov-scale cannot be 'wide'"),
        ({"fallback": ["soundex"]}, "--fallback does not know 'soundex'"),
        ({"fallback": 5}, "--fallback cannot be '5'"),
    ],
)
def test_options_of_another_version(changed: dict[str, Any], reason: str) -> None:
    assert options_of(recorded()).fallback == ("lower",)
    with pytest.raises(InputError) as caught:
        options_of(recorded(**changed))
    assert reason in caught.value.reason
    assert "another version of embedprep built it" in caught.value.reason
    assert caught.value.remedy == "Build the matrix for the new vocabulary with embedprep build."
    assert caught.value.path == "old.npy"


@once
def test_a_report_that_cannot_be_read() -> None:
    content = Path("old.npy").read_bytes()
    assert content.count(b"embedprep.coverage/1") == 1
    Path("old.npy").write_bytes(content.replace(b"coverage/1", b"coverage/9"))
    _, err = run(*UPDATE, code=3)
    assert "old.npy: how it was built is not known" in err
    assert "embedprep build" in err
