"""Texts that are not UTF-8: their encoding, as far as it shows, and the command that changes it."""

from __future__ import annotations

import re

from embedprep.errors import InputError
from embedprep.sources.rewriting import rewriting

_TEXT = rb"[\x09\x0a\x0d\x20-\x7e]"
_ENCODED = (
    (rb"\xff\xfe\0\0|\0\0\xfe\xff", "UTF-32 text", "UTF-32"),
    (rb"\xff\xfe|\xfe\xff", "UTF-16 text", "UTF-16"),
    (rb"(?:%b\0){4}" % _TEXT, "UTF-16 text without a mark of its byte order", "UTF-16LE"),
    (rb"(?:\0%b){4}" % _TEXT, "UTF-16 text without a mark of its byte order", "UTF-16BE"),
)
"""Patterns of texts in other encodings, and the names of these encodings."""

_ONE_BYTE = rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])"
_BEYOND_ASCII = rb"[\x80-\xff]+"


def refuse_encoded(head: bytes, path: str, compression: str | None) -> None:
    """Raise for a text whose first bytes are those of UTF-16 or UTF-32."""
    for pattern, what, encoding in _ENCODED:
        if re.match(pattern, head):
            command = as_utf8(encoding, path, compression)
            raise InputError(
                f"it is {what}", f"Write it as UTF-8:\n    {command}", path=path, byte=0
            )


def not_utf8(
    error: UnicodeDecodeError, path: str, compression: str | None, offset: int = 0
) -> InputError:
    """Return the error for a text in which a byte is not UTF-8; `offset` is where it begins."""
    text, byte = error.object, error.start
    encoding = of_letters(text[byte : byte + _LOOKED_AT])
    which = "" if encoding != UNKNOWN else f", with the name of its encoding for {UNKNOWN}"
    left_out = rewriting(path, "iconv -c -f UTF-8 -t UTF-8", compression)
    return InputError(
        f"not UTF-8: {error.reason} 0x{text[byte]:02x}",
        f"Write it as UTF-8{which}:\n    {as_utf8(encoding, path, compression)}\n"
        f"  If only a few bytes are damaged, leave them out:\n    {left_out}",
        path=path,
        byte=offset + byte,
    )


_LOOKED_AT = 1 << 16
UNKNOWN = "ENCODING"


def of_letters(text: bytes) -> str:
    """Return the likely encoding of a text that is not UTF-8, in the terms of iconv.

    In the languages of Western Europe most letters beyond ASCII stand alone. Elsewhere it could be
    one of many encodings, so the user has to say which.
    """
    if 2 * len(re.findall(_ONE_BYTE, text)) < len(re.findall(_BEYOND_ASCII, text)):
        return UNKNOWN
    try:
        text.decode("cp1252")
    except UnicodeDecodeError:
        return "LATIN1"
    return "CP1252"


def as_utf8(encoding: str, path: str, compression: str | None) -> str:
    """Return the command that writes the text in `path`, which has this `encoding`, as UTF-8."""
    return rewriting(path, f"iconv -f {encoding} -t UTF-8", compression)
