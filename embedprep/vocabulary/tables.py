"""Tables with a header line (CSV and TSV): which column has the tokens, and which the ids.

Comes in: lines. Goes out: the `LineShape` that they have as a table, if they are one, and the
columns. Fields may be quoted, and may then contain the delimiter.
"""

from __future__ import annotations

import re

from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary.content import LineShape, Unclear

TOKENS = frozenset(
    {"token", "tokens", "word", "words", "piece", "pieces", "term", "symbol", "token_str", "key"}
)
IDS = frozenset(
    {"id", "ids", "index", "idx", "token_id", "tokenid", "word_id", "wordid", "row", "value"}
)
_COUNTS = frozenset({"count", "counts", "freq", "frequency", "n"})
_UNNAMED = frozenset({"", "unnamed: 0"})
_DELIMITERS = ",\t;"
_WITHOUT_HEADER = re.compile(r"(?:.+[,;][0-9]+|[0-9]+[,;].+)", re.DOTALL)


class Header(NamedTuple):
    """The content of the first line."""

    delimiter: str
    tokens: list[int]
    """The columns that may contain the tokens, by their names; one in a proper table."""
    ids: list[int]
    counts: list[int]
    unnamed: list[int]
    """The columns without a name, in which pandas and R write the numbers of the rows."""


def header(line: str) -> Header | None:
    """Read `line` as the header of a table; None if it names no column of tokens."""
    for delimiter in _DELIMITERS:
        if delimiter in line:
            names = [field.strip(' "').lower() for field in line.split(delimiter)]
            found = Header(
                delimiter,
                tokens=_places(names, TOKENS),
                ids=_places(names, IDS),
                counts=_places(names, _COUNTS),
                unnamed=_places(names, _UNNAMED),
            )
            if found.tokens:
                return found
    return None


def _places(names: list[str], known: frozenset[str]) -> list[int]:
    return [place for place, name in enumerate(names) if name in known]


def shape(lines: list[str]) -> LineShape | Unclear | None:
    """Return the shape of lines that are a table; None if they are not."""
    if len(lines) < 2:
        return None
    found = header(lines[0])
    if found is not None and (found.ids or found.counts):
        return LineShape.TABLE if found.ids else Unclear.TABLE_OF_COUNTS
    if found is not None and found.unnamed == [0]:
        first = lines[1].partition(found.delimiter)[0].strip(' "')
        if first.isdecimal():
            return LineShape.TABLE if first == "0" else Unclear.ROW_NAMES
    if not any(map(_WITHOUT_HEADER.fullmatch, lines[:2])):
        return None  # nearly always, and far cheaper
    without = sum(_WITHOUT_HEADER.fullmatch(line) is not None for line in lines)
    return Unclear.WITHOUT_HEADER if 2 * without > len(lines) else None
