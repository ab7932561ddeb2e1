"""How a text vector file is laid out: separator, header, dimension. Read off its first lines."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from embedprep.errors import InputError, UsageError, printable
from embedprep.vectors.request import check_dim

BOM = b"\xef\xbb\xbf"

SAMPLE_BYTES = 128 * 1024
_SAMPLE_LINES = 32

_HEADER = re.compile(rb"([0-9]{1,18})[ \t]([0-9]{1,18})")
_VALUE = rb"[-+]?(?:(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:e[-+]?[0-9]++)?+|nan|inf(?:inity)?+)"
_NUMBER = re.compile(_VALUE, re.I)
_LINES_OF_NUMBERS = re.compile(rb"(?:%b\n)*+" % _VALUE, re.I)


class TextLayout(NamedTuple):
    """What a reader has to know before the first record."""

    dim: int
    separator: bytes
    start: int
    """Byte of the first record."""
    lines_before: int
    """Lines before the first record: 1 with a header, 0 without."""
    declared_records: int | None
    """The count in the header."""


STYLES = {
    "text": "a header or none, spaces or tabs: whatever the file shows",
    "glove": "no header, even if the first line looks like one",
    "word2vec": "a header is required (word2vec text, fastText .vec)",
    "tsv": "fields separated by tabs",
}
"""The names that `--vectors-format` accepts, with what each one insists on."""


def detect(
    head: bytes, complete: bool, path: str, *, style: str = "text", dim: int | None = None
) -> TextLayout:
    """Lay out a file whose first bytes are `head`, all of it if `complete`.

    `dim` is what the user expects; another dimension in the file is an error.
    """
    if style not in STYLES:
        raise UsageError(
            f"there is no vector format '{printable(style)}'", f"Choose from: {', '.join(STYLES)}."
        )
    start = len(BOM) if head.startswith(BOM) else 0
    lines = [line.rstrip(b" \t\r") for line in _sample(head[start:], complete)]
    if not any(lines):
        raise InputError("the file is empty", "Download or export it again.", path=path)

    header = None if style == "glove" else _HEADER.fullmatch(lines[0])
    records = [line for line in lines[1:] if line]
    separator = _separator((records or lines)[0], style, path)
    if header and style != "word2vec" and records:
        # "12 5" may be the key 12 with the value 5, when the records are as narrow, unless the
        # only one is narrow because the file was cut off there.
        cut_off = complete and len(records) == 1 and not head.endswith(b"\n")
        header = header if _width(records[0], separator) != 1 or cut_off else None
    if header is None:
        if style == "word2vec":
            raise InputError(
                "the first line is not a header 'count dimension'",
                "Drop --vectors-format word2vec; a missing header is recognised.",
                path=path,
                line=1,
            )
        records = [line for line in lines if line]

    found = _dimension(records, separator, header, path)
    check_dim(found, dim, path)
    header_bytes = head.index(b"\n", start) + 1 if header else start
    return TextLayout(
        dim=found,
        separator=separator,
        start=header_bytes,
        lines_before=1 if header else 0,
        declared_records=int(header[1]) if header else None,
    )


def _sample(head: bytes, complete: bool) -> list[bytes]:
    """The first whole lines, two at least where the head has them."""
    lines = head.split(b"\n")
    if not complete and len(lines) > 1:
        lines.pop()
    size = 0
    for count, line in enumerate(lines):
        size += len(line)
        if count >= 2 and (size > SAMPLE_BYTES or count >= _SAMPLE_LINES):
            return lines[:count]
    return lines


def _separator(record: bytes, style: str, path: str) -> bytes:
    if style == "tsv" and b"\t" not in record:
        raise InputError("there is no tab in its records", "Drop --vectors-format tsv.", path=path)
    # No writer of space-separated vectors lets a tab into a key.
    return b"\t" if b"\t" in record else b" "


def _width(record: bytes, separator: bytes) -> int:
    return record.count(separator)


def _dimension(
    records: list[bytes], separator: bytes, header: re.Match[bytes] | None, path: str
) -> int:
    """The number of values that most sampled records end in; a header must agree."""
    trailing = [_trailing_numbers(record, separator) for record in records]
    found = Counter(n for n in trailing if n).most_common(1)
    if header:
        declared = int(header[2])
        if declared == 0:
            raise InputError(
                "the header promises vectors of 0 values",
                "Export the file again from the program that wrote it.",
                path=path,
                line=1,
            )
        if not records:
            raise InputError(
                f"the header promises {int(header[1])} records, and there is none",
                "The file is truncated: download or export it again.",
                path=path,
                line=1,
            )
        if not found or found[0][0] != declared:
            has = found[0][0] if found else 0
            raise InputError(
                f"the header promises {declared} values a record, the records have {has}",
                "Correct the header, or download or export the file again.",
                path=path,
                line=1,
            )
        return declared
    if not found:
        raise InputError(
            f"no vectors found: '{printable(_excerpt(records[0]))}' does not end in a number",
            "Each line must be a key and its values, separated by spaces or tabs"
            + ("; for commas: tr , ' ' <FILE >NEW." if records[0].count(b",") > 1 else "."),
            path=path,
            line=1,
        )
    names = records[0].split(separator)
    if len(names) == found[0][0] + 1 and not any(map(_NUMBER.fullmatch, names)):
        raise InputError(
            f"a line of column names: '{printable(_excerpt(records[0]))}'",
            "Delete it (tail -n +2 FILE) and run again.",
            path=path,
            line=1,
        )
    return found[0][0]


def _trailing_numbers(record: bytes, separator: bytes) -> int:
    """How many fields at the end of a record are numbers, its first one, the key, excepted."""
    fields = record.split(separator)[1:]
    # One question for all of them, which most records pass: one for each takes three times as long.
    if _LINES_OF_NUMBERS.fullmatch(b"\n".join([*fields, b""])):
        return len(fields)
    for count, content in enumerate(reversed(fields)):
        if not _NUMBER.fullmatch(content):
            return count
    return len(fields)


def _excerpt(line: bytes, limit: int = 40) -> str:
    text = line[: limit + 1].decode("utf-8", "replace")
    return text if len(line) <= limit else text[:limit] + "…"
