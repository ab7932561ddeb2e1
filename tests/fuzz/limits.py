"""What one input may cost. They stand far above what any of the seeds takes."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SECONDS = 10
MEGABYTES = 2048


class Hang(BaseException):
    """No `Exception`, so that no reader takes it for an error of its input."""


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Hang(f"more than {SECONDS} seconds")


@contextmanager
def bounded_time() -> Iterator[None]:
    """Raises `Hang` inside for more than `SECONDS`, or behind it where C code takes no signal."""
    start = time.monotonic()
    before = signal.signal(signal.SIGALRM, _stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    if time.monotonic() - start > SECONDS:
        raise Hang(f"more than {SECONDS} seconds")
