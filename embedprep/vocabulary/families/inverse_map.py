"""A JSON map id → token, whose keys are numbers in quotes: Keras' `index_word` on its own."""

from __future__ import annotations

import re
from typing import Any

from embedprep.errors import InputError, printable
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.json_text import as_json


def inverse_entries(tokens_by_id: dict[str, Any]) -> Entries:
    """Return the entries of a map from ids, written in decimal, to tokens."""
    decimal = re.compile(r"-?[0-9]{1,18}")
    for key, token in tokens_by_id.items():
        if type(token) is not str:
            raise InputError(
                reason=f"the token of id {printable(key[:20])} is {as_json(token)}, not a string",
                remedy="Write a string for every id, or leave the id out.",
            )
        if not decimal.fullmatch(key):
            raise InputError(
                reason=f"{as_json(key)} is not an id",
                remedy="Ids are whole numbers from 0 up: write the vocabulary again with those.",
                token=token,
            )
    ids = list(map(int, tokens_by_id))
    return Entries(tokens=list(tokens_by_id.values()), ids=ids, one_based=True)


def read(content: Content) -> Entries:
    return inverse_entries(content.value)
