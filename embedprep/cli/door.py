"""The one door: where errors, signals and closed pipes become exit codes.

0 ok · 1 bug · 2 usage · 3 bad input · 4 coverage below --fail-under · 5 I/O or space ·
128 + signal. A reader that went away (`| head`) is no error.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from embedprep.cli.commands import cli
from embedprep.errors import EmbedprepError, OutputError

BUG, USAGE = 1, 2


class _Stopped(BaseException):
    """A signal arrived: unwinds the stack, so that temporary files are removed."""

    def __init__(self, number: int) -> None:
        self.number = number


def main() -> NoReturn:
    """Run the command line of this process."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            number = getattr(signal, name)
            # A shell that starts us in the background, or nohup, says what to ignore.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _stop)
    try:
        code = _exit_code()
    except _Stopped as stopped:
        code = 128 + stopped.number
    _leave(code)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)  # let the cleaning up finish
    raise _Stopped(number)


def _exit_code() -> int:
    debug = "--debug" in sys.argv
    try:
        result = cli(standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as help_wanted:
        click.echo(help_wanted.format_message(), err=True)
        return USAGE
    except click.ClickException as error:
        error.show()
        return USAGE
    except BrokenPipeError:
        return 0
    except EmbedprepError as error:
        if debug:
            raise
        return _complain(error)
    except MemoryError:
        if debug:
            raise
        return _complain(_NO_MEMORY)
    except OSError as error:
        if debug:
            raise
        reason = f"writing the output failed: {(error.strerror or str(error)).lower()}"
        return _complain(OutputError(reason, "Check where standard output goes."))
    except Exception as error:
        if debug:
            raise
        click.echo(
            f"embedprep: a bug: {type(error).__name__}: {error}\n"
            "  Please report it with the command; --debug shows where it happened.",
            err=True,
        )
        return BUG


_NO_MEMORY = OutputError(
    "there is not enough memory for the matrix",
    "Use --dtype float16, a smaller --num-words, or a machine with more memory.",
)


def _complain(error: EmbedprepError) -> int:
    click.echo(f"embedprep: {error}", err=True)
    return error.exit_code


def _leave(code: int) -> NoReturn:
    """Exit without a second complaint about a standard output that is closed or full."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
