"""Evidence in the first records of a text that it cannot be read as vectors.

Comes in: sampled records, and how they would be read. Goes out: nothing, or an error that says what
the file is and names the command that makes it readable. A dimension is only guessed if all records
of the file agree on it.

A new oddity is one function and one row of `_ODDITIES`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from embedprep.errors import InputError, printable
from embedprep.sources.rewriting import rewriting

_VALUE = rb"[-+]?(?:(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:e[-+]?[0-9]++)?+|nan|inf(?:inity)?+)"
NUMBER = re.compile(_VALUE, re.I)
_LINES_OF_NUMBERS = re.compile(rb"(?:%b\n)*+" % _VALUE, re.I)

_WHOLE = re.compile(rb"[0-9]{1,18}")
_BLANKS = re.compile(rb"[ \t]+")
_CARRIAGE_RETURN = re.compile(rb"[ \t]%b[ \t]*\r[^\r]" % _VALUE, re.I)
_DECIMAL_COMMA = re.compile(rb"[-+]?[0-9]*,[0-9]+(?:e[-+]?[0-9]+)?", re.I)
_BRACKETED = re.compile(rb"[ \t,;:]\"?[\[({][^\[({]*[0-9.][ \t]*[\])}]\"?")
_NUMBERISH = re.compile(
    rb"[-+]?\.?[0-9][^ ]*|[-+]?(?:nan|na|null|none|inf)(?:\W.*)?|[-+#?]|n/a", re.I
)
"""A field that may have been meant as a number."""


class Sample(NamedTuple):
    """The first records of a file, stripped on the right, and how they would be read."""

    records: list[bytes]
    """The records: at least one, and none of them blank."""
    separator: bytes
    lines_before: int
    """How many lines precede the records: 1 with a header of count and dimension, else 0."""
    trailing: list[int]
    """How many numbers end each record, not counting its first field."""
    dim: int
    """The most frequent of these counts, except 0; 0 if all are 0."""
    declared: int | None
    """The dimension that the header promises."""
    expected_dim: int | None
    """The dimension that the user asks for."""

    def most(self, count: int) -> bool:
        """Whether `count` is nearly all of the records."""
        return count >= 0.8 * len(self.records)


class Refusal(NamedTuple):
    """Why a file is not read as it is, and the remedy."""

    reason: str
    advice: str
    program: str | None = None
    """The program that makes the file readable, from standard input to standard output."""


def sample(
    records: list[bytes],
    separator: bytes,
    *,
    lines_before: int,
    declared: int | None,
    expected_dim: int | None,
) -> Sample:
    trailing = [trailing_numbers(record.split(separator)[1:]) for record in records]
    dim = _most_frequent(trailing)
    return Sample(records, separator, lines_before, trailing, dim, declared, expected_dim)


def refuse(
    shown: Sample, path: str, compression: str | None, *, first_is_record: bool = False
) -> None:
    """Raise for the first oddity of the sample. With `first_is_record`, the user says that the
    first line does not contain column names.
    """
    for oddity in _ODDITIES:
        if first_is_record and oddity is _column_names:
            continue
        refusal = oddity(shown)
        if refusal is not None:
            raise refused(refusal, path, compression)


def refused(refusal: Refusal, path: str, compression: str | None) -> InputError:
    remedy = refusal.advice
    if refusal.program is not None:
        remedy += ":\n    " + rewriting(path, refusal.program, compression)
    return InputError(refusal.reason, remedy, path=path, line=1)


def refuse_carriage_returns(head: bytes, path: str, compression: str | None) -> None:
    """Raise for a text whose lines end in CR alone, which may be one line of gigabytes."""
    line = head.partition(b"\n")[0]
    if _CARRIAGE_RETURN.search(line) is not None:
        refusal = Refusal(
            "its lines end in a carriage return alone, as on old Macs",
            "Write line breaks for them",
            r"tr '\r' '\n'",
        )
        raise refused(refusal, path, compression)


def trailing_numbers(fields: Sequence[bytes]) -> int:
    """Count the numbers at the end of `fields`."""
    # One match for all fields, which most records pass: one match per field takes three times as
    # long.
    if _LINES_OF_NUMBERS.fullmatch(b"\n".join([*fields, b""])):
        return len(fields)
    for count, content in enumerate(reversed(fields)):
        if not NUMBER.fullmatch(content):
            return count
    return len(fields)


def excerpt(line: bytes, limit: int = 40) -> str:
    text = printable(line[: limit + 1].decode("utf-8", "replace"))
    return text if len(line) <= limit else text[:limit] + "…"


def _most_frequent(counts: Sequence[int]) -> int:
    found = Counter(filter(None, counts)).most_common(1)
    return found[0][0] if found else 0


def _by(shown: Sample, split: Callable[[bytes], Sequence[bytes]]) -> int:
    """Return how many numbers would end most records if they were `split` this way."""
    counts = Counter(trailing_numbers(split(record)[1:]) for record in shown.records)
    number, records = counts.most_common(1)[0]
    return number if 2 * records > len(shown.records) else 0


def _decimal_commas(shown: Sample) -> Refusal | None:
    odd = 0
    for record in shown.records:
        fields = _BLANKS.split(record)[1:]
        commas = sum(_DECIMAL_COMMA.fullmatch(field) is not None for field in fields)
        odd += 2 * commas > len(fields)
    if not shown.most(odd):
        return None
    return Refusal(
        f"its numbers have decimal commas: '{excerpt(shown.records[0])}'",
        "Write points for them, except in the keys",
        r"sed 's/\([[:blank:]][-+]*[0-9]*\),/\1./g'",
    )


def _brackets(shown: Sample) -> Refusal | None:
    if not shown.most(sum(_BRACKETED.search(record) is not None for record in shown.records)):
        return None
    return Refusal(
        f"its vectors stand in brackets: '{excerpt(shown.records[0])}'",
        "Take these away",
        'python3 -X utf8 -c "import re, sys; [print(m[1].strip(chr(34)), '
        r"*re.findall(r'[^\s,;]+', m[2])) if m else print(line, end='') for line in sys.stdin "
        r"for m in [re.match(r'(.*?)[\s,;:]*\x22?[\[({]([^\[({]*)[\])}]\x22?\s*$', line)]]"
        '"',
    )


def _other_delimiter(shown: Sample) -> Refusal | None:
    for delimiter, name in ((b";", "semicolons"), (b"|", "bars"), (b",", "commas")):

        def split(record: bytes, delimiter: bytes = delimiter) -> list[bytes]:
            fields = [field.strip(b' \t"') for field in record.split(delimiter)]
            return [field.replace(b",", b".") for field in fields] if delimiter != b"," else fields

        if _by(shown, split) > max(shown.dim, 0 if delimiter == b"," else 1):
            return Refusal(
                f"its fields are separated by {name}: '{excerpt(shown.records[0])}'",
                "Write spaces for them",
                'python3 -X utf8 -c "import csv, sys; [print(*row[:1], '
                "*(value.strip().replace(',', '.') for value in row[1:])) for row in "
                f"csv.reader(sys.stdin, delimiter='{delimiter.decode()}', "
                'skipinitialspace=True)]"',
            )
    return None


def _aligned(shown: Sample) -> Refusal | None:
    separator = shown.separator
    double = sum(separator * 2 in record.lstrip(separator) for record in shown.records)
    indented = sum(record.startswith(separator) for record in shown.records[1:])
    squeezed = _by(shown, lambda record: _BLANKS.split(record.strip(b" \t")))
    if not (
        squeezed > shown.dim
        or (squeezed and separator == b" " and 2 * max(double, indented) > len(shown.records))
    ):
        return None
    mixed = b"\t" in shown.records[0] and b" " in shown.records[0]
    return Refusal(
        ("tabs and spaces separate" if mixed else "several blanks stand between")
        + f" its fields: '{excerpt(shown.records[0])}'",
        "Write one space for them",
        r"tr -s ' \t' ' ' | sed 's/^ //'",
    )


def _other_blanks(shown: Sample) -> Refusal | None:
    def split(record: bytes) -> list[bytes]:
        return [field.encode() for field in record.decode("utf-8", "replace").split()]

    if shown.dim or not _by(shown, split):
        return None
    return Refusal(
        f"other blanks than spaces and tabs separate its fields: '{excerpt(shown.records[0])}'",
        "Write spaces for them",
        'python3 -X utf8 -c "import sys; [print(*line.split()) for line in sys.stdin]"',
    )


def _column_names(shown: Sample) -> Refusal | None:
    """A line above the records: names, or numbers that count the columns."""
    names = shown.records[0].split(shown.separator)
    blank = not names[0].strip(b'"')
    names = [name for name in names if name.strip(b'"')]
    numbers = [name for name in names if NUMBER.fullmatch(name)]
    others = len(names) - len(numbers)
    if not shown.dim or shown.lines_before:
        return None
    named = not numbers and len(names) - shown.dim in (0, 1, 2) and len(shown.records) > 1
    # The first line may be a record that begins with a word and then happens to count up, unless
    # the values of the other records have points.
    pointed = all(b"." in record for record in shown.records[1:]) and len(shown.records) > 1
    counted = (
        others <= 1
        and (others == 0 or not NUMBER.fullmatch(names[0]))
        and (len(numbers) >= 3 or (blank and names[0] == b"0") or names == [b"0", b"1"])
        and (others == 0 or pointed)
        and _counts_up(numbers, 0 if others else 1)
    )
    if not (named or counted):
        return None
    return Refusal(
        f"a line of column names: '{excerpt(shown.records[0])}'",
        "Delete it"
        if named
        else "Delete it, or say --vectors-format glove if it is the record of "
        f"'{excerpt(names[0])}'",
        "tail -n +2",
    )


def _index_column(shown: Sample) -> Refusal | None:
    """A number before each key, as pandas writes it."""
    split = [record.split(shown.separator) for record in shown.records]
    numbered = sum(
        len(fields) > 2
        and _WHOLE.fullmatch(fields[0]) is not None
        and not NUMBER.fullmatch(fields[1])
        and count == len(fields) - 2
        for fields, count in zip(split, shown.trailing, strict=True)
    )
    all_begin = all(_WHOLE.fullmatch(fields[0]) for fields in split)
    if not (all_begin and shown.most(numbered) and len(split) > 1):
        return None
    cut = "cut -f 2-" if shown.separator == b"\t" else "cut -d ' ' -f 2-"
    return Refusal(
        f"a number stands before each key: '{excerpt(shown.records[0])}'",
        "Delete this column",
        cut,
    )


def _no_keys(shown: Sample) -> Refusal | None:
    first = [record.split(shown.separator, 1)[0] for record in shown.records]
    numbers = sum(map(_is_plain_number, first))
    if numbers < len(first) or all(map(_WHOLE.fullmatch, first)):
        return None  # whole numbers may be words: years, or ids
    paste = "paste WORDS -" if shown.separator == b"\t" else "paste -d ' ' WORDS -"
    return Refusal(
        f"its records have no keys: the first field of each is a number, '{excerpt(first[0])}'",
        "Put the file of its words, one a line, before it",
        "tail -n +2 | " + paste if shown.lines_before else paste,
    )


def _is_plain_number(field: bytes) -> bool:
    """Whether it is a number in digits, because nan and inf are words as well."""
    return NUMBER.fullmatch(field) is not None and not field.isalpha()


def _odd_numbers(shown: Sample) -> Refusal | None:
    """A column that belongs neither to the numbers at the end nor to the key."""
    split = [record.split(shown.separator) for record in shown.records]
    width = Counter(map(len, split)).most_common(1)[0][0]
    place = width - 1 - shown.dim
    if not shown.dim or place < 1:
        return None
    odd = [fields[place] for fields in split if len(fields) == width]
    if not shown.most(sum(_NUMBERISH.fullmatch(field) is not None for field in odd)):
        return None
    return Refusal(
        f"record '{excerpt(split[0][0])}': value '{excerpt(odd[0])}' is not a number",
        "Write the numbers again in plain decimals, as 1000.5 or 1.0005e3.",
    )


def _counts(shown: Sample) -> Refusal | None:
    alone = len(shown.records) > 2 and shown.most(shown.trailing.count(1))
    if not alone or shown.expected_dim == 1 or shown.lines_before:
        return None
    values = [record.rpartition(shown.separator)[2] for record in shown.records]
    numbers = [float(value) if NUMBER.fullmatch(value) else 1.0 for value in values]
    # SentencePiece writes pieces with the logarithms of their probabilities, most probable first.
    scores = shown.separator == b"\t" and numbers[0] == 0 and max(numbers) <= 0
    descending = 1 >= numbers[0] > numbers[-1] and numbers == sorted(numbers, reverse=True)
    if all(map(_WHOLE.fullmatch, values)):
        what = "whole number a line, {}: these are counts or ids, and no vectors"
    elif scores:
        what = "score a line, {}: a vocabulary, and no vectors"
    elif all(b"." in value for value in values) and descending and 0 <= min(numbers) < 1:
        what = "number a line, {}, the highest first: these are frequencies, and no vectors"
    else:
        return None
    return Refusal(
        "one " + what.format(f"'{excerpt(shown.records[0])}'"),
        "Pass it as --vocab or --counts, and name the file of the vectors. If they are vectors of "
        "one value, say --dim 1.",
    )


def _number_before_values(shown: Sample) -> Refusal | None:
    """A count or an id between the key and its vector, which would be read as the first value."""
    if shown.dim < 4 or shown.expected_dim == shown.dim or len(shown.records) < 3:
        return None
    split = [record.split(shown.separator)[-shown.dim :] for record in shown.records]
    first = [fields[0] for fields in split]
    pointed = all(all(b"." in value for value in fields[1:]) for fields in split)
    if not (pointed and all(map(_WHOLE.fullmatch, first)) and len(set(first)) > 2):
        return None
    cut = "cut -f 1,3-" if shown.separator == b"\t" else "cut -d ' ' -f 1,3-"
    return Refusal(
        f"a whole number stands before the {shown.dim - 1} values of each record, "
        f"'{excerpt(shown.records[0])}'",
        f"If it is a count or an id, delete it; if it belongs to the vector, say --dim {shown.dim}",
        "tail -n +2 | " + cut if shown.lines_before else cut,
    )


def _words(shown: Sample) -> Refusal | None:
    """Most lines do not end in a number."""
    without = [i for i, count in enumerate(shown.trailing) if not count]
    if 2 * len(without) <= len(shown.records):
        return None
    record = shown.records[without[0]]
    alone = all(shown.separator not in line for line in shown.records)
    return Refusal(
        f"no vectors found: '{excerpt(record)}' does not end in a number",
        "It looks like a list of words: pass it as --vocab, and name the file of the vectors."
        if alone
        else "Each line must be a key and its values, separated by spaces or tabs.",
    )


def _disagreement(shown: Sample) -> Refusal | None:
    counts = Counter(shown.trailing)
    if shown.lines_before or 2 * counts[shown.dim] >= len(shown.records):
        return None
    (one, _), (other, _) = counts.most_common(2)
    return Refusal(
        f"its lines end in {one} numbers, in {other}, …: they are no vectors of one dimension",
        "Each line must be a key and as many values as every other.",
    )


_ODDITIES: tuple[Callable[[Sample], Refusal | None], ...] = (
    _decimal_commas,
    _brackets,
    _other_delimiter,
    _aligned,
    _other_blanks,
    _column_names,
    _index_column,
    _no_keys,
    _odd_numbers,
    _counts,
    _number_before_values,
    _words,
    _disagreement,
)
"""The checks in the order of their remedies: fields before columns, columns before values."""


def _counts_up(numbers: Sequence[bytes], latest_start: int) -> bool:
    """Whether `numbers` are 0, 1, 2, … or, with a `latest_start` of 1, 1, 2, 3, …"""
    if not all(map(_WHOLE.fullmatch, numbers)):
        return False
    first = int(numbers[0])
    return first <= latest_start and list(map(int, numbers)) == [
        *range(first, first + len(numbers))
    ]
