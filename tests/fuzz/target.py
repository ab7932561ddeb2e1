"""What a target of the fuzzers is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """A reader under attack."""

    attempt: Callable[[bytes, Path], None]
    """Reads the bytes, with a directory to put them into. Raises for a broken promise."""
    seeds: Callable[[], list[bytes]]
    """Small inputs as they should be, which a fuzzer damages."""
    words: tuple[bytes, ...] = ()
    """What its format is made of, beside what the seeds show."""
