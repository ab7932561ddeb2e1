"""A SentencePiece model (`.model`, `.spm`, `.proto`): pieces with scores and types, in protobuf.

In a ModelProto, field 1 is a piece, repeated, with its spelling (1) and type (3); field 2 is the
trainer's specification, with the id of the padding piece (43). A piece's position is its id. The
wire format is parsed by hand, because that takes fewer lines than a library takes to import.
"""

from __future__ import annotations

from collections.abc import Iterator

from embedprep.errors import InputError
from embedprep.vocabulary import surfaces
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.model import Role, Surface

_PIECES, _TRAINER = 1, 2
_SPELLING, _TYPE = 1, 3
_SUFFIX, _PAD_ID = 24, 43  # treat_whitespace_as_suffix, pad_id
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _UNUSED, _BYTE = range(1, 7)
_ROLES = {
    _UNKNOWN: Role.UNKNOWN,
    _CONTROL: Role.OTHER,
    _UNUSED: Role.OTHER,
    _BYTE: Role.OTHER,
}


def read(content: Content) -> Entries:
    tokens: list[str] = []
    types: list[int] = []
    pad_id: int | bytes
    pad_id, suffix = 1 << 63, False  # the id of no piece: -1 in 64 bits
    for field, value in _fields(content.value):
        if field == _PIECES and isinstance(value, bytes):
            token, type = _piece(value, len(tokens))
            tokens.append(token)
            types.append(type)
        elif field == _TRAINER and isinstance(value, bytes):
            told = dict(_fields(value))
            pad_id, suffix = told.get(_PAD_ID, pad_id), bool(told.get(_SUFFIX))
    roles = {
        token: _ROLES[type] for token, type in zip(tokens, types, strict=True) if type in _ROLES
    }
    if isinstance(pad_id, int) and pad_id < len(tokens):
        roles[tokens[pad_id]] = Role.PADDING
    ordinary = [token for token, type in zip(tokens, types, strict=True) if type == _NORMAL]
    return Entries(
        tokens=tokens,
        roles=roles,
        surface=Surface.METASPACE_SUFFIX if suffix else surfaces.metaspace(ordinary),
        declares_special=True,
        verbatim=frozenset(
            token for token, type in zip(tokens, types, strict=True) if type == _USER_DEFINED
        ),
    )


def _piece(record: bytes, position: int) -> tuple[str, int]:
    spelling, type = b"", _NORMAL
    for field, value in _fields(record):
        if field == _SPELLING and isinstance(value, bytes):
            spelling = value
        elif field == _TYPE and isinstance(value, int):
            type = value
    try:
        return spelling.decode(), type
    except UnicodeDecodeError as error:
        raise _damaged(f"piece {position} is not UTF-8") from error


def _fields(record: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and the value of each field of a protobuf message, in order."""
    place = 0
    while place < len(record):
        key, place = _varint(record, place)
        match key & 7:
            case 0:
                value, place = _varint(record, place)
                yield key >> 3, value
            case 1 | 2 | 5 as wire:
                length = _LENGTHS.get(wire)
                if length is None:
                    length, place = _varint(record, place)
                if place + length > len(record):
                    raise _damaged("it is cut short")
                yield key >> 3, record[place : place + length]
                place += length
            case wire:
                raise _damaged(f"it has a field of the unknown wire type {wire}")


_LENGTHS = {1: 8, 5: 4}
"""The length in bytes of numbers of fixed size; strings and messages contain their lengths."""


def _varint(record: bytes, place: int) -> tuple[int, int]:
    """Return the number at `place`, seven bits per byte from the lowest, and the place after it."""
    value = shift = 0
    while place < len(record) and shift < 64:
        byte = record[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise _damaged("it is cut short")


def _damaged(reason: str) -> InputError:
    return InputError(
        reason=f"a damaged SentencePiece model: {reason}",
        remedy="Download or copy it again.",
    )
