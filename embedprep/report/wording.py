"""The meaning of the report's numbers, names and keys, worded once for all of its forms."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from embedprep.coverage import Coverage, Share
from embedprep.errors import printable

TOKEN_WIDTH = 30
"""The most columns of a token in a table in the terminal."""
LONGEST = 96
"""The most characters of a token on the page."""

_ROW_MEANING = {
    "exact": "vector of the token itself",
    "subword": "mean of its n-grams: the model lacks it",
    "partial": "in some of the files; other columns by --oov {oov}",
    "oov": "no vector: filled by --oov {oov}",
    "special": "special tokens without a vector: filled by --oov {oov}",
    "pieces": "mean of the words that contain it",
    "padding": "zeros",
    "unassigned": "zeros: no token has this id",
}

_RECORD_MEANING = {
    "duplicates": "records of a wanted key that came before",
    "malformed": "malformed records left out",
    "nonfinite": "records with nan or infinite values left out",
    "spaced_keys": "records whose key contains spaces",
    "zero_rows": "rows found, but zero: their records are all zeros",
}


def rows_shown(coverage: Coverage) -> list[tuple[str, int, str]]:
    """Return the rows by where they come from, each with its meaning; empty ones are left out.

    Special tokens have a line of their own, so that the line `oov` is what is missing.
    """
    rows: dict[str, int] = {}
    for name, number in coverage.counts.rows.items():
        special = coverage.counts.special.oov if name == "oov" else 0
        rows[name] = number - special
        rows |= {"special": special} if special else {}
    return [(name, number, _row_meaning(name, coverage)) for name, number in rows.items() if number]


def _row_meaning(name: str, coverage: Coverage) -> str:
    if name in _ROW_MEANING:
        return _ROW_MEANING[name].replace("{oov}", str(coverage.options.get("oov")))
    from embedprep.fallback.table import RULES

    return RULES[name].meaning if name in RULES else ""


def record_meaning(name: str) -> str:
    """Say what is counted under `name`, a key of `Coverage.records`."""
    return _RECORD_MEANING.get(name, name)


def file_name(path: str | None) -> str:
    """Return the name of an input or output, safe to be shown."""
    return {None: "in memory", "-": "standard input"}.get(path) or printable(str(path))


def percent(ratio: float) -> str:
    """Format a share, never rounded to 100 % if some is missing, nor to 0 % if some is not."""
    value = 100 * ratio
    if 99.95 <= value < 100:
        return "> 99.9 %"
    if 0 < value < 0.05:
        return "< 0.1 %"
    return f"{value:.1f} %"


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


class Improved(NamedTuple):
    """The coverage with the recommended rules."""

    vocabulary: Share
    text: Share | None
    fallback: str
    """What to write after `--fallback`."""

    def gains(self, coverage: Coverage) -> list[str]:
        """Return the shares before and after, of your text first, as far as they are known."""
        before = coverage.counts
        pairs = (
            ("text", before.text, self.text),
            ("vocabulary", before.vocabulary, self.vocabulary),
        )
        return [
            f"{name} {percent(old.ratio)} → {percent(new.ratio)}"
            for name, old, new in pairs
            if old is not None and new is not None
        ]


def improved(coverage: Coverage) -> Improved | None:
    """Return the coverage with the recommended rules; None if there are none."""
    recommended, counts = coverage.recommended, coverage.counts
    if recommended is None:
        return None
    text = counts.text
    # auto begins from nothing, and reads the vectors twice.
    auto = not coverage.fallback and all(file.path != "-" for file in coverage.vectors)
    return Improved(
        counts.vocabulary._replace(found=counts.vocabulary.found + recommended.tokens),
        text and text._replace(found=text.found + (recommended.occurrences or 0)),
        "auto" if auto else ",".join(recommended.fallback),
    )


def pieces_advice(coverage: Coverage) -> str | None:
    """Return what to say of missing pieces of words; None if there is nothing to say."""
    pieces = sum(kind.tokens for kind in coverage.counts.kinds if kind.kind == "piece")
    missing = coverage.counts.vocabulary.total - coverage.counts.vocabulary.found
    if not pieces or coverage.options.get("pieces") == "mean":
        return None
    return (
        f"{percent(pieces / missing)} of the missing tokens are pieces of words; each gets the "
        "mean of the words that contain it, with:"
    )


PIECES_OPTION = "--pieces mean --words FILE"
