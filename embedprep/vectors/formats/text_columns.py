"""Texts with more or fewer columns than a key and its vector, or with other content.

Comes in: the `Sample` of a text. Goes out: why it is not read, and the program that takes the
column away. A new oddity is one function and one row of `COLUMNS`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from embedprep.vectors.formats.text_evidence import (
    NUMBER,
    Refusal,
    Sample,
    excerpt,
)

_WHOLE = re.compile(rb"[0-9]{1,18}")


def _is_numberish(field: bytes) -> bool:
    """Whether it may have been meant as a number."""
    numberish = rb"[-+]?\.?[0-9][^ ]*|[-+]?(?:nan|na|null|none|inf)(?:\W.*)?|[-+#?]|n/a"
    return re.fullmatch(numberish, field, re.I) is not None


def column_names(shown: Sample) -> Refusal | None:
    """A line above the records: names, or numbers that count the columns."""
    names = shown.records[0].split(shown.separator)
    blank = not names[0].strip(b'"')
    names = [name for name in names if name.strip(b'"')]
    numbers = [name for name in names if NUMBER.fullmatch(name)]
    others = len(names) - len(numbers)
    if not shown.dim or shown.lines_before:
        return None
    # Damaged numbers are no names, nor is the same word again and again.
    fitting = len(names) - shown.dim in (0, 1, 2) and len(shown.records) > 1
    are_names = len(set(names)) == len(names) and not numbers
    named = fitting and are_names and not any(map(_is_numberish, names[1:]))
    # The first line may be a record that begins with a word and then happens to count up, unless
    # the values of the other records have points.
    pointed = all(b"." in record for record in shown.records[1:]) and len(shown.records) > 1
    counted = (
        (others <= 1 or (others == 2 and names[2:] == numbers and len(numbers) == shown.dim))
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


def _counts_up(numbers: Sequence[bytes], latest_start: int) -> bool:
    """Whether `numbers` are 0, 1, 2, … or, with a `latest_start` of 1, 1, 2, 3, …"""
    if not all(map(_WHOLE.fullmatch, numbers)):
        return False
    first = int(numbers[0])
    return first <= latest_start and list(map(int, numbers)) == [
        *range(first, first + len(numbers))
    ]


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
    if not shown.most(sum(map(_is_numberish, odd))):
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
    if not all(map(_WHOLE.fullmatch, first)) or len(set(first)) <= 2:
        return None
    if not all(all(b"." in value for value in fields[1:]) for fields in split):
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


COLUMNS: tuple[Callable[[Sample], Refusal | None], ...] = (
    column_names,
    _index_column,
    _no_keys,
    _odd_numbers,
    _counts,
    _number_before_values,
    _words,
    _disagreement,
)
"""The checks in the order of their remedies: columns before values."""
