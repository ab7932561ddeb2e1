"""The coverage that a build must reach, as `--fail-under` states it.

Comes in: `0.9`, `text=0.98`, or both joined by a comma. Goes out: whether a report reaches it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from embedprep.coverage.record import Counts
from embedprep.errors import UsageError

_RATIO = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.")
_OF = ("vocabulary", "text")


class Threshold(NamedTuple):
    """The minimum shares that must be found, from 0 to 1; None if there is no minimum."""

    vocabulary: float | None = None
    """The minimum share of the distinct words."""
    text: float | None = None
    """The minimum share of all occurrences in your text."""


def parse(given: str) -> Threshold:
    """Parse a threshold; a number alone applies to the vocabulary. Raises UsageError."""
    found: dict[str, float] = {}
    for part in given.split(","):
        name, _, number = part.strip().rpartition("=")
        name = name.strip() or "vocabulary"
        number = number.strip()
        ratio = float(number) if _RATIO.fullmatch(number) else -1
        if name not in _OF or name in found or not 0 <= ratio <= 1:
            raise UsageError(
                f"'{given}' is no coverage to fail under",
                "Give a share from 0 to 1: 0.9 of the vocabulary, text=0.98 of your text, or both: "
                "--fail-under vocabulary=0.9,text=0.98.",
            )
        found[name] = ratio
    return Threshold(**found)


class Short(NamedTuple):
    """A threshold that is not reached."""

    of: str
    """The share that is too low: `vocabulary` or `text`."""
    found: float | None
    """The share found; None if it is not known."""
    least: float


def short_of(counts: Counts, least: Threshold) -> Short | None:
    """Return the first share that is below `least`; None if all are reached."""
    shares = {"vocabulary": counts.vocabulary.ratio, "text": counts.text and counts.text.ratio}
    for name, wanted in least._asdict().items():
        found = shares[name]
        if wanted is not None and (found is None or found < wanted):
            return Short(name, found, wanted)
    return None
