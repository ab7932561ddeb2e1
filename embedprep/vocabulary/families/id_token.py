"""Lines `id token`, separated by a space or a tab: dictionaries of many loaders."""

from __future__ import annotations

import re

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end


def read(content: Content) -> Entries:
    tokens, ids = [], []
    record_of = re.compile(r"([0-9]{1,18})[ \t](.*)", re.DOTALL)
    for number, line in enumerate(without_blank_end(content.value), start=1):
        record = record_of.fullmatch(line)
        if record is None:
            raise InputError(
                reason="not an id, a space or a tab, and a token",
                remedy="Write an id and its token on every line.",
                line=number,
            )
        ids.append(int(record[1]))
        tokens.append(record[2])
    empty = [id for id, token in zip(ids, tokens, strict=True) if not token.strip()]
    note = f"{len(empty)} of its ids have no token, as {empty[0]}" if empty else None
    return Entries(tokens=tokens, ids=ids, notes=(note,) if note else ())
