"""Lines `token id`: the symbol tables of Kaldi, k2, OpenFST, WeNet and ESPnet.

Ids ascend. They may have gaps or begin above 0 if the program adds tokens of its own.
"""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, LineShape, without_blank_end
from embedprep.vocabulary.family import Family, of_shape


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
    return Entries(tokens=tokens, ids=ids)


FAMILY = Family(
    name="token-id",
    written_by="Kaldi, k2, OpenFST, WeNet, ESPnet: token, space or tab, id",
    medium="text",
    claims=of_shape(LineShape.TOKEN_ID),
    read=_read,
)
