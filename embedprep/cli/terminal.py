"""The terminal as every command uses it: the log on standard error, and the progress bar."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from embedprep.errors import printable_lines


def show_log(*, quiet: bool, verbose: bool) -> None:
    """Send embedprep's log to standard error: warnings, with `verbose` also timings."""
    handler = logging.StreamHandler(sys.stderr) if sys.stderr else logging.NullHandler()
    logging.raiseExceptions = False  # a note that cannot be written is no reason for a traceback
    handler.setFormatter(_Line())
    log = logging.getLogger("embedprep")
    log.handlers = [handler]
    log.setLevel(logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING)


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = printable_lines(record.getMessage().split("\n"))
        return f"embedprep: note: {text}" if record.levelno >= logging.WARNING else text


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[int], object]]:
    """Show bytes read, rate and time left, if standard error is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda count: None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="B", unit_scale=True, leave=False, delay=0.3) as bar:
        yield bar.update
