"""A report is shown whatever the encoding of the terminal or the pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)

COMMANDS = {
    "build": ["build", "--vectors", "v.txt", "--vocab", "vocab.json", "-o", "n.npy"],
    "inspect": ["inspect", "m.npy"],
    "explain": ["explain", "m.npy", "the"],
    "update": ["update", "m.npy", "--vocab", "vocab.json", "-o", "n.npy"],
}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_it_cannot_hold_is_an_escape(command: str, encoding: str, workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\n")
    Path("vocab.json").write_text(json.dumps(["", "the", "中"]))

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "embedprep", *arguments],
            env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
            capture_output=True,
            check=False,
        )

    run("build", "--vectors", "v.txt", "--vocab", "vocab.json", "-o", "m.npy")
    done = run(*COMMANDS[command])
    assert done.returncode == 0, done.stderr
    assert b"a bug" not in done.stderr
    if command == "build" and encoding != "ascii":  # which click takes for a mistake
        assert rb"\u4e2d" in done.stdout
