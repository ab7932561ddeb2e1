"""The terminal as every command uses it: text, colour, the log, and progress.

All output goes through `show` and `write`, so a console of any encoding can have it.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from embedprep.errors import printable_lines
from embedprep.options.progress import STAGE, WROTE, Progress, bar, no_bar

_ESCAPING = "embedprep.escaping"
_PLAIN = {"…": "...", "→": "->"}
"""Signs of our own texts, and their stand-ins for an encoding that lacks them."""
_HEADING = re.compile(r"^(?=\S)(.{1,24}?)(?=  |$)", re.MULTILINE)
"""The beginning of a line that is not indented, up to two spaces."""


def accept_any_text() -> None:
    """Let both streams escape the characters that their encoding lacks."""
    codecs.register_error(_ESCAPING, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ESCAPING)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Escape characters as JSON does: a report stays JSON in every encoding."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    units = (text[i : i + 2].hex() for i in range(0, len(text), 2))
    return "".join(f"\\u{unit}" for unit in units), error.end


def write(text: str) -> None:
    """Write data, such as JSON, to standard output as it is."""
    _status.clear()
    if sys.stdout is not None:
        click.echo(text, file=sys.stdout, nl=False, color=False)


def show(text: str, *, err: bool = False) -> None:
    """Write prose to standard output, or to standard error, in colour if it is a terminal."""
    _status.clear()
    stream = sys.stderr if err else sys.stdout
    if stream is None:
        return
    for sign, plain in _PLAIN.items():
        if not _can_encode(sign, stream):
            text = text.replace(sign, plain)
    click.echo(text, file=stream, color=in_colour(stream))


def show_table(text: str) -> None:
    """Show a report, with its headings in bold."""
    show(_HEADING.sub(lambda found: click.style(found[0], bold=True), text))


def in_colour(stream: TextIO | None) -> bool:
    """Whether `stream` is a terminal whose user has not declined colour (https://no-color.org)."""
    declined = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream is not None and not declined and stream.isatty()


def _can_encode(text: str, stream: TextIO) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def show_log(*, quiet: bool, verbose: bool = False, written: bool = True) -> None:
    """Send embedprep's log to standard error: notes, what was `written`, if `verbose` timings.

    On a terminal, the stage that is running is shown as well, unless `quiet`.
    """
    logging.raiseExceptions = False  # a note that cannot be written is no reason for a traceback
    least = logging.INFO if verbose else WROTE if written else logging.WARNING
    messages = _Messages(logging.ERROR if quiet else least)
    _written.clear()  # of a command before this one in the same process
    log = logging.getLogger("embedprep")
    log.handlers = [messages]
    log.setLevel(messages.level)
    if not quiet and _is_terminal():
        log.addHandler(_status)
        log.setLevel(STAGE)


_written: list[str] = []


def show_written() -> None:
    """Say which files were written, after the report."""
    for text in _written:
        with contextlib.suppress(OSError):
            show(text, err=True)
    _written.clear()


class _Messages(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        text = printable_lines(record.getMessage().split("\n"))
        if record.levelno >= logging.WARNING:
            text = f"embedprep: {click.style('note:', fg='yellow')} {text}"
        if record.levelno == WROTE or (_written and record.levelno >= logging.WARNING):
            _written.append(text)  # a note about what was written is the last line of all
            return
        with contextlib.suppress(OSError):
            show(text, err=True)


class _Status(logging.Handler):
    """The stage that is running, on a line that disappears with the next output.

    It appears only if the stage takes a moment: those of a small build do not.
    """

    DELAY = 0.3
    """Seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._waiting: threading.Timer | None = None
        self._shown = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == STAGE:
            self.clear()
            self._waiting = threading.Timer(self.DELAY, self._show, [record.getMessage()])
            self._waiting.daemon = True
            self._waiting.start()

    def clear(self) -> None:
        """Remove the line, and show no other until the next stage begins."""
        with self._guard:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None
            if self._shown:
                self._draw(f"\r{' ' * len(self._shown)}\r")
                self._shown = ""

    def _show(self, stage: str) -> None:
        with self._guard:
            if self._waiting is threading.current_thread():
                self._shown = f"{stage} ..."
                self._draw(self._shown)

    def _draw(self, text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()


_status = _Status()


def _is_terminal() -> bool:
    """Whether standard error can show progress, which overwrites its line."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[int], object]]:
    """Show bytes read, rate and time left, if standard error is a terminal."""
    from tqdm import tqdm

    _status.clear()
    with bar(tqdm, total) as advance:
        yield advance


def progress(*, quiet: bool = False) -> Progress:
    """Return the progress bar of a command: none if `quiet`, or without a terminal."""
    return progress_bar if _is_terminal() and not quiet else no_bar
