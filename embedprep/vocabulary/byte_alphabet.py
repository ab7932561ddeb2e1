"""The 256 characters with which byte-level tokenizers write bytes, one character per byte.

Comes in: a token as such a vocabulary spells it (`ĠcafÃ©`), or raw bytes. Goes out: the bytes (`
café` in UTF-8), or the spelling. The alphabet is GPT-2's: printable bytes are the character of the
same number, the other 68 are U+0100, U+0101, … in ascending order.
"""

from __future__ import annotations

import re
from functools import cache

_PRINTING = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_OTHERS = [byte for byte in range(256) if byte not in _PRINTING]

_CHARACTER_OF = {byte: byte for byte in _PRINTING}
_CHARACTER_OF |= {byte: 0x100 + position for position, byte in enumerate(_OTHERS)}
_BYTE_OF = {chr(character): byte for byte, character in _CHARACTER_OF.items()}

CHARACTERS = tuple(_BYTE_OF)
"""The characters of the alphabet."""
SPACE = chr(_CHARACTER_OF[0x20])
"""The character `Ġ`, which writes a space, and so begins a word."""


def to_bytes(token: str) -> bytes | None:
    """Return the bytes that `token` spells; None if a character is not in the alphabet.

    The bytes need not be UTF-8: a token may be a part of a character.
    """
    try:
        return bytes([_BYTE_OF[character] for character in token])
    except KeyError:
        return None


def covers(text: str) -> bool:
    """Whether every character of `text` is in the alphabet."""
    return _all_of_it().fullmatch(text) is not None


@cache  # compiled on first use, because few vocabularies consist of bytes
def _all_of_it() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(_BYTE_OF))}]*")


def from_bytes(data: bytes) -> str:
    """Write `data` in the alphabet; the inverse of `to_bytes`."""
    return data.decode("latin-1").translate(_CHARACTER_OF)
