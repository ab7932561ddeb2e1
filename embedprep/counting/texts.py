"""The texts in files: each line is one, or one field of each JSON record.

Comes in: paths, as the user wrote them. Goes out: batches of texts, each of about a megabyte, so
that memory does not depend on the size of a file.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from embedprep.errors import InputError, UsageError, printable
from embedprep.sources import PlainFile, Stream, open_content
from embedprep.sources.encodings import not_utf8, refuse_encoded
from embedprep.sources.foreign import DOCUMENT
from embedprep.sources.rewriting import rewriting

log = logging.getLogger("embedprep")

_BLOCK = 1 << 20
"""The bytes that are read at once."""
LONGEST = 1 << 20
"""The characters of the longest text that a tokenizer gets whole: it takes a hundred bytes for
each.
"""
_LONGEST_RECORD = 1 << 26
_JSON_LINES = re.compile(r"\.(?:jsonl|ndjson)(?:\.\w+)?$", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Advance = Callable[[int], object]


@dataclass(frozen=True)
class Text:
    """Files of text, and the field of their records that is the text, if they are JSON lines."""

    files: tuple[str, ...]
    field: str | None = None

    def paths(self) -> list[str]:
        """Return the files, with those below a folder in its place, in the order of their names."""
        return [path for given in self.files for path in _files_of(given)]

    def size(self) -> int | None:
        """Return the bytes to read; None if a file does not say."""
        sizes = [os.path.getsize(path) if os.path.isfile(path) else None for path in self.paths()]
        return None if None in sizes else sum(size or 0 for size in sizes)

    def batches(self, advance: Advance) -> Iterator[list[str]]:
        """Yield the texts, a megabyte at a time. `advance` is told of the bytes read.

        Texts of more than `LONGEST` characters are cut before a space, which the log says. Raises
        `InputError` for a file that cannot be read, is not UTF-8, or has records without the field.
        """
        for path in self.paths():
            with closing(_opened(path)) as source:
                yield from _texts(source, self.field, advance)


def _files_of(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    found = [
        os.path.join(folder, name)
        for folder, _, names in sorted(os.walk(path))
        for name in sorted(names)
        if not name.startswith(".")
    ]
    if not found:
        raise InputError("a folder without a file", "Name the files of your text.", path=path)
    return found


def _opened(path: str) -> PlainFile | Stream:
    try:
        return open_content(path)
    except InputError as error:
        if not error.reason.startswith("the archive holds several files"):
            raise
        raise InputError(
            error.reason,
            "Name each with its archive, --text ARCHIVE::MEMBER, or unpack it and name the folder.",
            path=path,
        ) from error


def _texts(source: PlainFile | Stream, field: str | None, advance: Advance) -> Iterator[list[str]]:
    number, cut = 1, False
    for offset, data, is_cut in _lines(source, advance, whole=field is not None):
        if offset == 0:
            refuse_encoded(data, source.path, source.compression)
            _refuse_other(data, source, field)
        try:
            text = data.decode().removeprefix("\ufeff" if offset == 0 else "")
        except UnicodeDecodeError as error:
            raise not_utf8(error, source.path, source.compression, offset) from error
        texts = text.split("\n")
        if not texts[-1]:
            del texts[-1]  # after the line break at the end
        if "\r" in text:
            texts = [line.removesuffix("\r") for line in texts]
        lines = len(texts)
        if field is not None:
            texts = list(_of_records(texts, field, source.path, number))
        number += lines
        if max(map(len, texts), default=0) > LONGEST:
            is_cut, texts = True, [part for text in texts for part in _parts(text)]
        cut |= is_cut
        yield texts
    if cut:
        log.warning(
            "%s has texts of more than a million characters, which were cut before a space",
            printable(source.path),
        )


def _lines(
    source: PlainFile | Stream, advance: Advance, *, whole: bool
) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the offset and the bytes of some lines, and whether a line that is too long was cut.

    `whole`: no line is cut.
    """
    offset, rest = 0, b""
    for block in _blocks(source):
        advance(source.advanced(len(block)))
        data = rest + block
        end, is_cut = data.rfind(b"\n") + 1, False
        if not end and len(data) > (_LONGEST_RECORD if whole else LONGEST):
            if whole:
                raise InputError(
                    f"a line of more than {_LONGEST_RECORD >> 20} MiB, which is no record",
                    "Write each record as one line.",
                    path=source.path,
                    byte=offset,
                )
            end, is_cut = max(data.rfind(b" "), 0) or _end_of_character(data), True
        if end:
            yield offset, data[:end], is_cut
            offset += end
        rest = data[end:]
    if rest:
        yield offset, rest, False


def _blocks(source: PlainFile | Stream) -> Iterator[bytes]:
    if isinstance(source, Stream):
        while block := source.read(_BLOCK):
            yield block
        return
    for offset in range(0, source.size, _BLOCK):
        buffer = bytearray(min(_BLOCK, source.size - offset))
        source.read_into(buffer, offset)
        yield bytes(buffer)


def _end_of_character(data: bytes) -> int:
    """Return a place near the end of `data` that is not inside a character."""
    end = len(data) - 1
    while end > len(data) - 4 and data[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _refuse_other(data: bytes, source: PlainFile | Stream, field: str | None) -> None:
    """Raise for what is no text, judged by its first lines."""
    path = source.path
    if re.match(DOCUMENT, data):
        raise InputError(
            "a document with its layout (PDF, RTF), not a text",
            "Write its text as lines, for instance with pdftotext or pandoc.",
            path=path,
        )
    if b"\0" in data:
        raise InputError(
            "a binary file, not a text",
            "Write its text as lines, or as JSON lines with --field NAME.",
            path=path,
            byte=data.index(b"\0"),
        )
    if field is not None:
        return
    line = data.removeprefix(_BYTE_ORDER_MARK).lstrip().partition(b"\n")[0]
    if line.startswith((b"[{", b'["')) or line.strip() == b"[":
        raise InputError(
            "a JSON list, not lines",
            "Write each entry as a line:\n    "
            + rewriting(path, "jq -c '.[]'", source.compression, ".jsonl"),
            path=path,
        )
    record = _record(line.decode("utf-8", "replace")) if line.startswith(b"{") else None
    if record is not None or _JSON_LINES.search(path):
        names = [name for name, value in (record or {}).items() if isinstance(value, str)]
        known = ", ".join(map(printable, names)) or "none that is a text"
        raise InputError(
            f"JSON lines, and nothing says which field is the text; the first has: {known}",
            f"Name it: --field {printable(names[0]) if names else 'NAME'}",
            path=path,
        )


def _of_records(lines: list[str], field: str, path: str, number: int) -> Iterator[str]:
    """Yield the texts in JSON lines, the first of which has this number."""
    for line in lines:
        if line.strip():
            record = _record(line)
            text = None if record is None else record.get(field)
            if not isinstance(text, str):
                raise InputError(
                    "not a JSON record" if record is None else _no_text(record, field),
                    "Every line is a record {…} that has the text in the field of --field. For "
                    "lines of plain text, leave --field out.",
                    path=path,
                    line=number,
                )
            yield text
        number += 1


def _record(line: str) -> dict[str, Any] | None:
    import orjson

    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _no_text(record: dict[str, Any], field: str) -> str:
    if field in record:
        return f"its '{printable(field)}' is not a text"
    return f"it has no '{printable(field)}'; it has: {printable(', '.join(record)[:200])}"


def _parts(text: str) -> Iterator[str]:
    """Yield a text in parts that are not too long, cut at spaces where it has any."""
    while len(text) > LONGEST:
        end = max(text.rfind(" ", 0, LONGEST), 0) or LONGEST
        yield text[:end]
        text = text[end:]
    yield text


def check_files(files: tuple[str, ...]) -> None:
    """Raise for a text that is given twice: its words would count twice."""
    for path in files:
        if files.count(path) > 1:
            raise UsageError("it is given twice", "Name each text once.", path=path)
