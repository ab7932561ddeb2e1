"""fairseq's `dict.txt`: `token count`, the first line at id 4.

The ids 0 to 3 are fairseq's own special tokens, which the file does not list.
"""

from __future__ import annotations

import re

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import OVERWRITE, Content, joined, without_blank_end
from embedprep.vocabulary.json_text import as_json
from embedprep.vocabulary.model import Role

_IMPLICIT = ("<s>", "<pad>", "</s>", "<unk>")
_NOTE = (
    "read as fairseq's dictionary, so the first line has id 4 and the numbers are counts; if "
    "another program wrote it and its first line has id 0, keep the tokens alone: "
    "cut -d ' ' -f 1 FILE > TOKENS"
)
_NUMBERS_NOTE = (
    "every token of it is a number: if these are ids of another vocabulary (GPT-2's, in a "
    "dictionary of RoBERTa or BART), name that one (encoder.json or vocab.json) instead"
)


def read(content: Content) -> Entries:
    tokens, counts = list(_IMPLICIT), [0] * len(_IMPLICIT)
    seen = set(_IMPLICIT)
    record_of = re.compile(r"(.+) ([0-9]{1,18})", re.DOTALL)
    for number, line in enumerate(without_blank_end(content.value), start=1):
        record = record_of.fullmatch(line.removesuffix(OVERWRITE))
        if record is None:
            raise InputError(
                reason="not a token, a space and a count",
                remedy="Write the dictionary again with fairseq, or name the format the file has "
                "with --vocab-format.",
                line=number,
            )
        token, count = record.groups()
        two = joined(token)
        is_first = len(counts) == len(_IMPLICIT)
        if two is not None and (is_first or counts[-1] >= two.number) and two.number >= int(count):
            raise InputError(
                reason=f"two records: {as_json(token)}, since the counts descend so",
                remedy=f"Break the line before {as_json(two.second)}.",
                line=number,
            )
        if token in seen and not line.endswith(OVERWRITE):
            raise InputError(
                reason="listed twice, or one of the special tokens, which fairseq does not list",
                remedy="fairseq refuses such a file too. If it is a list of counts that another "
                "program wrote, pass it with --counts.",
                line=number,
                token=token,
            )
        seen.add(token)
        tokens.append(token)
        counts.append(int(count))
    # fairseq fills its dictionary up to a multiple of eight with words that occur in no text.
    filling = {token: Role.OTHER for token in tokens if token.startswith("madeupword")}
    numbers = all(token.isdecimal() for token in tokens[len(_IMPLICIT) :] if token not in filling)
    return Entries(
        tokens=tokens,
        counts=counts,
        roles=filling,
        notes=(_NOTE, _NUMBERS_NOTE) if numbers else (_NOTE,),
    )
