"""`embedprep build` as a person or a script meets it: what goes where, and what is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
import pytest

import embedprep
from embedprep import containers, options, vectors, vocabulary
from embedprep.cli.build import build
from embedprep.cli.commands import cli
from embedprep.cli.terminal import progress
from embedprep.post import oov
from tests.cli.here import open_terminal, run_here

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))
BUILD = ("build", "--vectors", "v.txt", "--vocab", "vocab.json")
VECTORS = b"the 1 2\ncat 3 4\nthe 9 9\n"
VOCAB = {"the": 1, "cat": 2, "zebra": 3, "red\x1b[31m": 4, "new\nline": 5}
OLD = b"the matrix of yesterday"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, FIFOs and devices are POSIX")


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    (workdir / "v.txt").write_bytes(VECTORS)
    (workdir / "vocab.json").write_text(json.dumps(VOCAB))
    return workdir


def run(*arguments: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of a command that must end with `code`."""
    done = run_here(*arguments)
    assert done.code == code, done.err.decode()
    return done.out.decode(), notes(done.err).decode()


def run_alone(*arguments: str, code: int = 0, stdin: bytes = b"") -> tuple[str, str]:
    """The same of a process."""
    done = subprocess.run([EMBEDPREP, *arguments], input=stdin, capture_output=True, timeout=60)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode(), notes(done.stderr).decode()


def notes(err: bytes) -> bytes:
    """`err` without the names of the files that were written."""
    return re.sub(rb"^embedprep: wrote .*\n", b"", err, flags=re.MULTILINE)


def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A process that runs the Python statement `code`, then the command line."""
    program = f"import signal; {code}; from embedprep.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def start_doing(*lines: str) -> subprocess.Popen[bytes]:
    """A process in which the command line does these lines instead of a command."""
    head = ["import os, time, weakref; from embedprep.cli import commands", "def cli(**_):"]
    body = [f"    {line}" for line in lines]
    return start("\n".join([*head, *body, "commands.cli = cli", "0"]), *BUILD)


# ---- what goes where


def test_a_table_on_stdout_and_two_files_beside_each_other() -> None:
    out, err = run(*BUILD)
    assert err == ""
    assert "exact                  2" in out
    assert "missing (3; in order of their ids)" in out
    assert np.load("embeddings.npy")[1].tolist() == [1, 2]
    assert json.loads(Path("embeddings.coverage.json").read_bytes())["matrix"]["rows"] == 6
    assert sorted(os.listdir()) == [
        "embeddings.coverage.json", "embeddings.npy", "v.txt", "vocab.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("output", "report"),
    [
        ("wiki.h5", "wiki.coverage.json"),
        ("wiki.en.hdf5", "wiki.en.coverage.json"),
        ("UPPER.NPY", "UPPER.coverage.json"),
        (".npy", ".coverage.json"),
    ],
)
def test_the_report_lies_beside_the_output(output: str, report: str) -> None:
    run(*BUILD, "-o", output)
    assert json.loads(Path(report).read_bytes())["matrix"]["path"] == output


def test_the_report_lies_where_it_is_asked_for() -> None:
    run(*BUILD, "--report", "r.json")
    assert "r.json" in os.listdir()
    assert "embeddings.coverage.json" not in os.listdir()


def test_json_on_stdout_is_the_report_and_nothing_else() -> None:
    out, err = run(*BUILD, "--json")
    assert out.encode() == Path("embeddings.coverage.json").read_bytes()
    assert json.loads(out)["schema"] == "embedprep.coverage/1"
    assert err == ""


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet(option: str) -> None:
    Path("v.txt").write_bytes(VECTORS.rstrip())
    assert run(*BUILD, option) == ("", "")
    assert "embeddings.npy" in os.listdir()


def test_quiet_and_json_still_prints_what_was_asked_for() -> None:
    out, _ = run(*BUILD, "-q", "--json")
    assert json.loads(out)["matrix"]["rows"] == 6


@pytest.mark.parametrize("option", ["-v", "--verbose"])
def test_verbose_tells_how_long_each_stage_took_on_stderr(option: str) -> None:
    out, err = run(*BUILD, option)
    assert out.startswith("vocabulary")
    lines = err.splitlines()
    assert len(lines) >= 5
    assert all(re.fullmatch(r" *\d+\.\d{3} s  \S.*", line) for line in lines)
    for stage in ("vocabulary", "vectors", "out-of-vocabulary", "publishing"):
        assert stage in err


KERAS = {
    "class_name": "Tokenizer",
    "config": {"num_words": 2, "word_index": json.dumps({"the": 1, "cat": 2, "dog": 3})},
}


@pytest.mark.parametrize(
    ("vectors", "vocab", "arguments", "note"),
    [
        (VECTORS.rstrip(), VOCAB, (), "v.txt does not end with a line break"),
        (VECTORS, KERAS, (), "num_words = 2; --num-words auto"),
        (VECTORS, VOCAB, ("--num-words", "auto"), "has no num_words"),
    ],
)
def test_notes_go_to_stderr(
    vectors: bytes, vocab: object, arguments: tuple[str, ...], note: str
) -> None:
    Path("v.txt").write_bytes(vectors)
    Path("vocab.json").write_text(json.dumps(vocab))
    out, err = run(*BUILD, *arguments, "--json")
    assert json.loads(out)
    assert err.startswith("embedprep: note: ")
    assert err.count("\n") == 1
    assert note in err


def test_hostile_tokens_never_reach_the_terminal_raw() -> None:
    out, err = run(*BUILD)
    assert "\x1b" not in out + err
    assert r"red\x1b[31m" in out
    assert r"new\nline" in out
    assert "\x1b" not in Path("embeddings.coverage.json").read_text()


# ---- options that decide about success


@pytest.mark.parametrize(("ratio", "code"), [("0.4", 0), ("0.41", 4), ("1", 4), ("0", 0)])
def test_fail_under_fails_with_the_matrix_written(ratio: str, code: int) -> None:
    out, err = run(*BUILD, "--fail-under", ratio, code=code)
    assert "vocabulary" in out
    assert np.load("embeddings.npy").shape == (6, 2)
    if code:
        assert "40.0 % of the vocabulary" in err
        assert "embedprep inspect embeddings.npy --missing" in err
    else:
        assert err == ""


def test_fail_under_by_a_little_shows_enough_digits() -> None:
    _, err = run(*BUILD, "--fail-under", "0.4001", code=4)
    assert (
        "embeddings.npy: 40 % of the vocabulary has a vector, --fail-under asks for 40.01 %" in err
    )


def test_fail_under_of_the_text() -> None:
    Path("counts.json").write_text(json.dumps({"the": 3, "cat": 1}))
    _, err = run(*BUILD, "--fail-under", "text=0.99", code=4)
    assert "--counts FILE" in err
    assert err.startswith("embedprep: embeddings.npy: ")
    _, err = run(*BUILD, "--counts", "counts.json", "--fail-under", "text=0.2", code=0)
    assert "--fail-under" not in err


def test_no_clobber() -> None:
    run(*BUILD, "--no-clobber", "-o", "m.h5")
    before = Path("m.h5").read_bytes(), Path("m.coverage.json").read_bytes()
    _, err = run(*BUILD, "--no-clobber", "-o", "m.h5", code=5)
    assert "m.h5" in err
    assert (Path("m.h5").read_bytes(), Path("m.coverage.json").read_bytes()) == before
    run(*BUILD, "-o", "m.h5")
    assert Path("m.coverage.json").read_bytes() != before[1]


def test_no_sync_gives_the_same_matrix() -> None:
    run(*BUILD)
    run(*BUILD, "--no-sync", "-o", "fast.npy")
    assert np.array_equal(np.load("fast.npy"), np.load("embeddings.npy"))


def test_debug_shows_the_traceback_of_an_error() -> None:
    _, err = run_alone("build", "--vectors", "none.txt", "--vocab", "vocab.json", "--debug", code=1)
    assert "Traceback" in err
    assert "none.txt" in err


# ---- where the vectors come from


def test_standard_input() -> None:
    run(*BUILD)
    out, err = run_alone(
        "build", "--vectors", "-", "--vocab", "vocab.json", "-o", "s.npy", stdin=VECTORS
    )
    assert "vectors     standard input  (text, 3 records of 2)" in out
    assert err == ""
    assert np.array_equal(np.load("s.npy"), np.load("embeddings.npy"))


def test_an_error_on_standard_input_names_it() -> None:
    arguments = ("build", "--vectors", "-", "--vocab", "vocab.json")
    _, err = run_alone(*arguments, stdin=b"the 1 2\ncat 3 x\n", code=3)
    assert err.startswith(("embedprep: -, line 2", "embedprep: standard input, line 2"))
    _, err = run_alone(*arguments, stdin=b"", code=3)
    assert "empty" in err


def test_a_fifo() -> None:
    os.mkfifo("pipe")
    process = start("0", "build", "--vectors", "pipe", "--vocab", "vocab.json")
    Path("pipe").write_bytes(VECTORS)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, notes(err)) == (0, b"")
    assert np.load("embeddings.npy")[2].tolist() == [3, 4]


# ---- terminals, pipes and disks that fail


def test_no_color_and_no_terminal_mean_no_escape_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal, inner = open_terminal()
    done = subprocess.run([EMBEDPREP, *BUILD], stdout=inner, stderr=inner, timeout=60)
    os.close(inner)
    shown = os.read(terminal, 1 << 16)
    os.close(terminal)
    assert done.returncode == 0
    assert b"coverage" in shown
    assert b"\x1b" not in shown


def test_progress_is_for_a_person_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress()(1000) as advance:
        advance(1000)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "arguments", [BUILD, (*BUILD, "--json"), ("--help",), ("build", "-h"), ("--version",)]
)
def test_a_reader_that_went_away_is_no_error(arguments: tuple[str, ...]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [EMBEDPREP, *arguments], stdout=write_end, stderr=subprocess.PIPE, timeout=60
    )
    os.close(write_end)
    assert (notes(done.stderr), done.returncode) == (b"", 0)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    "arguments", [BUILD, (*BUILD, "--json"), ("--help",), ("build", "-h"), ("--version",)]
)
def test_a_full_disk_behind_stdout(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [EMBEDPREP, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    err = done.stderr.decode()
    assert done.returncode == 5, err
    assert "no space left on device" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("redirection", "code"),
    [
        (">&-", 0),
        ("2>&-", 0),
        ("<&-", 0),
        ("--vectors none.txt 2>&-", 3),
        ("--vectors none.txt 2>/dev/full", 3),
        ("--vectors none.txt >&-", 3),
        ("--vectors - <&-", 3),
    ],
)
def test_a_closed_or_full_stream_changes_no_exit_code(redirection: str, code: int) -> None:
    if "/dev/full" in redirection and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full on this system")
    command = f"{EMBEDPREP} {' '.join(BUILD)} {redirection}"
    # As users have it: what cannot be written is then still there when Python ends.
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    shell = ["/bin/sh", "-c", command]
    done = subprocess.run(shell, capture_output=True, timeout=60, env=buffered)
    assert b"Traceback" not in done.stderr
    assert b"a bug" not in done.stderr
    assert done.returncode == code


# ---- signals

SLOW = b"".join(b"word%d 1 2\n" % i for i in range(20_000))
"""More than is read before the output is opened, less than one block."""


@contextmanager
def slow_build(output: str, before: str = "0") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A build in the middle of its vectors, and the end of the FIFO that it waits for."""
    os.mkfifo("pipe")
    arguments = ("build", "--vectors", "pipe", "--vocab", "vocab.json", "-o", output)
    with start(before, *arguments) as process, open("pipe", "wb", buffering=0) as writer:
        try:
            rest = SLOW
            while rest:
                rest = rest[os.write(writer.fileno(), rest) :]
            deadline = time.monotonic() + 30
            while not any(name.startswith(".embedprep-") for name in os.listdir()):
                assert process.poll() is None
                assert time.monotonic() < deadline, "the build never opened its output"
                time.sleep(0.005)
            yield process, writer.fileno()
        finally:
            process.kill()


def stop(process: subprocess.Popen[bytes], number: int) -> tuple[bytes, bytes]:
    """Send the signal, once; all that the process printed."""
    time.sleep(0.05)
    process.send_signal(number)
    return process.communicate(timeout=120)


@pytest.mark.parametrize(
    ("name", "code", "output"),
    [
        ("SIGINT", 130, "m.npy"),
        ("SIGTERM", 143, "m.npy"),
        ("SIGHUP", 129, "m.npy"),
        ("SIGTERM", 143, "m.h5"),
    ],
)
def test_a_signal_leaves_what_was_there(name: str, code: int, output: str) -> None:
    Path(output).write_bytes(OLD)
    Path("m.coverage.json").write_bytes(OLD)
    number = int(getattr(signal, name))
    # Whoever runs the tests with nohup hands its ignored signal down to us.
    with slow_build(output, f"signal.signal({number}, signal.SIG_DFL)") as (process, _):
        said = b"embedprep: stopped, nothing was written\n" if name == "SIGINT" else b""
        assert stop(process, number) == (b"", said)
    assert process.returncode == code
    assert Path(output).read_bytes() == Path("m.coverage.json").read_bytes() == OLD
    assert sorted(os.listdir()) == ["m.coverage.json", output, "pipe", "v.txt", "vocab.json"]


def test_an_ignored_signal_stays_ignored() -> None:
    with slow_build("m.npy", "signal.signal(signal.SIGHUP, signal.SIG_IGN)") as (process, writer):
        process.send_signal(signal.SIGHUP)
        os.write(writer, VECTORS)
        # The last writer: the build sees the end of its vectors.
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert np.load("m.npy")[1].tolist() == [1, 2]


def test_stopped_before_anybody_has_noted_what_to_remove() -> None:
    """The worst moment: the temporary files are there, and not yet in the hands of the build."""
    stop_here = "import os; Files.__enter__ = lambda self: os.kill(os.getpid(), signal.SIGTERM)"
    before = sorted(os.listdir())
    with start(f"from embedprep.building.destination import Files; {stop_here}", *BUILD) as process:
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 143
    assert sorted(os.listdir()) == before


def test_stopped_while_the_command_is_imported() -> None:
    stop = "os.kill(os.getpid(), signal.SIGTERM) if name == 'embedprep.cli.build' else None"
    finder = f"type('Finder', (), {{'find_spec': staticmethod(lambda name, *_: {stop})}})"
    with start(f"import os, sys; sys.meta_path.insert(0, {finder})", *BUILD) as process:
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 143


def test_a_stop_is_one_whatever_a_library_makes_of_it() -> None:
    """Compiled modules turn what is raised while they are imported into errors of their own."""
    with start_doing(
        "try: os.kill(os.getpid(), signal.SIGTERM)",
        "except BaseException: raise ImportError('numpy failed to import')",
    ) as process:
        assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 143


def test_stopped_where_the_interpreter_can_raise_nothing() -> None:
    """In a callback of a weak reference, it would say so, and go on."""
    with start_doing(
        "gone = type('Gone', (), {})()",
        "ref = weakref.ref(gone, lambda ref: os.kill(os.getpid(), signal.SIGTERM))",
        "del gone",
        "time.sleep(150)",
    ) as process:
        assert process.communicate(timeout=120) == (b"", b"")
    assert process.returncode == 143


def test_what_else_cannot_be_raised_is_told() -> None:
    with start_doing(
        "gone = type('Gone', (), {})()", "ref = weakref.ref(gone, lambda ref: 1 / 0)", "del gone"
    ) as process:
        assert b"ZeroDivisionError" in process.communicate(timeout=60)[1]


def test_a_second_signal_ends_what_does_not_end() -> None:
    before = "import time; from embedprep.building.destination import Files"
    hang = "Files.__exit__ = lambda self, *details: time.sleep(150)"
    with slow_build("m.npy", f"{before}; {hang}") as (process, _):
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGHUP)
        assert process.communicate(timeout=120) == (b"", b"")
    assert process.returncode == 129
    assert not any(name.startswith(".embedprep-") for name in os.listdir())


def test_stopped_when_all_is_done() -> None:
    """Too late: a traceback and the code of a bug would be a lie."""
    leave = "lambda code: (os.kill(os.getpid(), signal.SIGTERM), sys.exit(code))"
    patch = f"import os, sys; from embedprep.cli import door; door._leave = {leave}"
    with start(patch, *BUILD) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, notes(err)) == (0, b"")


def test_what_was_written_before_a_stop_is_not_denied() -> None:
    stop = "os.kill(os.getpid(), signal.SIGINT)"
    before = (
        f"import os; from embedprep.building import pipeline; pipeline.last_note = lambda _: {stop}"
    )
    with start(before, *BUILD) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.endswith(b", embeddings.coverage.json\nembedprep: stopped\n")


# ---- help and version


def help_of(name: str) -> str:
    [option] = [param for param in build.params if param.name == name]
    assert isinstance(option, click.Option)
    return option.help or ""


_FOLDER = "/ for the folder of a static model with the vocabulary's tokenizer.json"


@pytest.mark.parametrize(
    ("option", "names"),
    [
        ("oov", oov.STRATEGIES),
        ("output", (*containers.SUFFIXES, _FOLDER)),
        ("dtype", options.DTYPES),
        ("on_malformed", ("error", "skip")),
        ("on_duplicate", ("first", "last", "error")),
    ],
)
def test_help_names_what_the_registry_has(option: str, names: Sequence[str]) -> None:
    listed = help_of(option).split("  [default")[0].split(": ")[-1]
    assert re.split(r",? or |, ", listed.rstrip(".")) == list(names)


@pytest.mark.parametrize(
    ("option", "names"),
    [("--vocab-format", vocabulary.FORMATS), ("--vectors-format", vectors.FORMATS)],
)
def test_a_wrong_format_lists_all(option: str, names: Sequence[str], small_files: Path) -> None:
    _, err = run(*BUILD, option, "x", code=2)
    listed = re.split(r"one of: |Choose from: ", err)[1]
    assert re.findall(r"[a-z0-9]+(?:-[a-z]+)*", listed) == list(names)


def test_help_says_what_the_command_does_and_explains_every_option() -> None:
    short, _ = run("build", "-h")
    long, _ = run("build", "--help")
    assert short == long
    assert (
        long.index("Make the matrix") < long.index("Examples:") < long.index("Most used options:")
    )
    for param in build.params:
        assert max(param.opts, key=len) in long
        assert isinstance(param, click.Option)
        assert param.help


def test_every_command_is_summed_up_in_a_sentence() -> None:
    """The list of commands is for choosing one: an example cut in the middle does not help."""
    out, _ = run("--help")
    for name in cli.list_commands(click.Context(cli)):
        [line] = re.findall(rf"^  {name} .*$", out, re.MULTILINE)
        assert "Example" not in line


HEAVY = ("numpy", "h5py", "gensim", "tqdm", "scipy")


def asked_at_the_end(question: str) -> str:
    """The command line as a program that prints, before it ends, what this expression is."""
    return (
        "import os, sys\n"
        "from embedprep.cli import main\n"
        "os._exit = sys.exit\n"
        "try: main()\n"
        f"finally: print({question}, file=sys.stderr)"
    )


@pytest.mark.parametrize("arguments", [("--help",), ("build", "--help"), ("inspect", "-h")])
def test_help_waits_for_nothing_heavy(arguments: tuple[str, ...]) -> None:
    program = asked_at_the_end(f"[name for name in {HEAVY} if name in sys.modules]")
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"[]\n")


def test_a_build_imports_only_the_container_it_needs() -> None:
    program = asked_at_the_end("'h5py' in sys.modules, 'gensim' in sys.modules")
    for output, imported in (("m.npy", b"False False\n"), ("m.h5", b"True False\n")):
        done = subprocess.run(
            [sys.executable, "-c", program, *BUILD, "-o", output], capture_output=True, timeout=60
        )
        assert notes(done.stderr) == imported


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no timer that sends a signal")
def test_a_stop_that_a_compiled_module_prints_is_not_shown_and_not_lost() -> None:
    code = (
        "import sys, time\n"
        "from embedprep.cli import stopping\n"
        "stopping.begin()\n"
        "try:\n"
        "    sys.excepthook(stopping.Stopped, stopping.Stopped(), None)\n"
        "    time.sleep(20)\n"
        "except stopping.Stopped: print('stopped')\n"
        "stopping.end()\n"
        "1 / 0"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "stopped\n"
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert "Stopped" not in done.stderr


@pytest.mark.parametrize("implementation", ["native", "reference"], indirect=True)
def test_version_says_which_core_runs(implementation: str) -> None:
    out, err = run("--version")
    assert out.startswith(f"embedprep {embedprep.__version__} ({implementation} core, Python ")
    assert err == ""  # it is there, even if the user asks for the other one
