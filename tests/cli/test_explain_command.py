"""`embedprep explain`: what a user sees of tokens, rows and analogies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import embedprep
from embedprep.cli import door

# Nothing here comes near the core.

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))

VECTORS = b"""\
king 4 3 0
man 4 0 0
woman 0 0 2
queen 0 3 4
apple -1 -1 -1
"""

FOUND = """
king
  row         1
  vector      of the word itself
  file        v.txt, line 1
  norm        5
  nearest
    man                              0.8000
    queen                            0.3600

kign
  row         5
  vector      none: filled by --oov zeros
  norm        0
  kind        {kind}
  spelt alike, with a vector
    king                             1 edit
"""

ANALOGY = """
king - man + woman
    queen                            0.9804
"""


def run(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of the command line, run here, which must end with `code`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["embedprep", "explain", *arguments])
        got = door._exit_code()
    out, err = capfd.readouterr()
    assert got == code, err
    return out, err


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    embedprep.build(
        "v.txt", ["[PAD]", "king", "man", "woman", "queen", "kign"], "m.npy", oov="zeros"
    )


@pytest.mark.parametrize("output", ["m.npy", "m.h5"])
def test_tokens_with_and_without_a_vector(output: str, capfd: pytest.CaptureFixture[str]) -> None:
    vocabulary = ["[PAD]", "king", "man", "woman", "queen", "kign"]
    _, report = embedprep.build("v.txt", vocabulary, output, oov="zeros")
    out, err = run(capfd, output, "king", "kign", "-n", "2")
    assert out == FOUND.lstrip("\n").replace("{kind}", report.counts.missing[0].kind)
    assert err == ""


def test_a_row_is_explained_like_its_token(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(capfd, "m.npy", "--row", "1") == run(capfd, "m.npy", "king")
    out, _ = run(capfd, "m.npy", "man", "--row", "0", "--row", "2", "-n0")
    assert [block.splitlines()[0] for block in out.split("\n\n")] == ["man", "[PAD]", "man"]


def test_a_token_that_is_not_there_is_told_among_the_others(
    capfd: pytest.CaptureFixture[str],
) -> None:
    out, err = run(capfd, "m.npy", "Man", "king", "qqqq", code=3)
    assert out.startswith("Man\n  row         none: it is not in the vocabulary\n")
    assert "    man                              1 edit\n" in out
    assert "\nking\n  row         1\n" in out
    assert err.startswith(
        "embedprep: m.npy, token 'Man': it is not in the vocabulary (and 1 more above)\n"
    )
    out, _ = run(capfd, "m.npy", "Man", "king", "--json", code=3)
    assert [one["rows"] for one in json.loads(out)] == [[], [1]]


def test_the_matrix_comes_first(capfd: pytest.CaptureFixture[str]) -> None:
    _, err = run(capfd, "king", "m.npy", "man", code=2)
    assert err == (
        "embedprep: king: no such file, but m.npy is one\n"
        "  The matrix comes first: embedprep explain m.npy king man\n"
    )
    _, err = run(capfd, "missing.npy", "king", code=3)
    assert err.startswith("embedprep: missing.npy: no such file; did you mean m.npy?\n")


def test_json_is_what_python_gets(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "m.npy", "king", "kign", "--row", "0", "--json", "-n", "3")
    matrix = embedprep.open("m.npy")
    expected = [matrix.explain(asked, 3).to_dict() for asked in ("king", "kign", 0)]
    assert json.loads(out) == json.loads(json.dumps(expected))
    assert list(json.loads(out)[0]) == [
        "asked", "token", "rows", "also", "provenance", "oov", "keys", "files", "file_keys",
        "record", "line", "norm", "count", "kind", "neighbours", "spellings", "advice",
        "recommended", "post",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "expression",
    [("king", "-", "man", "+", "woman"), ("king - man + woman",), ("--", "king - man + woman")],
)
def test_an_analogy(expression: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "m.npy", "--analogy", "-n1", *expression)
    assert out == ANALOGY.lstrip("\n")
    out, _ = run(capfd, "m.npy", "--analogy", "--json", *expression)
    [first] = json.loads(out)
    assert (first["token"], first["row"]) == ("queen", 4)
    assert first["cosine"] == embedprep.open("m.npy").analogy(["king", "woman"], ["man"])[0][1]


def test_an_analogy_names_the_tokens_that_are_meant(capfd: pytest.CaptureFixture[str]) -> None:
    tokens = ["<unk>", "▁king", "▁man", "▁queen", "▁woman"]
    embedprep.build("v.txt", tokens, "m.npy")
    out, _ = run(capfd, "m.npy", "--analogy", "--", "- man + ▁king")
    assert out.splitlines()[0] == "- ▁man + ▁king"
    assert out.splitlines()[1].split()[0] == "▁queen"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("missing.npy", "a"), 3, "no such file"),
        (("v.txt", "a"), 3, "not a matrix"),
        (("m.npy",), 2, "nothing to explain"),
        (("m.npy", "--row", "6"), 2, "Its rows are 0 to 5"),
        (("m.npy", "--row", "-1"), 2, "no row -1"),
        (("m.npy", "--row", "x"), 2, "--row"),
        (("m.npy", "king", "-n", "-1"), 2, "--neighbours"),
        (("m.npy", "--analogy", "king", "man"), 2, "'king man' is no analogy"),
        (("m.npy", "--analogy", "a\x1b - "), 2, r"'a\x1b -' is no analogy"),
        (("m.npy", "--analogy", "king - kign"), 3, "token 'kign': it has no vector"),
        (("m.npy", "--analogy", "king - King"), 3, "token 'King': it is not in the vocabulary"),
        (("m.npy", "--analogy", "king - man", "--row", "1"), 2, "exclude each other"),
        (("m.npy", "-lrb-"), 2, "there is no option -l"),
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


def test_a_token_that_looks_like_an_option(capfd: pytest.CaptureFixture[str]) -> None:
    embedprep.build("v.txt", ["-lrb-", "--", "king"], "m.npy")
    out, _ = run(capfd, "m.npy", "--", "-lrb-", "--")
    assert [block.splitlines()[:2] for block in out.split("\n\n")] == [
        ["-lrb-", "  row         0"],
        ["--", "  row         1"],
    ]


HOSTILE = ["red\x1b[31m", "back\bspace", "\u202egnirts", "\x9b1m", "nul\x00", "new\nline", "\u2028"]


def test_hostile_tokens_never_reach_the_terminal_raw(capfd: pytest.CaptureFixture[str]) -> None:
    words = [*(token for token in HOSTILE if "\n" not in token), "king"]
    lines = "".join(f"{word} 1 {i}\n" for i, word in enumerate(words))
    name = "v\x1b[31m.txt"
    Path(name).write_bytes(lines.encode())
    embedprep.build(name, [*HOSTILE, *(f"{token}x" for token in HOSTILE), "king"], "m.npy")
    for token in [*HOSTILE, *(f"{token}x" for token in HOSTILE), *(f"{t}xyz" for t in HOSTILE)]:
        code = 3 if token.endswith("z") else 0
        if "\x00" in token:  # no argument can hold it
            continue
        for text in run(capfd, "m.npy", token, code=code):
            assert all(c.isprintable() or c == "\n" for c in text)
    out, _ = run(capfd, "m.npy", "--analogy", "king", "+", HOSTILE[0])
    assert out.splitlines()[0] == r"king + red\x1b[31m"
    assert all(c.isprintable() or c == "\n" for c in out)


def test_an_argument_that_is_not_utf8(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "m.npy", os.fsdecode(b"\xff\xfe"), code=3)
    assert out.startswith(r"\udcff\udcfe" + "\n")


def test_help_says_what_it_does_and_has_examples(capfd: pytest.CaptureFixture[str]) -> None:
    for option in ("-h", "--help"):
        out, _ = run(capfd, option)
        assert 0 < out.index("\n\n") < out.index("Examples:")


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_reader_that_went_away(options: tuple[str, ...]) -> None:
    read_end, stdout = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [EMBEDPREP, "explain", "m.npy", "king", *options],
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(stdout)
    assert (done.stderr, done.returncode) == (b"", 0)


def test_nothing_heavy_is_imported() -> None:
    """An HDF5 library, or gensim, would take longer than the whole search."""
    code = (
        "import sys; sys.argv = ['embedprep', 'explain', 'm.npy', 'king', 'qing']\n"
        "from embedprep.cli import door; door._exit_code()\n"
        "assert 'numpy' in sys.modules\n"
        "print([m for m in ('h5py', 'gensim', 'scipy', 'difflib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.stdout.splitlines()[-1] == b"[]"


def test_a_token_that_no_example_tells_of_gets_what_the_report_recommends(
    capfd: pytest.CaptureFixture[str],
) -> None:
    words = [f"Word{letter}" for letter in "abcdefgh"]
    Path("v.txt").write_text("".join(f"{word.lower()} {i} 1\n" for i, word in enumerate(words)))
    embedprep.build("v.txt", words, "m.npy")
    out, _ = run(capfd, "m.npy", "Wordh")
    assert "advice      perhaps --fallback lower, which the report recommends\n" in out
    out, _ = run(capfd, "m.npy", "Worda")
    assert "advice      --fallback lower finds 'worda'\n" in out
