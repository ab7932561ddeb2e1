"""Commands of messages, run as a user runs them who pastes them into a shell."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def paste(command: str, folder: Path) -> None:
    """Run `command` in `folder`, with the Python of the tests as `python3`.

    Skips the test if this machine lacks a program of the command.
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
    if "not found" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, f"{command}\n{done.stderr}"
