"""`embedprep doctor`: the table, the JSON, the exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import embedprep
from embedprep.cli import door

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))

BAD = (
    b"The 1 2\ncat 3 4\n\xc2\xa0 0 0\ncat 5 6\n\xff\xfe 1 1\n. . 1 2\nr\x1b[31md 1 2\nbad 1\n"
    b"nan nan 1\n</s> 1 1\n 5 5\nlast 1"
)

TABLE = r"""
file        v.txt  (text, 94 bytes)
layout      no header, separated by spaces
published   not known to be
truncated   unknown: no line break at its end: the last number may be cut off

records
              12  of 2 values
               2  malformed
               1  with nan or infinite values
                  line 8: record 'bad' has 1 values, not 2
               1  of zeros only
               1  of a key that came before: 'cat'
  norms           0 to 7.81, 3.269 on average

keys
               1  empty
               1  with spaces: '. .'
               2  with other white space or control characters: '\xa0', 'r\x1b[31md'
               1  that are not UTF-8: '\xff\xfe'
  case            mixed: 11.1 % of keys have capitals
  digits          as they are
  phrases         joined by a space: 11.1 % of keys
  special         </s>

problems: build would fail
  line 8: 3 malformed or non-finite records, the first: record 'bad' has 1 values, not 2
    Leave such records out with --on-malformed skip, or download or export the file again.

build
  embedprep build --vectors v.txt --vocab VOCAB --on-malformed skip
    leaves out 3 of 12 records
  Keys that are not UTF-8 match no token.
"""

HEALTHY = """
file        v.txt  (text, 22 bytes)
layout      its header says 2 records, separated by tabs
published   not known to be
truncated   no: all the records that its header promises are there

records
               2  of 2 values
  norms           1 to 5, 3 on average

keys
  case            lower case only
  digits          none
  phrases         joined by _: 50.0 % of keys

build
  embedprep build --vectors v.txt --vocab VOCAB
  Its keys are lower case: build with --fallback lower, or make the vocabulary from lower-cased text; words with capitals find nothing as they are.
  The words of a phrase are joined by _, as in new_york.
"""  # noqa: E501


def run(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of the command line, run here, which must end with `code`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["embedprep", "doctor", *arguments])
        got = door._exit_code()
    out, err = capfd.readouterr()
    assert got == code, err
    return out, err


@pytest.fixture(autouse=True)
def small_file(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"2 2\nnew_york\t3\t4\na\t0\t1\n")


def test_a_healthy_file(capfd: pytest.CaptureFixture[str]) -> None:
    out, err = run(capfd, "v.txt")
    assert out == HEALTHY.lstrip("\n").replace("22 bytes", f"{os.path.getsize('v.txt')} bytes")
    assert err == ""


def test_everything_that_is_odd_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    Path("v.txt").write_bytes(BAD)
    out, err = run(capfd, "v.txt", code=3)
    assert out == TABLE.lstrip("\n")
    assert err == (
        "embedprep: v.txt, line 8: 3 malformed or non-finite records, the first: "
        "record 'bad' has 1 values, not 2\n"
        "  Leave such records out with --on-malformed skip, or download or export the file again.\n"
    )


def test_json_is_what_python_gets(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "v.txt", "--json")
    assert out == embedprep.examine("v.txt").to_json()
    Path("v.txt").write_bytes(BAD)
    out, err = run(capfd, "v.txt", "--json", code=3)
    assert json.loads(out)["malformed"] == 2
    assert "line 8" in err


def test_oddities_that_do_not_hinder_a_build_are_no_errors(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Path("v.txt").write_bytes(b"a 1 2\na 0 0\n\xc2\xa0 1 2\n\xff 1 2\n 3 4\nb c 1 2\n")
    out, err = run(capfd, "v.txt")
    assert "problems" not in out
    assert err == ""
    Path("vocab.json").write_text('["a"]')
    embedprep.build("v.txt", "vocab.json")


def test_several_problems(capfd: pytest.CaptureFixture[str]) -> None:
    Path("v.txt").write_bytes(b"9 2\na 1 2\nb 1\n")
    out, err = run(capfd, "v.txt", code=3)
    assert "line 3: record 'b' has 1 values, not 2" in out
    assert "  the header promises 9 records, the file has 2: it is truncated\n" in out
    assert "(and 1 more above)" in err


HOSTILE = ["red\x1b[31m", "back\bspace", "\u202egnirts", "\x9b1m", "nul\x00", "lone\rreturn", "\u2028"]  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("record", ["{} 1 2", "{} 1 2\n{} 1 2", "{} 1", "{} x 2", "{} nan 1"])
def test_hostile_keys_never_reach_the_terminal_raw(
    record: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for key in HOSTILE:
        content = "a 1 2\nb 1 2\n" + record.replace("{}", key) + "\n"
        Path("v.txt").write_bytes(content.encode())
        code = 0 if record.startswith("{} 1 2") else 3
        for text in run(capfd, "v.txt", code=code):
            assert all(c.isprintable() or c == "\n" for c in text)


def test_a_hostile_name(capfd: pytest.CaptureFixture[str]) -> None:
    name = "v\x1b[31m.txt"
    Path("v.txt").rename(name)
    out, _ = run(capfd, name)
    assert "\x1b" not in out
    assert r"'v\x1b[31m.txt'" in out


def test_a_member_of_an_archive(capfd: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("a b.zip", "w") as archive:
        archive.writestr("one.txt", "a 1 2\n")
        archive.writestr("two.txt", "a 1 2 3\n")
    assert "two.txt" in run(capfd, "a b.zip", code=3)[1]
    out, _ = run(capfd, "a b.zip", "--member", "two.txt")
    assert "of 3 values" in out
    assert "(zip of text" in out
    assert "embedprep build --vectors 'a b.zip::two.txt' --vocab VOCAB\n" in out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("missing.txt",), 3, "no such file"),
        ((".",), 3, "this is a directory"),
        (("v.txt", "--vectors-format", "nonsense"), 2, "Give one of: text"),
        (("v.txt", "--threads", "0"), 2, "--threads"),
        (("v.txt", "more.txt"), 2, "nothing says what 'more.txt' is for"),
        ((), 2, "Usage"),
    ],
)
def test_what_a_user_can_get_wrong(
    arguments: tuple[str, ...], code: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    out, err = run(capfd, *arguments, code=code)
    assert out == ""
    assert says in err


def test_help_says_what_it_does_and_has_examples(capfd: pytest.CaptureFixture[str]) -> None:
    out, _ = run(capfd, "--help")
    assert 0 < out.index("\n\n") < out.index("Examples:")


def doctor(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([EMBEDPREP, "doctor", *arguments], **options)  # type: ignore[call-overload, no-any-return]


def test_standard_input() -> None:
    process = doctor("-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = process.communicate(b"a 1 2\n", timeout=60)
    assert process.returncode == 0
    assert out.startswith(b"file        standard input  (text, 6 bytes)\n")
    assert b"embedprep build --vectors - --vocab VOCAB\n" in out


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_reader_that_went_away(options: tuple[str, ...]) -> None:
    read_end, stdout = os.pipe()
    os.close(read_end)
    process = doctor("v.txt", *options, stdout=stdout, stderr=subprocess.PIPE)
    os.close(stdout)
    _, err = process.communicate(timeout=60)
    assert (err, process.returncode) == (b"", 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(number: signal.Signals) -> None:
    process = doctor("-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"a 1 2\n" * 100_000)
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(number)
    try:
        process.wait(timeout=120)
    finally:
        process.stdin.close()
    assert process.returncode == 128 + number
    assert process.stdout is not None
    assert process.stdout.read() == b""
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.close()
