"""The encoders of the npm packages `tiktoken` and `@anthropic-ai/tokenizer`, in JSON.

`bpe_ranks` has lines `! first token token …`: tokens in Base64, whose ranks count up from `first`.
`special_tokens` is a map to ids.
"""

from __future__ import annotations

import binascii
import re

from embedprep.errors import InputError
from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.model import Role, Surface
from embedprep.vocabulary.special_tokens import ROLE_OF


def claims(content: Content) -> bool:
    ranks, special = content.value.get("bpe_ranks"), content.value.get("special_tokens")
    return isinstance(ranks, str) and isinstance(special, dict)


def read(content: Content) -> Entries:
    special = content.value["special_tokens"]
    tokens, ids = list(special), list(special.values())
    for number, line in enumerate(content.value["bpe_ranks"].strip().split("\n"), start=1):
        mark, _, rest = line.partition(" ")
        first, _, encoded = rest.partition(" ")
        try:
            if mark != "!" or not re.fullmatch("[0-9]{1,9}", first):
                raise ValueError
            for rank, text in enumerate(encoded.split(), start=int(first)):
                tokens.append(byte_alphabet.from_bytes(binascii.a2b_base64(text)))
                ids.append(rank)
        except ValueError as error:
            raise InputError(
                reason=f"line {number} of bpe_ranks is not '!', a rank and tokens in Base64",
                remedy="Install the package again, and name the file in it.",
            ) from error
    size = content.value.get("explicit_n_vocab")
    return Entries(
        tokens=tokens,
        ids=ids,
        roles={token: ROLE_OF.get(token, Role.OTHER) for token in special},
        surface=Surface.BYTE_LEVEL,
        declares_special=True,
        rows=size if type(size) is int and 0 < size <= len(tokens) + 1_000 else 0,
        verbatim=frozenset(special),
    )
