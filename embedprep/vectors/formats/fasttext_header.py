"""The numbers at the start of a fastText model, in today's format and in that of 2016.

Names are fastText's own (`args.h`, `dictionary.h`). All numbers are little endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from embedprep.errors import InputError
from embedprep.vectors.blocks import MAX_DIM
from embedprep.vectors.forward import Forward

MAGIC = b"\xba\x16\x4f\x2f"

_ARGUMENTS = struct.Struct("<12id")
_DICTIONARY = struct.Struct("<3iq")
_SUPERVISED = 3
_MOST_CHARACTERS = 1 << 5
"""The longest n-gram. Without a limit, the n-grams of one long key would fill the memory."""


@dataclass(frozen=True)
class FastTextHeader:
    """The header: everything before the first entry of the dictionary."""

    dim: int
    bucket: int
    """How many rows of n-grams follow the rows of the words."""
    minn: int
    maxn: int
    """The longest n-gram in characters; with 0 there are none."""
    entries: int
    """How many words and labels the dictionary contains."""
    words: int
    flags: bool
    """Whether a byte before each matrix says if it is quantised."""


def claims(head: bytes) -> bool:
    """Check the magic number; the first format has none, but narrow limits for its numbers."""
    if head.startswith(MAGIC):
        return True
    if len(head) < _ARGUMENTS.size:
        return False
    dim, ws, epoch, _, _, _, loss, model, bucket, minn, maxn, _, _ = _ARGUMENTS.unpack_from(head)
    return bool(
        0 < dim <= 1 << 16
        and 0 <= ws < 1 << 16
        and 0 <= epoch < 1 << 16
        and 1 <= loss <= 4
        and 1 <= model <= 3
        and bucket >= 0
        and 0 <= minn < _MOST_CHARACTERS
        and 0 <= maxn < _MOST_CHARACTERS
    )


def read_header(forward: Forward) -> FastTextHeader:
    """Read the header and move to the dictionary. Raises for a header that makes no sense."""
    path, what = forward.source.path, "its header"
    new = forward.source.head(len(MAGIC)) == MAGIC
    version = 0
    if new:
        forward.skip_to(len(MAGIC), what)
        (version,) = struct.unpack("<i", forward.take(4, what))
        if version not in (11, 12):
            raise InputError(
                f"a fastText model of version {version}, which embedprep does not know",
                "Use the .vec file published beside it, or a newer embedprep.",
                path=path,
                byte=len(MAGIC),
            )
    arguments = _ARGUMENTS.unpack(forward.take(_ARGUMENTS.size, what))
    dim, model, bucket, minn, maxn = (arguments[i] for i in (0, 7, 8, 9, 10))
    entries, words, labels, _ = _DICTIONARY.unpack(forward.take(_DICTIONARY.size, what))
    pruned = struct.unpack("<q", forward.take(8, what))[0] if new else -1
    if not (
        0 < dim <= MAX_DIM
        and bucket >= 0
        and 0 <= minn < _MOST_CHARACTERS
        and 0 <= maxn < _MOST_CHARACTERS
        and words >= 0
        and labels >= 0
        and words + labels == entries
    ):
        raise InputError(
            "the numbers of its header make no sense",
            "The file is damaged, or no fastText model: download it again.",
            path=path,
            byte=0,
        )
    if pruned >= 0:  # -1 if no n-grams were left out; 0 means all of them
        raise quantised(path)
    if version == 11 and model == _SUPERVISED:  # as fastText does: these models have no n-grams
        maxn = 0
    return FastTextHeader(dim, bucket, minn, maxn, entries, words, flags=new)


def quantised(path: str) -> InputError:
    return InputError(
        "a quantised fastText model (.ftz), whose vectors are only approximations",
        "Use the .bin it was made of, or the .vec file published beside it.",
        path=path,
    )
