"""A JSON list of `[token, id]`, or of `[id, token]`: the items of a map, one by one."""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.json_text import as_json


def read(content: Content) -> Entries:
    ids_first = type(content.value[0][:1] and content.value[0][0]) is int
    tokens, ids = [], []
    for position, pair in enumerate(content.value):
        match pair[::-1] if ids_first else pair:
            case [str() as token, id]:
                tokens.append(token)
                ids.append(id)
            case _:
                raise InputError(
                    reason=f"entry {position} of the list is {as_json(pair)}, "
                    "not a token and its id",
                    remedy='Write ["token", id] for every token.',
                )
    return Entries(tokens=tokens, ids=ids)
