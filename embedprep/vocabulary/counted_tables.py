"""Lists of counts whose columns are not a token and its count: which columns are, and the command
that keeps them.

Comes in: the lines of a counts file or a word list. Goes out: nothing, or the `InputError` for a
table with other columns, a header or another delimiter, or for counts before the tokens.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources.foreign import python
from embedprep.sources.rewriting import command
from embedprep.vocabulary.numbered_lines import are_ids
from embedprep.vocabulary.unclear import TURN_ROUND

_UNIQ = re.compile(r" +[0-9]+ \S*")
"""A line of `uniq -c`, also of empty lines."""
_WHOLE = re.compile(r"\s*[0-9]{1,18}(?:\.0+)?\s*")
_TOKEN_COUNT = re.compile(r"[^\t]*[^\t,;] [0-9]+")
_OF_COUNTS = re.compile(r"freq|count|^n$|occurrences", re.IGNORECASE)
_DELIMITERS = "\t,;"
# Enough lines to judge what the columns are.
_SAMPLE = 200
_NEARLY_ALL = 0.9


class _Table(NamedTuple):
    delimiter: str
    token: int
    counts: int
    header: bool


def refuse(lines: list[str]) -> None:
    """Raise for lines of other columns than a token and its count."""
    sample = lines[:_SAMPLE]
    if sample and _UNIQ.fullmatch(sample[0]):
        raise InputError(
            reason="the counts come before the words, as uniq -c writes them",
            remedy="Swap the columns" + command(TURN_ROUND),
            line=1,
        )
    table = _table(sample)
    if table is None:
        return
    quotes = ", quoting=3" if table.delimiter == "\t" else ""
    raise InputError(
        reason="a table, and not lines of a token, a tab and its count",
        remedy=f"Keep column {table.token + 1}, if it has the tokens, and column "
        f"{table.counts + 1}, if it has their counts"
        + command(
            python(
                "import csv, sys; "
                f"rows = csv.reader(sys.stdin, delimiter={table.delimiter!r}{quotes}); "
                + ("next(rows); " if table.header else "")
                + f"[print(r[{table.token}], int(float(r[{table.counts}])), sep=chr(9)) "
                "for r in rows]"
            )
        ),
        line=1,
    )


def _whole(fields: Sequence[str]) -> list[int]:
    return [int(float(field.strip())) for field in fields if _WHOLE.fullmatch(field)]


def _table(lines: list[str]) -> _Table | None:
    """Return the columns of a table; None for no table, and for a token, a tab and its count."""
    import csv

    if all(map(_TOKEN_COUNT.fullmatch, lines)):
        return None
    for delimiter in _DELIMITERS:
        if sum(delimiter in line for line in lines) < _NEARLY_ALL * len(lines) or len(lines) < 2:
            continue
        try:
            rows = list(
                csv.reader(
                    lines,
                    delimiter=delimiter,
                    quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
                )
            )
        except csv.Error:  # a line that is too long for a field
            return None
        width = Counter(map(len, rows)).most_common(1)[0][0]
        names, *records = [row for row in rows if len(row) == width]
        columns = list(zip(*records, strict=True))
        numbers = [sum(map(bool, map(_WHOLE.fullmatch, fields))) for fields in columns]
        counts = [i for i, n in enumerate(numbers) if n >= _NEARLY_ALL * len(records)]
        tokens = [i for i, n in enumerate(numbers) if 2 * n < len(records)]
        if not counts or not tokens or len(rows[0]) != width:
            return None
        no_ids = [i for i in counts if not are_ids(_whole([names[i], *columns[i]]))]
        named = [i for i in counts if _OF_COUNTS.search(names[i])]
        count = (named or no_ids or counts)[0]
        header = not _WHOLE.fullmatch(names[count])
        usual = delimiter == "\t" and width == 2 and tokens == [0] and not header
        return None if usual else _Table(delimiter, tokens[0], count, header)
    return None
