"""The layout of a text vector file: separator, header, dimension; detected from its first lines."""

from __future__ import annotations

import re

from embedprep.errors import InputError, UsageError, printable
from embedprep.named_tuples import NamedTuple
from embedprep.vectors.formats import text_evidence, text_oddities
from embedprep.vectors.request import check_dim

BOM = b"\xef\xbb\xbf"

SAMPLE_BYTES = 128 * 1024
_SAMPLE_LINES = 32
_MOST_KEYS = 2000

_HEADER = re.compile(rb"([0-9]{1,18})[ \t]([0-9]{1,18})")


class TextLayout(NamedTuple):
    """The layout: everything that a reader needs before the first record."""

    dim: int
    separator: bytes
    start: int
    """The byte at which the first record begins."""
    lines_before: int
    """How many lines precede the first record: 1 with a header, 0 without."""
    declared_records: int | None
    """The count in the header."""


STYLES = {
    "text": "a header or none, spaces or tabs: whatever the file shows",
    "glove": "no header, even if the first line looks like one",
    "word2vec": "a header is required (word2vec text, fastText .vec)",
    "tsv": "fields separated by tabs",
}
"""The names that `--vectors-format` accepts, and what each one requires."""


def detect(
    head: bytes,
    complete: bool,
    path: str,
    *,
    style: str = "text",
    dim: int | None = None,
    compression: str | None = None,
) -> TextLayout:
    """Detect the layout of a file that begins with `head`; `complete` if that is all of it.

    `dim` is the dimension that the user expects. Another dimension in the file is an error, and so
    is anything else that contradicts the layout. `compression` is only for the commands that errors
    name.
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
        # "12 5" may be the key 12 with the value 5 if the records are as narrow, unless the only
        # record is narrow because the file was cut off there.
        cut_off = complete and len(records) == 1 and not head.endswith(b"\n")
        header = header if _width(records[0], separator) != 1 or cut_off else None
        if header and header.groups() == (b"0", b"1"):
            header = None  # these are numbered columns
    if header is None:
        if style == "word2vec":
            raise InputError(
                "the first line is not a header 'count dimension'",
                "Drop --vectors-format word2vec; a missing header is recognised.",
                path=path,
                line=1,
            )
        records = [line for line in lines if line]

    lines_before = 1 if header else 0
    declared = _declared(header, records, path) if header else None
    shown = text_evidence.sample(
        records, separator, lines_before=lines_before, declared=declared, expected_dim=dim
    )
    text_oddities.refuse(shown, path, compression, first_is_record=style == "glove")
    if declared is not None and shown.dim != declared:
        raise InputError(
            f"the header promises {declared} values a record, the records have {shown.dim}",
            "Correct the header, or download or export the file again.",
            path=path,
            line=1,
        )
    check_dim(shown.dim, dim, path)
    return TextLayout(
        dim=shown.dim,
        separator=separator,
        start=head.index(b"\n", start) + 1 if header else start,
        lines_before=lines_before,
        declared_records=int(header[1]) if header else None,
    )


def sampled_keys(head: bytes, layout: TextLayout) -> list[bytes]:
    """Return the keys of the whole records in the first bytes of a file, at most `_MOST_KEYS`."""
    lines = head[layout.start :].split(b"\n")[:-1]
    stripped = (line.rstrip(b" \t\r") for line in lines[:_MOST_KEYS])
    split = (line.rsplit(layout.separator, layout.dim) for line in stripped)
    return [fields[0] for fields in split if len(fields) > layout.dim]


def _sample(head: bytes, complete: bool) -> list[bytes]:
    """Return the first whole lines, at least two if `head` has them."""
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
    # No program that writes space-separated vectors allows a tab in a key.
    return b"\t" if b"\t" in record else b" "


def _width(record: bytes, separator: bytes) -> int:
    return record.count(separator)


def _declared(header: re.Match[bytes], records: list[bytes], path: str) -> int:
    """Return the dimension that the header promises."""
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
    return declared
