"""The time that each stage took, for the log."""

from __future__ import annotations

import logging
import time

log = logging.getLogger("embedprep")


class Clock:
    """A clock that starts when it is created."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Log the seconds since the last lap."""
        now = time.perf_counter()
        log.info("%6.3f s  %s", now - self._last, stage)
        self._last = now

    def total(self) -> float:
        """Return the seconds since the start, to the millisecond."""
        return round(time.perf_counter() - self._started, 3)
