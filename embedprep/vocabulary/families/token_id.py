"""Lines `token id`: the symbol tables of Kaldi, k2, OpenFST, WeNet and ESPnet.

Ids ascend. They may have gaps or begin above 0 if the program adds tokens of its own.
"""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, joined, without_blank_end
from embedprep.vocabulary.json_text import as_json


def read(content: Content) -> Entries:
    tokens, ids = [], []
    for number, line in enumerate(without_blank_end(content.value), start=1):
        token, separator, digits = line.rpartition("\t" if "\t" in line else " ")
        if not (separator and digits.isascii() and digits.isdigit() and len(digits) < 19):
            raise InputError(
                reason="not a token, a space or a tab, and an id",
                remedy="Write a token and its id on every line.",
                line=number,
            )
        tokens.append(token)
        ids.append(int(digits))
    _refuse_joined(tokens, frozenset(ids))
    return Entries(tokens=tokens, ids=ids)


def _refuse_joined(tokens: list[str], ids: frozenset[int]) -> None:
    """Raises for two records on one line; the id of the first one is no other token's then."""
    for number, token in enumerate(tokens, start=1):
        two = joined(token)
        if two is not None and two.number not in ids:
            raise InputError(
                reason=f"two records, or a token with spaces: {as_json(token)}",
                remedy=f"Break the line before {as_json(two.second)}. If it is one token, pass the "
                'vocabulary as JSON: {"token": id}.',
                line=number,
            )
