"""Mistral's `tekken.json`: ranks with their bytes in Base64, after the special tokens.

A token's id is its rank plus the number of special tokens. The file lists more ranks than are in
use: `default_vocab_size` is the number of ids.
"""

from __future__ import annotations

import binascii
from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.json_text import as_json
from embedprep.vocabulary.model import Role, Surface
from embedprep.vocabulary.special_tokens import ROLE_OF

_REMEDY = "Fetch tekken.json again, or name the tokenizer.json beside it."


def claims(content: Content) -> bool:
    vocab, config = content.value.get("vocab"), content.value.get("config")
    is_listed = isinstance(vocab, list) and bool(vocab) and isinstance(vocab[0], dict)
    return is_listed and "token_bytes" in vocab[0] and isinstance(config, dict)


def read(content: Content) -> Entries:
    size = _number(content.value["config"], "default_vocab_size")
    specials = _number(content.value["config"], "default_num_special_tokens")
    special = _special(content.value.get("special_tokens") or [], specials)
    tokens, ids = list(special.values()), list(special)
    for position, entry in enumerate(content.value["vocab"]):
        match entry:
            case {"rank": int() as rank, "token_bytes": str() as text} if type(rank) is int:
                id = rank + specials
                if id < size:
                    tokens.append(byte_alphabet.from_bytes(_decoded(text, position)))
                    ids.append(id)
            case _:
                raise _wrong(f"entry {position} of vocab is {as_json(entry)}")
    return Entries(
        tokens=tokens,
        ids=ids,
        roles={token: ROLE_OF.get(token, Role.OTHER) for token in special.values()},
        surface=Surface.BYTE_LEVEL,
        declares_special=True,
        lacks_special=specials > len(special),
        rows=size,
        verbatim=frozenset(special.values()),
    )


def _number(config: dict[str, Any], name: str) -> int:
    value = config.get(name)
    if type(value) is not int or not 0 <= value <= 10_000_000:
        raise _wrong(f"its {name} is {as_json(value)}")
    return value


def _special(listed: Any, number: int) -> dict[int, str]:
    """Return special tokens by id; early versions of the format leave them to the library."""
    special = {}
    for entry in listed if isinstance(listed, list) else ():
        match entry:
            case {"rank": int() as rank, "token_str": str() as token} if 0 <= rank < number:
                special[rank] = token
            case _:
                raise _wrong(f"a special token is {as_json(entry)}")
    return special


def _decoded(text: str, position: int) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(f"entry {position} of vocab is not in Base64") from error


def _wrong(reason: str) -> InputError:
    return InputError(reason=f"a damaged tekken.json: {reason}", remedy=_REMEDY)
