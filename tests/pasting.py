"""Commands of messages, run as a user runs them who pastes them into a shell."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = {"7z", "bzip2", "gzip", "iconv", "lz4", "tar", "unzip", "xz", "zstd"}
"""Programs of messages that a small machine may lack."""


def commands(message: str) -> list[str]:
    """Return the commands of a message, each of which stands on a line of its own."""
    return re.findall(r"^    (\S.*)$", message, re.MULTILINE)


def only_command(message: str) -> str:
    [command] = commands(message)
    return command


def paste(command: str, folder: Path) -> None:
    """Run `command` in `folder`, with the Python of the tests as `python3`.

    Skips the test if this machine lacks one of the `PROGRAMS`.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": path},
        stderr=subprocess.PIPE,
        text=True,
    )
    # Of a pipeline only the last program's exit code is known.
    for program in re.findall(r"(\S+): (?:command )?not found", done.stderr):
        assert program in PROGRAMS, f"{command}\n{done.stderr}"
        pytest.skip(f"{program} is not installed")
    assert done.returncode == 0, f"{command}\n{done.stderr}"
