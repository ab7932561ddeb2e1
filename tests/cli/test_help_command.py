"""Help, completion and messages: a person finds a command, an option and a value, or is told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from embedprep.cli.build import build
from embedprep.cli.command import Command
from embedprep.cli.commands import cli
from embedprep.cli.parameters import FILE
from embedprep.errors import unreadable
from embedprep.fallback.table import RULES
from embedprep.options.kinds import EVERYDAY, GROUPS
from tests.cli.here import open_terminal, run_here

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))
BUILD = ("build", "--vectors", "v.txt", "--vocab", "vocab.json")
COMMANDS = cli.list_commands(click.Context(cli))


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> None:
    (workdir / "v.txt").write_text("the 1 2\ncat 3 4\nthe 9 9\n")
    (workdir / "vocab.json").write_text(json.dumps(["the", "cat", "zebra"]))


def run(*arguments: str, code: int = 0, **env: str) -> tuple[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        done = run_here(*arguments)
    assert done.code == code, done.err
    return done.out.decode(), done.err.decode()


def on_terminal(*arguments: str, start: str = "0", **env: str) -> str:
    """All that a terminal shows of the command, run after the statement `start`."""
    terminal, inner = open_terminal()
    import termios

    termios.tcsetwinsize(inner, (24, 80))
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    program = f"{start}\nfrom embedprep.cli import main\nmain()"
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=inner,
        env={**inherited, "TERM": "xterm", **env},
    ) as process:
        os.close(inner)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 1 << 16)
            except OSError:  # Linux ends a terminal so
                break
            if not part:
                break
            shown += part
        process.wait(timeout=60)
    os.close(terminal)
    return shown.decode()


# ---- help


def test_commands_are_in_the_order_of_the_work() -> None:
    out, _ = run("--help")
    listed = re.findall(r"^  (\w+) {2,}\S", out.partition("Commands:")[2], re.MULTILINE)
    assert listed == ["doctor", "convert", "count", "build", "index", "update", "inspect", "explain", "diff", "verify"]  # fmt: skip  # noqa: E501
    assert out.index("Turn a tokenizer's vocabulary") < out.index("Examples:")


def test_help_as_a_command() -> None:
    assert run("help", "build") == run("build", "--help")
    assert run("help") == run("--help")
    _, err = run("help", "biuld", code=2)
    assert "did you mean build?" in err
    assert run("-V")[0] == run("--version")[0]


def test_the_options_of_build_are_in_groups_the_everyday_ones_first() -> None:
    out, _ = run("build", "--help")
    places = [out.index(f"\n{group}:\n") for group in GROUPS]
    assert places == sorted(places)
    everyday = out[places[0] : places[1]]
    names = re.findall(r"^  (?:-o, )?--([\w-]+)", everyday, re.MULTILINE)
    assert names == ["vectors", "vocab", "output", "text", "counts", "fallback", "html"]


def test_a_bare_command_is_explained_in_short() -> None:
    out, err = run("build", code=2)
    assert out == ""
    assert err.startswith("Usage: embedprep build [OPTIONS]\n")
    assert len(re.findall(r"^  embedprep build ", err, re.MULTILINE)) == 2
    assert EVERYDAY in err
    assert "--seed" not in err
    assert err.endswith("\nembedprep build --help shows all options.\n")
    assert run("inspect", code=2)[1] == run("inspect", "--help")[0]  # it has few options


@pytest.mark.parametrize("columns", ["40", "80", "120"])
@pytest.mark.parametrize("arguments", [("build",), ("build", "--help"), ("update", "-h"), ("-h",)])
def test_help_keeps_to_the_width(arguments: tuple[str, ...], columns: str) -> None:
    code = 2 if arguments == ("build",) else 0
    text = "".join(run(*arguments, code=code, COLUMNS=columns))
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("embedprep ")]
    assert max(map(len, lines)) <= max(50, min(100, int(columns)))
    if arguments == ("build", "--help") and columns != "40":
        for name in ("word2vec-binary", "sentencepiece-model", "strip-punctuation"):
            assert name in text, text  # no line breaks a name


@pytest.mark.parametrize("arguments", [(), *((name,) for name in COMMANDS)])
def test_examples_fit_a_terminal(arguments: tuple[str, ...]) -> None:
    assert max(map(len, run(*arguments, "--help", COLUMNS="80")[0].splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_leaves_it_to_the_opening_whether_a_file_can_be_read(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert isinstance(command, Command)
    for param in command.params:
        assert not isinstance(param.type, click.Path) or param.type is FILE, param.name


# ---- what is mistyped


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("biuld",), "there is no command 'biuld'; did you mean build?"),
        ((*BUILD, "--fallbak", "all"), "there is no option --fallbak; did you mean --fallback?"),
        ((*BUILD, "-vectors", "v.txt"), "there is no option -vectors; did you mean --vectors?"),
        (
            ("--vectors", "v.txt", "build"),
            "--vectors goes after the command, as in embedprep build --vectors",
        ),
        ((*BUILD, "-o", "m.npy", "--fallback", ""), "--fallback cannot be ''"),
        ((*BUILD, "-o", "m.npy", "--post", " ,"), "--post cannot be ' ,'"),
        ((*BUILD, "-o", ""), "--output is an empty name"),
        (("inspect", ""), "path is an empty name"),
        ((*BUILD, "--oov", "zeroes"), "--oov cannot be 'zeroes'; did you mean zeros?"),
        ((*BUILD, "--dtype", "float"), "did you mean float32?"),
        ((*BUILD, "--vectors-format", "word2vec-bin"), "did you mean word2vec-binary?"),
        ((*BUILD, "--vocab-format", "huggingface"), "did you mean huggingface-tokenizer?"),
        ((*BUILD, "--fallback", "lowercase"), "did you mean lower?"),
        ((*BUILD, "--seed", "abc"), "--seed cannot be 'abc'\n  Give a whole number."),
        (
            (*BUILD, "--threads", "0"),
            "--threads cannot be '0'\n  Give a whole number of at least 1",
        ),
        ((*BUILD, "--num-words", "all"), "Give a whole number of at least 1, or auto."),
        ((*BUILD, "--oov-scale", "x"), "--oov-scale cannot be 'x'\n  Give a number, or match."),
        ((*BUILD, "--seed"), "option '--seed' requires an argument\n  embedprep build --help"),
        (
            (*BUILD, "b.json"),
            "nothing says what 'b.json' is for\n  Give an option before each name",
        ),
        (("inspect", "a.npy", "b.npy"), "nothing says what 'b.npy' is for\n  Repeat an option"),
        (("build", "--vocab", "vocab.json"), "--vectors is missing"),
        (("inspect", "--missing", "0", "m.npy"), "--missing cannot be '0'"),
        (("inspect", "--json"), "PATH is missing"),
        (("explain", "m.npy", "--row", "x"), "--row cannot be 'x'"),
        (("update", "m.npy", "-o", "n.npy"), "--vocab is missing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_told_in_one_style(arguments: tuple[str, ...], says: str) -> None:
    out, err = run(*arguments, code=2)
    assert out == ""
    assert re.fullmatch(r"embedprep: [^\n]+\n  [^\n]+\n", err), err
    assert says in err


def test_a_file_that_is_not_there() -> None:
    _, err = run("build", "--vectors", "w.txt", "--vocab", "vocab.json", code=3)
    assert err.startswith("embedprep: w.txt (--vectors): no such file; did you mean v.txt?\n")
    _, err = run("build", "--vectors", "v.txt", "--vocab", "vocal.json", code=3)
    assert err.startswith("embedprep: vocal.json (--vocab): no such file; did you mean vocab.json?")
    _, err = run(*BUILD, "--counts", "nowhere/counts.json", code=3)
    assert err.startswith("embedprep: nowhere/counts.json (--counts): no such file\n")
    assert "There is no folder nowhere" in err
    assert run("inspect", "m.npz", code=3)[1].startswith("embedprep: m.npz: no such file\n")


def test_a_file_of_two_options_is_named_with_both() -> None:
    _, err = run(*BUILD, "--counts", "v.txt", code=3)
    assert err.startswith("embedprep: v.txt (--vectors and --counts): contains no token")


def test_a_member_of_an_archive_that_is_not_there() -> None:
    _, err = run("build", "--vectors", "w.zip::v.txt", "--vocab", "vocab.json", code=3)
    assert err.startswith("embedprep: w.zip (--vectors): no such file")


def test_a_file_that_may_not_be_read_is_told_like_a_missing_one() -> None:
    error = unreadable("secret.txt", PermissionError(13, "Permission denied"))
    assert error.exit_code == 3
    assert str(error).startswith("secret.txt: cannot read it: permission denied\n")


def test_a_place_in_a_file_needs_no_option() -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 x\n")
    assert run(*BUILD, code=3)[1].startswith("embedprep: v.txt, line 2")


def test_a_folder_that_nobody_may_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    error = unreadable("x.txt", FileNotFoundError(2, "No such file or directory"))
    assert error.reason == "no such file"


def test_a_suggested_command_can_be_pasted() -> None:
    _, err = run(*BUILD, "-o", "out put.npy", "--fail-under", "1", code=4)
    assert "embedprep inspect 'out put.npy' --missing 100" in err


def test_fail_under_of_a_report() -> None:
    run(*BUILD, "-q")
    for stored in ("embeddings.npy", "embeddings.coverage.json"):
        assert run("inspect", stored, "--fail-under", "0.5")[1] == ""
        out, err = run("inspect", stored, "--fail-under", "0.9", code=4)
        assert "coverage" in out
        assert "--fail-under asks for 90.0 %" in err
    assert run("inspect", "embeddings.npy", "--fail-under", "90", code=2)[0] == ""


def test_a_person_who_is_waited_for_is_told() -> None:
    start = "import sys; sys.stdin.isatty = lambda: True"
    shown = on_terminal("build", "--vectors", "-", "--vocab", "vocab.json", start=start)
    assert "embedprep: reading from standard input, until Ctrl-D" in shown
    assert "standard input" not in on_terminal(*BUILD, start=start)
    analogy = ("explain", "embeddings.npy", "--analogy", "the", "-", "cat")
    assert "standard input" not in on_terminal(*analogy, start=start)


# ---- what was written


def test_what_was_written_and_replaced() -> None:
    def wrote(*arguments: str) -> list[str]:
        _, err = run(*arguments)
        return [line for line in err.splitlines() if "wrote" in line]

    assert wrote(*BUILD) == ["embedprep: wrote embeddings.npy, embeddings.coverage.json"]
    Path("embeddings.coverage.json").unlink()
    assert wrote(*BUILD, "--json") == [
        "embedprep: wrote embeddings.npy (replaced), embeddings.coverage.json"
    ]
    assert wrote(*BUILD, "-q") == []
    assert wrote(*BUILD, "--index", "-o", "a b.npy") == [
        "embedprep: wrote v.txt.embedprep-index",
        "embedprep: wrote a b.npy, a b.coverage.json",
    ]
    assert wrote("convert", "v.txt", "v.bin") == ["embedprep: wrote v.bin"]
    assert wrote("index", "v.txt") == []  # it prints the path
    _, err = run(*BUILD, "--fail-under", "1", code=4)
    assert err.startswith("embedprep: wrote embeddings.npy (replaced), ")


def test_an_index_is_not_written_in_silence() -> None:
    run(*BUILD, "-q")
    update = ("update", "embeddings.npy", "--vocab", "vocab.json", "-o", "n.npy")
    _, err = run(*update, "--vectors", "v.txt")
    assert "there was no index of it; embedprep writes one for the next update (--no-index" in err
    assert "wrote v.txt.embedprep-index" in err
    Path("v.txt.embedprep-index").unlink()
    _, err = run(*update, "--vectors", "v.txt", "--no-index")
    assert "index" not in err


# ---- options from the environment


def test_options_from_the_environment() -> None:
    out, err = run(*BUILD, "--json", EMBEDPREP_BUILD_OOV="zeros", EMBEDPREP_BUILD_NO_SYNC="1")
    assert json.loads(out)["options"]["oov"] == "zeros"
    note = "embedprep: note: options from the environment: EMBEDPREP_BUILD_OOV, "
    assert err.startswith(note + "EMBEDPREP_BUILD_NO_SYNC\n")
    out, err = run(*BUILD, "--json", "--oov", "mean", EMBEDPREP_BUILD_OOV="zeros")
    assert json.loads(out)["options"]["oov"] == "mean"
    assert "environment" not in err
    assert run(*BUILD, EMBEDPREP_BUILD_QUIET="1", EMBEDPREP_BUILD_SEED="3") == ("", "")
    _, err = run(*BUILD, code=2, EMBEDPREP_BUILD_SEED="three")
    assert "--seed cannot be 'three'" in err


def test_trust_does_not_come_from_the_environment() -> None:
    Path("v.kv").write_bytes(b"\x80\x04N.")
    build = ("build", "--vectors", "v.kv", "--vocab", "vocab.json")
    assert "say --trust-pickle" in run(*build, code=3, EMBEDPREP_BUILD_TRUST_PICKLE="1")[1]


def test_files_from_the_environment_are_one_value() -> None:
    Path("a b:c.txt").write_text("the 1 2\n")
    files = {"EMBEDPREP_BUILD_VECTORS": "a b:c.txt", "EMBEDPREP_BUILD_VOCAB": "vocab.json"}
    out, _ = run("build", code=0, **files)
    assert "a b:c.txt" in out


# ---- colour and progress


def test_colour_is_for_terminals() -> None:
    shown = on_terminal(*BUILD)
    assert "\x1b[1mcoverage\x1b[0m" in shown
    assert "\x1b[31membedprep:" in on_terminal("inspect", "nothing.npy")
    assert "\x1b[1mMost used options\x1b[0m" in on_terminal("build", "--help")


@pytest.mark.parametrize("declined", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
@pytest.mark.parametrize("arguments", [BUILD, ("inspect", "x.npy"), ("build",), ("build", "-h")])
def test_colour_can_be_declined(arguments: tuple[str, ...], declined: dict[str, str]) -> None:
    assert "\x1b" not in on_terminal(*arguments, **declined)


SLOW = (
    "import time\n"
    "from embedprep.cli import terminal\n"
    "terminal._Status.DELAY = 0\n"
    "from embedprep.building import pipeline\n"
    "fast = pipeline.measure\n"
    "pipeline.measure = lambda found: (time.sleep(0.3), fast(found))[1]"
)


def test_a_stage_without_bytes_is_shown_while_it_runs() -> None:
    shown = on_terminal(*BUILD, start=SLOW)
    assert "coverage ...\r            \r" in shown
    assert "..." not in on_terminal(*BUILD, "-q", start=SLOW)


BAR = "from embedprep.options import progress\nprogress._DELAY = 0"


def test_the_progress_bar_is_for_terminals_and_not_for_quiet() -> None:
    assert "reading: " in on_terminal(*BUILD, start=BAR)
    assert on_terminal(*BUILD, "-q", start=BAR) == ""
    assert "reading" not in "".join(run(*BUILD))


# ---- completion


def completions(shell: str, line: str) -> list[str]:
    words = line.split(" ")
    number = {"COMP_CWORD": str(len(words) - 1)}
    if shell == "fish":
        number = {"COMP_CWORD": words[-1]}
    environment = {"COMP_WORDS": line, "_EMBEDPREP_COMPLETE": f"{shell}_complete", **number}
    return run(code=0, **environment)[0].split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("embedprep bu", "build"),
        ("embedprep help insp", "inspect"),
        ("embedprep build --oov z", "zeros"),
        ("embedprep build --fallback lower,acc", "lower,accents"),
        ("embedprep build --vectors-format word2vec-b", "word2vec-binary"),
        ("embedprep build --no-su", "--no-subwords"),
        ("embedprep convert --on-malformed s", "skip"),
    ],
)
def test_names_complete_in_the_shell(shell: str, line: str, offered: str) -> None:
    assert any(offered in found for found in completions(shell, line))


def test_a_rule_is_offered_once() -> None:
    offered = completions("bash", "embedprep build --fallback lower,")
    assert len(offered) == len(RULES) + 1  # all and auto too, without lower
    assert "plain,lower,lower" not in offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_the_shell(shell: str) -> None:
    out, _ = run(_EMBEDPREP_COMPLETE=f"{shell}_source")
    assert "_EMBEDPREP_COMPLETE" in out


def test_every_option_is_in_a_group_that_there_is() -> None:
    with click.Context(build) as context:
        assert isinstance(build, Command)
        assert list(build.groups(context)) == list(GROUPS)
