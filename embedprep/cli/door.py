"""The one place where errors, signals and closed pipes become exit codes.

0 ok · 1 bug · 2 usage · 3 bad input · 4 coverage below --fail-under · 5 I/O or space · 128 +
signal. A reader that went away (`| head`) is no error.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from typing import NoReturn, TextIO

from embedprep.cli import stopping
from embedprep.cli.stopping import Stopped
from embedprep.errors import EmbedprepError, OutputError, printable, system_reason

BUG, USAGE = 1, 2

_COMPLETION = "_EMBEDPREP_COMPLETE"
"""The variable that the shell sets when it asks for completions."""


def main() -> NoReturn:
    """Run the command line of this process."""
    _occupy_standard_streams()
    _show_everything()
    # NumPy's library for matrix products, which are not needed here, starts a thread per core that
    # waits for work in a busy loop. This takes a tenth of the processor time of a build.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A vocabulary consists of a million small objects without cycles. The collector would only walk
    # them repeatedly, for a third of the time that reading it takes, and for a tenth of the start.
    gc.disable()
    try:
        stopping.begin()
        code = _exit_code()
        stopping.end()  # everything is done, and the result is known
    except Stopped:
        stopping.end()
        with contextlib.suppress(OSError):
            _flush(sys.stdout)
        stopping.tell()
        stopping.leave()
    _leave(code)


def _exit_code() -> int:
    # Imported here, because a signal may arrive during the import.
    import click

    from embedprep.cli.commands import cli
    from embedprep.cli.complaints import of_click
    from embedprep.cli.terminal import accept_any_text, show_written

    accept_any_text()
    try:
        try:
            cli(standalone_mode=False)
        finally:
            show_written()
        _flush(sys.stdout)
        return 0
    except SystemExit as done:
        # click exits by itself in two cases: after shell completion, and with 1 when the reader
        # went away.
        return int(done.code or 0) if _COMPLETION in os.environ else 0
    except click.exceptions.NoArgsIsHelpError as error:
        with contextlib.suppress(OSError):
            error.show()
        return USAGE
    except click.ClickException as error:
        return _exit_code_of(of_click(error))
    except BrokenPipeError:
        return 0
    except Exception as error:
        if stopping.asked():  # a compiled module that is interrupted may raise an error of its own
            raise Stopped from error
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
        return _complain(str(error), error.exit_code)
    return _complain(
        f"a bug: {type(error).__name__}: {printable(str(error))}\n"
        "  Please report it with the command; --debug shows where it happened.",
        BUG,
    )


_NO_MEMORY = OutputError(
    "there is not enough memory for the matrix",
    "Use --dtype float16, a smaller --num-words, or a machine with more memory.",
)


def _complain(text: str, code: int) -> int:
    import click

    from embedprep.cli.terminal import show

    # standard error may be closed or full; the exit code still tells
    with contextlib.suppress(OSError):
        show(f"{click.style('embedprep:', fg='red')} {text}", err=True)
    return code


def _flush(stream: TextIO | None) -> None:
    if stream is not None:
        stream.flush()


def _leave(code: int) -> NoReturn:
    """Exit without the interpreter's final steps.

    They would free, one by one, memory that the system reclaims at once, and report a second time
    that a standard stream is closed or full.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            _flush(stream)
    os._exit(code)


def _show_everything() -> None:
    """Write what a terminal or a file of another encoding cannot hold as an escape.

    Otherwise the report of a finished build would end it with an error. Standard error does so from
    the start.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _occupy_standard_streams() -> None:
    """Open closed standard streams, or the next file opened would become standard output."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is `fd`
