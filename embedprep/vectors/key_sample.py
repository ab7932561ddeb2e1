"""A sample of the first keys, for files whose keys are found only by reading them.

Comes in: an opened source, and how to find the keys in a block of it. Goes out: `AboutKeys`, which
stands in for all keys until the whole file has been read and its keys counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from embedprep import core
from embedprep.errors import EmbedprepError
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.blocks import Block, key_names
from embedprep.vocabulary.key_convention import AboutKeys, of_marks

if TYPE_CHECKING:
    from embedprep.core.scan import Keys, Scan

_HEAD_BYTES = 64 << 10
"""Dozens of records of text or more. All keys are checked later; with an index little is read."""
_NAMED = 100


def first_keys(
    source: PlainFile | Stream, start: int, scan: Callable[[Block, Keys | None], Scan]
) -> AboutKeys:
    """Return what the first keys of `source` show; its first record begins at byte `start`.

    A stream must be at the position that `start` counts from.
    """
    try:
        head = source.head(start + _HEAD_BYTES)[start:]
    except EmbedprepError:  # raised after the records before it have been read
        head = b""
    block = np.frombuffer(head, np.uint8)
    counted = scan(block, core.load().Keys([]))
    named = key_names(block, scan(block, None))[:_NAMED]
    return AboutKeys(of_marks(counted.marks, len(counted.hashes)), tuple(named), certain=False)
