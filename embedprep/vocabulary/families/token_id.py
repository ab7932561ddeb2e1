"""Lines `token id`: the symbol tables of Kaldi, k2, OpenFST, WeNet and ESPnet.

Ids ascend. They may have gaps or begin above 0 if the program adds tokens of its own.
"""

from __future__ import annotations

import re

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, LineShape, without_blank_end
from embedprep.vocabulary.family import Family, of_shape
from embedprep.vocabulary.json_text import as_json

_TWO_RECORDS = re.compile(r"\S+ ([0-9]{1,18}) ?(\S+)")
"""What stands before the last id of a line that lost its line break."""


def _read(content: Content) -> Entries:
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
        joined = _TWO_RECORDS.fullmatch(token) if " " in token else None
        if joined is not None and int(joined[1]) not in ids:
            raise InputError(
                reason=f"two records, or a token with spaces: {as_json(token)}",
                remedy=f"Break the line before {as_json(joined[2])}. If it is one token, pass the "
                'vocabulary as JSON: {"token": id}.',
                line=number,
            )


FAMILY = Family(
    name="token-id",
    written_by="Kaldi, k2, OpenFST, WeNet, ESPnet: token, space or tab, id",
    medium="text",
    claims=of_shape(LineShape.TOKEN_ID),
    read=_read,
)
