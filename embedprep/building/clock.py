"""The stages of a build for the log: which one runs, and how long it took."""

from __future__ import annotations

import logging
import time

from embedprep.options.progress import STAGE

log = logging.getLogger("embedprep")


class Clock:
    """A clock that starts when it is created."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._stage = ""

    def begin(self, stage: str) -> None:
        """Begin a stage, which ends the one before."""
        self.end()
        self._stage = stage
        log.log(STAGE, "%s", stage)

    def end(self) -> None:
        """Log the seconds that the stage took."""
        now = time.perf_counter()
        if self._stage:
            log.info("%6.3f s  %s", now - self._last, self._stage)
        self._last, self._stage = now, ""

    def total(self) -> float:
        """Return the seconds since the start, to the millisecond."""
        return round(time.perf_counter() - self._started, 3)
