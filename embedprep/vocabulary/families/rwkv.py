"""RWKV's `rwkv_vocab_*.txt`: id, the token as a Python literal, and its length in bytes.

Tokens are pieces of text with their spaces, or bytes that are not UTF-8. All of them are spelt in
the byte alphabet, which can spell both. Id 0 is the end of a text and is not listed.
"""

from __future__ import annotations

import ast
import re

from embedprep.errors import InputError
from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end
from embedprep.vocabulary.model import Surface


def read(content: Content) -> Entries:
    tokens, ids = [], []
    record_of = re.compile(r"([0-9]{1,18}) (b?(?:'.*'|\".*\")) ([0-9]{1,18})", re.DOTALL)
    for number, line in enumerate(without_blank_end(content.value), start=1):
        record = record_of.fullmatch(line)
        data = None if record is None else _literal(record[2])
        if record is None or data is None or len(data) != int(record[3]):
            raise InputError(
                reason="not an id, a Python literal and its length in bytes",
                remedy="Fetch the file again, or name the format it has with --vocab-format.",
                line=number,
            )
        ids.append(int(record[1]))
        tokens.append(byte_alphabet.from_bytes(data))
    return Entries(
        tokens=tokens, ids=ids, surface=Surface.BYTE_LEVEL, declares_special=True, one_based=True
    )


def _literal(text: str) -> bytes | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
