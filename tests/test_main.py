"""How the command starts: what a signal does before the command line is there to handle it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

import embedprep


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="the signals are those of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("module", ["embedprep.cli", "embedprep.errors", "embedprep.cli.commands"])
def test_a_signal_while_the_command_line_is_imported(name: str, module: str) -> None:
    """Python compiles the modules the first time, so that there is time to press Ctrl-C."""
    stop = f"os.kill(os.getpid(), signal.{name}) if name == {module!r} else None"
    finder = f"type('Finder', (), {{'find_spec': staticmethod(lambda name, *_: {stop})}})"
    program = (
        f"import os, signal, sys; sys.meta_path.insert(0, {finder}); "
        "from embedprep.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program, "--version"], capture_output=True)
    number = getattr(signal, name)
    # A shell shows the same for both.
    assert done.returncode in (-number, 128 + number)
    assert done.stdout == b""
    assert done.stderr in (b"", b"embedprep: stopped, nothing was written\n")


def test_the_package_runs_as_a_module() -> None:
    program = [sys.executable, "-m", "embedprep", "--version"]
    out = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    assert out.startswith(f"embedprep {embedprep.__version__} (")
