"""Text in the columns of a terminal: shortened, padded, and lined up as a table."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from embedprep.errors import printable

TOKEN_WIDTH = 30
"""The most columns of a token in a table in the terminal."""
LONGEST = 96
"""The most columns of a token on the page."""


def shortened(text: str, longest: int = TOKEN_WIDTH) -> str:
    """Return `text` as `printable` writes it, cut to `longest` columns with an ellipsis."""
    most = 4 * longest  # characters: marks take no column
    written = printable(text[: most + 1])
    if len(text) <= most and _columns(written) <= longest:
        return written
    written = written[:most]
    while _columns(written) >= longest:
        written = written[:-1]
    return written + "…"


def padded(text: str, width: int) -> str:
    """Return `text` with spaces after it, so that it takes `width` columns."""
    return text + " " * (width - _columns(text))


def lined_up(rows: Sequence[Sequence[str]], least: Sequence[int]) -> list[str]:
    """Return an indented line for each row of cells: the first flush left, the others flush right.

    Each column is as wide as its widest cell, with a gap before it, and at least as its number in
    `least` says.
    """
    if not rows:
        return []
    widths = [
        max(at_least, *(_columns(cell) + (2 if column else 0) for cell in cells))
        for column, (at_least, cells) in enumerate(zip(least, zip(*rows, strict=True), strict=True))
    ]
    lines = []
    for first, *others in rows:
        line = "  " + padded(first, widths[0])
        for cell, width in zip(others, widths[1:], strict=True):
            line += " " * (width - _columns(cell)) + cell
        lines.append(line.rstrip())
    return lines


def _columns(text: str) -> int:
    """Return how many columns of a terminal `text` takes: a wide letter two, a mark none."""
    if text.isascii():
        return len(text)
    marks = sum(unicodedata.category(c) in ("Mn", "Me") for c in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(c) in "WF" for c in text)
