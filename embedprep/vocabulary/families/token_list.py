"""A JSON list of tokens, each at its id: `json.dump(layer.get_vocabulary(), file)`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.json_text import as_json


def checked_strings(values: Sequence[Any]) -> list[str]:
    """Return `values` if all are strings; otherwise an `InputError` names one that is not."""
    if set(map(type, values)) <= {str}:
        return list(values)
    wrong = next(i for i, value in enumerate(values) if type(value) is not str)
    raise InputError(
        reason=f"entry {wrong} of the list is {as_json(values[wrong])}, not a string",
        remedy="Write a string for every token: its place in the list is its id.",
    )


def read(content: Content) -> Entries:
    return Entries(tokens=checked_strings(content.value))
