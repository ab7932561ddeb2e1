"""The coverage that a build must reach, as `--fail-under` states it.

Comes in: `0.9`, `text=0.98`, or both joined by a comma. Goes out: whether a report reaches it.
"""

from __future__ import annotations

import re

from embedprep.coverage.record import Counts
from embedprep.errors import UsageError
from embedprep.named_tuples import NamedTuple

_RATIO = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.")
_OF = ("vocabulary", "text")
_DECIMAL_COMMA = re.compile(r"(?<=\b0),(?=[0-9])")
_NUMBER = re.compile(r"([0-9]*\.?[0-9]+) *(%?)")
_PERCENT = 2
"""A number from here on is a percentage; 1.1 is more likely a share that was mistyped."""
_NAME = re.compile(r"[a-z]+(?= *=)")


class Threshold(NamedTuple):
    """The minimum shares that must be found, from 0 to 1; None if there is no minimum."""

    vocabulary: float | None = None
    """The minimum share of the distinct words."""
    text: float | None = None
    """The minimum share of all occurrences in your text."""


def parse(given: str) -> Threshold:
    """Parse a threshold; a number alone applies to the vocabulary. Raises UsageError."""
    found = _read(given)
    if found is None:
        meant = _meant(given)
        raise UsageError(
            f"--fail-under cannot be '{given}'" + (f"; did you mean {meant}?" if meant else ""),
            "Give a share from 0 to 1: 0.9 of the vocabulary, text=0.98 of your text, or both: "
            "--fail-under vocabulary=0.9,text=0.98.",
        )
    return found


def _read(given: str) -> Threshold | None:
    found: dict[str, float] = {}
    for part in given.split(","):
        name, _, number = part.strip().rpartition("=")
        name = name.strip() or "vocabulary"
        number = number.strip()
        ratio = float(number) if _RATIO.fullmatch(number) else -1
        if name not in _OF or name in found or not 0 <= ratio <= 1:
            return None
        found[name] = ratio
    return Threshold(**found)


def _meant(given: str) -> str | None:
    """Return the threshold that `given` means to be; None if that is unclear."""
    from difflib import get_close_matches  # slow, and only for an error

    meant = _DECIMAL_COMMA.sub(".", given)
    meant = _NUMBER.sub(_share, meant)
    meant = _NAME.sub(lambda name: (get_close_matches(name[0], _OF, 1) or [name[0]])[0], meant)
    return None if _read(meant) is None else meant


def _share(number: re.Match[str]) -> str:
    value = float(number[1])
    return f"{value / 100:g}" if number[2] or value >= _PERCENT else number[0]


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
