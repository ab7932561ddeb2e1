"""`embedprep diff`: the table, the JSON, the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import embedprep
from embedprep.cli import door
from embedprep.diff import compare

# Nothing here comes near the core.

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))

TABLE = """
before      a.npy  (6 x 2 float32)
after       b.h5  (6 x 2 float32)

tokens
               2  unchanged: the same row and vector
               1  added
                  new                             row 4
               1  removed
                  gone                            row 4
               2  at another row
                  dog                             row 3 → 5
                  yak                             row 5 → 3

vectors
               3  changed

rows that came from
               1  oov → exact
                  yak                             row 5 → 3
               1  exact → oov
                  dog                             row 3 → 5
               1  exact, with another vector
                  cat                             row 2

coverage            before         after
  vocabulary        60.0 %        60.0 %
               1  had no vector before, and have one
               1  had a vector before, and have none

inputs and options
  vectors 1: v.txt → w.txt
  --seed: 0 → 1
"""


def run(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of the command line, run here, which must end with `code`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["embedprep", "diff", *arguments])
        got = door._exit_code()
    out, err = capfd.readouterr()
    assert got == code, err
    return out, err


@pytest.fixture(autouse=True)
def two_matrices(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\ndog 5 6\n")
    Path("w.txt").write_bytes(b"the 1 2\ncat 3 5\nyak 5 6\n")
    embedprep.build("v.txt", ["[PAD]", "the", "cat", "dog", "gone", "yak"], "a.npy")
    embedprep.build("w.txt", ["[PAD]", "the", "cat", "yak", "new", "dog"], "b.h5", seed=1)


def test_the_table(capfd: pytest.CaptureFixture[str]) -> None:
    out, err = run(capfd, "a.npy", "b.h5")
    assert out == TABLE.lstrip("\n")
    assert err == ""
    assert out == f"{compare('a.npy', 'b.h5')}\n"


def test_two_builds_of_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "a.npy", "a.npy")
    assert "\ntokens      the same 6, at the same rows, with the same vectors\n" in out
    assert out.endswith("  vocabulary        60.0 %        60.0 %\n")


def test_the_same_rows_of_other_inputs(capfd: pytest.CaptureFixture[str]) -> None:
    embedprep.build("v.txt", ["a", "the"], "c.npy", oov="zeros")
    embedprep.build("v.txt", ["the"], "d.npy", oov="zeros")
    out, _ = run(capfd, "d.npy", "c.npy")
    assert "\nvectors     the same\n" in out


def test_how_many_examples(capfd: pytest.CaptureFixture[str]) -> None:
    words = [f"w{i}" for i in range(7)]
    embedprep.build("v.txt", ["the", *words], "c.npy")
    out, _ = run(capfd, "a.npy", "c.npy", "-n", "2")
    assert (
        "\n".join(["added", *(f"{'':18}{f'w{i}':<30}  row {i + 1}" for i in (0, 1)), f"{'':18}…"])
        in out
    )
    assert "w2" not in out
    out, _ = run(capfd, "a.npy", "c.npy", "-n", "0")
    assert "w0" not in out
    assert "…" not in out
    out, _ = run(capfd, "a.npy", "c.npy", "-n", "7")
    assert "w6" in out
    assert "…" not in out


def test_json_is_what_python_gets(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "a.npy", "b.h5", "--json")
    assert out == compare("a.npy", "b.h5").to_json()
    assert list(json.loads(out)) == [
        "schema", "same", "before", "after", "incomparable", "added", "removed", "moved", "changed",
        "unchanged", "found", "lost", "transitions", "settings",
    ]  # fmt: skip


def test_hostile_tokens_never_reach_the_terminal_raw(capfd: pytest.CaptureFixture[str]) -> None:
    hostile = ["red\x1b[31m", "new\nline", "back\bspace", "\u202egnirts", "\ud800", "nul\x00"]
    embedprep.build("v.txt", ["the", *hostile], "a.npy", oov="zeros")
    embedprep.build("v.txt", [*hostile[::-1][:4], "the", *(f"{t}!" for t in hostile)], "b.npy")
    Path("b.npy").rename("b\x1b[31m.npy")
    out, _ = run(capfd, "a.npy", "b\x1b[31m.npy", "-n9")
    assert all(c.isprintable() or c == "\n" for c in out)
    assert r"red\x1b[31m!" in out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("a.npy", "missing.npy"), 3, "missing.npy: no such file"),
        (("a.npy", "v.txt"), 3, "v.txt: not a matrix"),
        (("a.npy",), 2, "AFTER is missing"),
        (("a.npy", "b.h5", "c.npy"), 2, "nothing says what 'c.npy' is for"),
        (("a.npy", "b.h5", "-n", "-1"), 2, "--examples"),
        ((), 2, "Usage"),
    ],
)
def test_what_a_user_can_get_wrong(
    arguments: tuple[str, ...], code: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    out, err = run(capfd, *arguments, code=code)
    assert out == ""
    assert says in err
    assert "Traceback" not in err


def test_help_says_what_it_does_and_has_examples(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "--help")
    assert 0 < out.index("\n\n") < out.index("Examples:")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_reader_that_went_away(options: tuple[str, ...]) -> None:
    read_end, stdout = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [EMBEDPREP, "diff", "a.npy", "b.h5", *options],
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(stdout)
    assert (done.stderr, done.returncode) == (b"", 0)
