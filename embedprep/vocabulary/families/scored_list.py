"""A JSON list of `[piece, score]`, each at its id: the vocabulary of a Unigram model."""

from __future__ import annotations

from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.json_text import as_json


def checked_pieces(pairs: list[Any]) -> list[str]:
    """Return the pieces of a list of `[piece, score]`; an `InputError` names a bad entry."""
    for position, pair in enumerate(pairs):
        match pair:
            case [str(), int() | float() | None]:
                continue
        raise InputError(
            reason=f"entry {position} of the list is {as_json(pair)}, not a piece and its score",
            remedy='Write ["piece", score] for every token: its place in the list is its id.',
        )
    return [piece for piece, _ in pairs]


def read(content: Content) -> Entries:
    return Entries(tokens=checked_pieces(content.value))
