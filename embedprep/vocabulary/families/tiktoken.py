"""tiktoken's rank files: the token's bytes in Base64, a space, and the rank, which is the id.

Tokens are spelt in the byte-level alphabet, as Hugging Face spells the same vocabularies, because a
token may be a part of a UTF-8 sequence and thus no text. Special tokens are not in the file.
"""

from __future__ import annotations

import binascii
import re

from embedprep.errors import InputError
from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end
from embedprep.vocabulary.model import Surface


def read(content: Content) -> Entries:
    tokens, ids = [], []
    record_of = re.compile(r"([A-Za-z0-9+/=]+) ([0-9]{1,18})")
    for number, line in enumerate(without_blank_end(content.value), start=1):
        record = record_of.fullmatch(line)
        try:
            data = _decoded(record[1]) if record else None
        except binascii.Error:
            data = None
        if record is None or data is None:
            raise InputError(
                reason="not a token in Base64, a space and a rank",
                remedy="Fetch the file again, or name the format it has with --vocab-format.",
                line=number,
            )
        tokens.append(byte_alphabet.from_bytes(data))
        ids.append(int(record[2]))
    return Entries(
        tokens=tokens,
        ids=ids,
        surface=Surface.BYTE_LEVEL,
        declares_special=True,
        lacks_special=True,
    )


def _decoded(text: str) -> bytes:
    """Decode a token. Whisper's files write the empty token, whose Base64 is empty, as `=`."""
    return b"" if text == "=" else binascii.a2b_base64(text, strict_mode=True)
