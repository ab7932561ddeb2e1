"""CSV and TSV with a header line that names a column of tokens and one of ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from embedprep.errors import InputError
from embedprep.sources.rewriting import command
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end
from embedprep.vocabulary.json_text import as_json


def read(content: Content) -> Entries:
    import csv

    from embedprep.vocabulary import tables

    lines: list[str] = content.value
    header = tables.header(lines[0])
    ids_in = [] if header is None else header.ids or header.unnamed
    if header is None or len(header.tokens) != 1 or len(ids_in) != 1:
        raise InputError(
            reason="its first line does not name one column of tokens and one of ids",
            remedy="Put such a line before the others, with names in the order of the columns"
            + command("(echo token,id; cat)", ".csv"),
            line=1,
        )
    [token], [id] = header.tokens, ids_in
    reader = csv.reader(
        (f"{line}\n" for line in without_blank_end(lines)),
        delimiter=header.delimiter,
        strict=True,  # or a quote too few would make one record of two
    )
    records = _records(reader)
    tokens, ids, width = [], [], len(next(records))
    if width <= max(token, id):
        raise InputError(
            reason="quotes stand around several fields of its first line",
            remedy="Write it again with a CSV library.",
            line=1,
        )
    for fields in records:
        if len(fields) != width or not re.fullmatch("[0-9]{1,18}", fields[id].strip()):
            raise InputError(
                reason=f"{len(fields)} fields, where the header has {width}"
                if len(fields) != width
                else f"{as_json(fields[id])} is not an id",
                remedy="Ids are whole numbers from 0 up. Quote a token that contains the "
                "delimiter, as a CSV library does.",
                line=reader.line_num,
            )
        tokens.append(fields[token])
        ids.append(int(fields[id]))
    return Entries(tokens=tokens, ids=ids)


def _records(reader: Any) -> Iterator[list[str]]:
    import csv

    try:
        yield from reader
    except csv.Error as error:
        raise InputError(
            reason=f"not a table: {error}",
            remedy="Write it again with a CSV library.",
            line=reader.line_num,
        ) from error
