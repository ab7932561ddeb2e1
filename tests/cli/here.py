"""The command line run in this process: for what a process of its own, which takes Python half a
second to start, would not change. Signals, pipes and closed streams do want one.
"""

from __future__ import annotations

import io
import sys
from typing import NamedTuple

import pytest

from embedprep.cli.door import _exit_code, _show_everything


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: bytes
    err: bytes


def run_here(*arguments: str, encoding: str = "utf-8") -> Ended:
    """Run `embedprep` with these arguments; its streams have this encoding, as on a console."""
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    err = io.TextIOWrapper(io.BytesIO(), encoding, errors="backslashreplace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["embedprep", *arguments])
        patch.setattr(sys.modules["__main__"], "__package__", None)  # click would show its name
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        _show_everything()
        code = _exit_code()
    return Ended(code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue()


def open_terminal() -> tuple[int, int]:
    """A new terminal: the end of who sits at it, and the end of a program."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
    try:
        ends: tuple[int, int] = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal to be had: {error}")
    return ends
