"""Every command on a console that lacks most characters: text is escaped, and nothing is a bug."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.here import run_here

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))
VECTORS = "the 1 2\nnaïve 3 4\nnaive 3 4\n☃ 5 6\n"
WORDS = ["the", "naïve", "☃", "…", "\U0001f600", *(f"ü{i}" for i in range(20))]
BUILD = ("build", "--vectors", "v.txt", "--vocab", "vöcab.json")
COMMANDS = [
    (*BUILD, "-o", "größe.npy", "--fallback", "all"),
    (*BUILD, "--json"),
    (*BUILD, "-v"),
    (*BUILD, "--oov", "nüll"),
    ("inspect", "m.npy"),
    ("inspect", "m.npy", "--json"),
    ("inspect", "m.npy", "--missing", "9"),
    ("explain", "m.npy", "naïve", "☃", "the"),
    ("explain", "m.npy", "--analogy", "naïve", "-", "the", "+", "☃"),
    ("diff", "m.npy", "other.npy"),
    ("diff", "m.npy", "other.npy", "--json"),
    ("verify", "m.npy"),
    ("doctor", "v.txt"),
    ("doctor", "v.txt", "--json"),
    ("convert", "v.txt", "é.vec"),
    ("index", "v.txt"),
    ("update", "m.npy", "--vocab", "vöcab.json", "-o", "ü.npy"),
    ("--help",),
    ("--version",),
    *((name, "--help") for name in ("inspect", "update", "verify")),
    *((name, "--help") for name in ("build", "convert", "diff", "doctor", "explain", "index")),
    ("bü",),
    ("inspect", "nö.npy"),
]

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)


def run(
    folder: Path, arguments: tuple[str, ...], encoding: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [EMBEDPREP, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "v.txt").write_text(VECTORS, encoding="utf-8")
    (folder / "vöcab.json").write_text(json.dumps(WORDS))
    for output, *more in (("m.npy",), ("other.npy", "--fallback", "all", "--oov", "zeros")):
        done = run(folder, (*BUILD, "-q", "-o", output, *more), "utf-8")
        assert done.returncode == 0, done.stderr
    return folder


run_in_utf_8 = functools.cache(run_here)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_command_on_a_console_of_few_characters(
    arguments: tuple[str, ...], encoding: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    expected = run_in_utf_8(*arguments)
    code, out, err = run_here(*arguments, encoding=encoding)
    assert code == expected[0]
    assert b"a bug" not in out + err
    assert b"Traceback" not in err
    out.decode(encoding)
    err.decode(encoding)
    if "--json" in arguments:
        told, shown = json.loads(expected[1]), json.loads(out.decode(encoding))
        for report in (told, shown):
            report.pop("run", None)
        assert shown == told


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_our_own_signs_are_spelt_out_and_characters_of_tokens_escaped(
    encoding: str, files: Path
) -> None:
    shown = run(files, ("inspect", "m.npy"), encoding).stdout.decode(encoding)
    assert "... and " in shown
    assert "\\ud83d\\ude00" in shown  # as JSON writes what two code units hold


@pytest.mark.skipif(os.name == "nt", reason="names of files are bytes on POSIX")
def test_a_name_that_is_no_text(files: Path) -> None:
    command = (*map(os.fsencode, (EMBEDPREP, "inspect")), b"\xff.npy")
    done = subprocess.run(command, cwd=files, capture_output=True, check=False)
    assert done.returncode == 3
    assert b"no such file" in done.stderr
