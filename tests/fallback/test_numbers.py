"""Numbers in a build: no rule drops one, and `#` is no number where numbers are written in full."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import embedprep
from embedprep import Provenance
from embedprep.provenance import KEY_SEPARATOR

pytestmark = pytest.mark.usefixtures("workdir")


def found(
    keys: str, vocab: list[str], fallback: str | list[str], **options: object
) -> tuple[dict[str, str], embedprep.CoverageReport]:
    """For each token that has a vector the rule and the keys; and the report."""
    Path("v.tsv").write_text("".join(f"{key}\t{i}\t1\n" for i, key in enumerate(keys.split())))
    _, coverage = embedprep.build("v.tsv", vocab, output="m.npy", fallback=fallback, **options)  # type: ignore[arg-type]
    matrix = embedprep.open("m.npy")
    rows = {
        token: " ".join(
            [
                Provenance(matrix.provenance[row]).label,
                *matrix.annotations.keys[row].decode().split(KEY_SEPARATOR.decode()),
            ]
        ).strip()
        for row, token in enumerate(matrix.tokens)
        if matrix.provenance[row] >= Provenance.EXACT
    }
    return rows, coverage


@pytest.mark.parametrize(
    "fallback", ["all", "auto", "compound", "digits-hash,strip-punctuation,compound", "digits-hash"]
)
def test_a_number_without_a_vector_is_missing(fallback: str) -> None:
    vocab = ["line-7-north", "x9z", "kg3s", "€42m", "7th", "42th"]
    rows, coverage = found("q line north x z kg s € m th", vocab, fallback)
    assert rows == {}
    assert coverage.recommended is None
    assert found("q line north x z kg s € m th", vocab, [])[1].advice == ()


def test_a_number_is_found_in_the_way_in_which_the_file_writes_it() -> None:
    vocab = ["line-74-north", "€1,742m", "74th"]
    rows, _ = found("q line north ## € #,### m ##th", vocab, "digits-hash,compound")
    assert rows == {
        "line-74-north": "compound line ## north",
        "€1,742m": "compound € #,### m",
        "74th": "digits-hash ##th",
    }


def test_a_sign_of_punctuation_is_no_number() -> None:
    vocab = ["7", "74", "1974", "74th", "line-74"]
    for keys in ("3 10 # ## #### line", "2 1985 ## # #### line"):
        rows, coverage = found(f"q {keys} ##th", vocab, "all")
        # A key of # and letters is the shape of a number in any file.
        assert rows == {"74th": "digits-hash ##th"}
        for used in ([], ["lower"], ["compound"]):
            coverage = found(f"q {keys}", vocab, used)[1]
            assert (coverage.recommended, coverage.advice) == (None, ())


def test_single_digits_may_be_written_where_longer_numbers_are_not() -> None:
    rows, coverage = found("q 3 # ## line", ["7", "74", "line-74"], "all")
    assert rows == {"74": "digits-hash ##", "line-74": "compound line ##"}
    coverage = found("q 3 # ## line", ["7", "74", "line-74"], [])[1]
    assert coverage.recommended is not None
    assert coverage.recommended.fallback == ("digits-hash", "compound")


def test_the_token_itself_is_found_whatever_it_means() -> None:
    rows, _ = found("q 12 ## ###", ["##", '"###"', "34"], "all")
    assert rows == {"##": "exact ##"}


def test_each_file_is_asked_how_it_writes_numbers() -> None:
    Path("first.tsv").write_text("12\t5\t5\n##\t6\t6\n")
    rows, _ = found("q ##", ["34"], "digits-hash")
    assert rows == {"34": "digits-hash ##"}
    matrix, _ = embedprep.build(["first.tsv", "v.tsv"], ["34"], fallback="digits-hash")
    assert matrix.tolist() == [[1, 1]]
    matrix, _ = embedprep.build(["v.tsv", "first.tsv"], ["34"], fallback="digits-hash")
    assert matrix.tolist() == [[1, 1]]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("numbers", ["", "12\t9\t9\n"])
def test_a_pipe_gives_the_same_as_a_file(numbers: str, last: bool) -> None:
    content = "##\t1\t1\n00\t2\t2\nline\t3\t3\n##\t4\t4\n" + numbers
    Path("v.tsv").write_text(content)
    Path("t.json").write_text(json.dumps(["34", "line-34", "##"]))
    options = [
        "--vocab",
        "t.json",
        "--fallback",
        "digits-hash,digits-zero,compound",
        "--oov",
        "zeros",
        "-q",
    ]
    if last:
        options += ["--on-duplicate", "last"]
    for source, name in (("v.tsv", "file.npy"), ("-", "pipe.npy")):
        subprocess.run(
            [sys.executable, "-m", "embedprep", "build", "--vectors", source, "-o", name, *options],
            input=content.encode(),
            check=True,
        )
    file, pipe = embedprep.open("file.npy"), embedprep.open("pipe.npy")
    assert file.array.tolist() == pipe.array.tolist()
    hashes = 4 if last else 1
    number = 2 if numbers else hashes
    assert file.array[:, 0].tolist() == [number, (3 + number) / 2, hashes]
    for one in (file, pipe):
        assert one.annotations.records.tolist() == [
            *([1] if numbers else [3 if last else 0]),
            -1,
            3 if last else 0,
        ]


def test_digits_of_another_script_are_digits() -> None:
    rows, coverage = found("the 1 # ! 12", ["the", "१", "१२", "٣"], "all")
    assert rows == {"the": "exact", "१": "digits-ascii 1", "१२": "digits-ascii 12"}
    coverage = found("the 1 # ! 12", ["the", "१", "१२", "٣"], [])[1]
    assert coverage.recommended is not None
    assert coverage.recommended.fallback == ("digits-ascii",)


def test_a_code_of_our_own_is_in_no_word() -> None:
    rows, _ = found("q # a", ["\ufdd0", "A\ufdd0"], "all")
    assert rows == {}


def test_a_file_too_large_for_a_census_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedprep.matching.census.MOST_KEYS", 1)
    assert found("q 12 ##", ["34"], "digits-hash")[0] == {"34": "digits-hash ##"}


def test_float16_numbers() -> None:
    rows, _ = found("q ##", ["34"], "digits-hash", dtype="float16")
    assert rows == {"34": "digits-hash ##"}
