"""Several vocabularies, or a file of builds, on the command line."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import embedprep
from embedprep.cli.commands import cli
from embedprep.errors import CoverageError, UsageError

TWO = ("--vocab", "a.json", "-o", "a.npy", "--vocab", "b.json", "-o", "b.npy")


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    (workdir / "v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    (workdir / "a.json").write_text('{"the": 1, "cat": 2}')
    (workdir / "b.json").write_text('{"cat": 1, "zebra": 2}')
    return workdir


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["build", *arguments])


def run(*arguments: str) -> str:
    """Standard output of a run without an error."""
    result = invoke(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.exception
    return result.stdout


def rows(path: str) -> list[Any]:
    found: list[Any] = np.load(path).tolist()
    return found


def test_each_vocabulary_has_its_output_and_its_report() -> None:
    out = run("--vectors", "v.txt", *TWO, "--oov", "zeros")
    assert rows("a.npy") == [[0, 0], [1, 2], [3, 4]]
    assert rows("b.npy") == [[0, 0], [3, 4], [0, 0]]
    first, second = out.split("\n\nvocabulary")
    assert "a.json" in first
    assert "b.json" in second
    assert str(embedprep.open("b.npy").coverage) in f"vocabulary{second}"


def test_what_belongs_to_a_vocabulary_is_given_once_for_each() -> None:
    Path("a.tsv").write_text("the\t5\n")
    Path("b.tsv").write_text("cat\t7\nzebra\t1\n")
    given = ("--counts", "a.tsv", "--counts", "b.tsv", "--report", "ra.json", "--report", "rb.json")
    run("--vectors", "v.txt", *TWO, *given)
    counts = [json.loads(Path(name).read_bytes()) for name in ("ra.json", "rb.json")]
    assert [one["coverage"]["text"]["total"] for one in counts] == [5, 8]


def test_json_is_a_list_where_there_are_several() -> None:
    reports = json.loads(run("--vectors", "v.txt", *TWO, "--json"))
    assert [report["matrix"]["path"] for report in reports] == ["a.npy", "b.npy"]
    alone = json.loads(run("--vectors", "v.txt", "--vocab", "a.json", "--json"))
    assert alone["matrix"]["path"] == "embeddings.npy"


def test_fail_under_is_for_each() -> None:
    result = invoke("--vectors", "v.txt", *TWO, "--fail-under", "0.9")
    assert isinstance(result.exception, CoverageError)
    assert result.exception.path == "b.npy"
    assert "b.npy" in result.exception.remedy
    assert Path("a.npy").exists()
    assert Path("b.npy").exists()


JOBS = """
vectors = "v.txt"
oov = "zeros"

[[build]]
vocab = "a.json"
output = "a.npy"

[[build]]
vectors = ["v.txt", "w.vec"]
vocab = "b.json"
output = "out/b.h5"
oov-scale = 1
oov = "mean"
fallback = ["lower", "hyphen"]
clobber = false
"""


@pytest.fixture
def folder(workdir: Path) -> Path:
    """The files in a folder that is not the current one."""
    there = workdir / "there"
    (there / "out").mkdir(parents=True)
    for name in ("v.txt", "a.json", "b.json"):
        (workdir / name).rename(there / name)
    (there / "w.vec").write_bytes(b"zebra 5 6\n")
    (there / "jobs.toml").write_text(JOBS)
    return there


def test_a_file_of_builds_names_files_relative_to_itself(folder: Path) -> None:
    reports = json.loads(run("--jobs", "there/jobs.toml", "--json"))
    assert [report["matrix"]["path"] for report in reports] == ["there/a.npy", "there/out/b.h5"]
    assert [report["options"]["oov"] for report in reports] == ["zeros", "mean"]
    assert reports[1]["options"]["fallback"] == ["lower", "hyphen"]
    assert rows("there/a.npy") == [[0, 0], [1, 2], [3, 4]]
    assert np.asarray(embedprep.open("there/out/b.h5")).tolist() == [[0, 0], [3, 4], [5, 6]]


def test_a_file_of_one_build_gives_a_list_too(folder: Path) -> None:
    (folder / "one.toml").write_text(JOBS[: JOBS.rindex("[[build]]")])
    assert len(json.loads(run("--jobs", "there/one.toml", "--json"))) == 1


def test_options_of_all_builds_stay_on_the_command_line(folder: Path) -> None:
    run("--jobs", "there/jobs.toml", "--threads", "1", "--no-index", "-q", "--no-sync")
    assert embedprep.open("there/a.npy").coverage.run is None
    report = json.loads((folder / "a.coverage.json").read_bytes())
    assert report["run"]["threads"] == 1
    assert invoke("--jobs", "there/jobs.toml", "--no-clobber").exit_code != 0


def test_addresses_and_standard_input_are_in_no_folder(workdir: Path) -> None:
    (workdir / "sub").mkdir()
    (workdir / "sub" / "jobs.toml").write_text(
        "[[build]]\nvectors = '-'\nvocab = '../a.json'\noutput = 'a.npy'\n"
    )
    result = CliRunner().invoke(cli, ["build", "--jobs", "sub/jobs.toml", "-q"], input=b"the 8 9\n")
    if result.exception is not None:
        raise result.exception
    assert rows("sub/a.npy")[1] == [8, 9]


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("trust_pickle = true", "--trust-pickle"),
        ("trust-pickle = false", "--trust-pickle"),
        ('scheduler = "tcp://evil:8786"', "--scheduler"),
    ],
)
@pytest.mark.parametrize("place", ["top", "build"])
def test_a_file_of_builds_trusts_nobody(line: str, option: str, place: str) -> None:
    at_top, in_build = (line, "") if place == "top" else ("", line)
    Path("jobs.toml").write_text(
        f'vectors = "v.txt"\n{at_top}\n[[build]]\nvocab = "a.json"\noutput = "a.npy"\n{in_build}\n'
    )
    result = invoke("--jobs", "jobs.toml")
    assert isinstance(result.exception, UsageError)
    assert "a file may not say so" in str(result.exception)
    assert f"on the command line: {option}" in str(result.exception)
    assert not Path("a.npy").exists()


def test_the_command_line_may_trust_beside_a_file_of_builds(canary: Path) -> None:
    Path("jobs.toml").write_text(
        'vectors = "v.kv"\n[[build]]\nvocab = "a.json"\noutput = "a.npy"\n'
    )
    for words, ran in (((), False), (("--trust-pickle",), True)):
        assert invoke("--jobs", "jobs.toml", *words).exit_code != 0, "it is no file of gensim"
        assert canary.exists() is ran


class Canary:
    """Leaves a folder where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, ("canary",)


@pytest.fixture
def canary(small_files: Path) -> Path:
    (small_files / "v.kv").write_bytes(pickle.dumps(Canary()))
    return small_files / "canary"


def test_a_file_of_builds_without_an_end() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("no such device here")
    assert "too large for a file of builds" in str(invoke("--jobs", "/dev/zero").exception)
