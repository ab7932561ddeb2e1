"""The one door: where errors, signals and closed pipes become exit codes.

0 ok · 1 bug · 2 usage · 3 bad input · 4 coverage below --fail-under · 5 I/O or space ·
128 + signal. A reader that went away (`| head`) is no error.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from embedprep.errors import EmbedprepError, OutputError, system_reason

BUG, USAGE = 1, 2

_COMPLETION = "_EMBEDPREP_COMPLETE"
"""Set by the shell when it asks for completions."""


_signal = 0
"""The one that asked this process to stop, or 0."""


class _Stopped(BaseException):
    """A signal arrived: unwinds the stack, so that temporary files are removed."""


def main() -> NoReturn:
    """Run the command line of this process."""
    _occupy_standard_streams()
    # NumPy's library for matrix products, which play no part here, starts a thread a core that
    # waits for work in a busy loop: a tenth of the processor time of a build.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.unraisablehook = _stop_later
    try:
        _on_signals(_stop)
        code = _exit_code()
        _ignore_signals()  # all is done, and how it went is known
    except _Stopped:
        code = 128 + _signal
        _ignore_signals()  # what follows cannot hang
        _discard_pending()
    _leave(code)


def _on_signals(action: Callable[[int, FrameType | None], NoReturn] | signal.Handlers) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            number = getattr(signal, name)
            # A shell that starts us in the background, or nohup, says what to ignore.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, action)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    global _signal
    _signal = number
    _on_signals(_end)
    raise _Stopped


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """A second signal: the first has not ended it yet, and perhaps cannot.

    What it raised may have come where a library had taken a lock, which nobody gives back now.
    """
    _discard_pending()
    os._exit(128 + number)


def _stop_later(unraisable: sys.UnraisableHookArgs) -> None:
    """What cannot be raised where it is, in a callback of the interpreter, is told and forgotten;
    a stop is raised again, a little later.
    """
    if unraisable.exc_type is not _Stopped:
        sys.__unraisablehook__(unraisable)
    elif hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _stop_again)
        signal.setitimer(signal.ITIMER_REAL, _A_LITTLE)


def _stop_again(number: int, frame: FrameType | None) -> NoReturn:
    raise _Stopped


_A_LITTLE = 0.002
"""Seconds."""


def _ignore_signals() -> None:
    _on_signals(signal.SIG_IGN)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


def _discard_pending() -> None:
    atomic = sys.modules.get("embedprep.outputs.atomic")
    if atomic is not None:
        atomic.discard_pending()


def _exit_code() -> int:
    # Here, because a signal may come while they are imported.
    import click

    from embedprep.cli.commands import cli

    try:
        cli(standalone_mode=False)
        _flush()
        return 0
    except SystemExit as done:
        # click exits by itself for two reasons: after shell completion, and with 1 when the
        # reader went away.
        return int(done.code or 0) if _COMPLETION in os.environ else 0
    except click.exceptions.NoArgsIsHelpError as help_wanted:
        return _complain(help_wanted.format_message(), USAGE)
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        return USAGE
    except BrokenPipeError:
        return 0
    except Exception as error:
        if _signal:  # a compiled module that it interrupts may raise an error of its own instead
            raise _Stopped from error
        if "--debug" in sys.argv:
            raise
        return _exit_code_of(error)


def _exit_code_of(error: Exception) -> int:
    if isinstance(error, MemoryError):
        error = _NO_MEMORY
    elif isinstance(error, OSError):
        reason = system_reason(error)
        error = OutputError(f"writing the output failed: {reason}", "Check where it goes.")
    if isinstance(error, EmbedprepError):
        return _complain(f"embedprep: {error}", error.exit_code)
    return _complain(
        f"embedprep: a bug: {type(error).__name__}: {error}\n"
        "  Please report it with the command; --debug shows where it happened.",
        BUG,
    )


_NO_MEMORY = OutputError(
    "there is not enough memory for the matrix",
    "Use --dtype float16, a smaller --num-words, or a machine with more memory.",
)


def _complain(text: str, code: int) -> int:
    import click

    with contextlib.suppress(OSError):  # standard error may be closed or full: the code tells
        click.echo(text, err=True)
    return code


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _leave(code: int) -> NoReturn:
    """Exit without a second complaint about a standard output that is closed or full."""
    try:
        _flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _occupy_standard_streams() -> None:
    """Where one is closed, the next file that is opened would become standard output."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is `fd`
