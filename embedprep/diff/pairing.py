"""Which rows of two matrices belong to the same token.

A token that stands at several rows is paired by occurrence: its first row in the one with its
first row in the other, and so on. Rows without a token take no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.annotations import Strings

RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairing:
    """The rows of the tokens that both have, and of those that only one has, ascending."""

    before: RowNumbers
    """Shape (pairs,), ascending."""
    after: RowNumbers
    """The row of the same token, shape (pairs,)."""
    removed: RowNumbers
    added: RowNumbers


def pair(before: Strings, after: Strings) -> Pairing:
    old_rows, new_rows = _rows_with_token(before), _rows_with_token(after)
    if _equal(before, after):  # nearly always where two builds are compared
        none = old_rows[:0]
        return Pairing(old_rows, new_rows, none, none)
    place = dict(zip(_names(after), new_rows.tolist(), strict=True))
    found = np.fromiter(map(place.get, _names(before), repeat(-1)), np.int64, len(old_rows))
    kept = found >= 0
    only_after = np.zeros(len(after), bool)
    only_after[new_rows] = True
    only_after[found[kept]] = False
    return Pairing(
        before=old_rows[kept],
        after=found[kept],
        removed=old_rows[~kept],
        added=np.flatnonzero(only_after),
    )


def _equal(before: Strings, after: Strings) -> bool:
    return np.array_equal(before.offsets, after.offsets) and np.array_equal(before.text, after.text)


def _rows_with_token(tokens: Strings) -> RowNumbers:
    return np.flatnonzero(np.diff(np.asarray(tokens.offsets)))


def _names(tokens: Strings) -> list[bytes]:
    """The token of each row that has one, and to a repeated one added which time it comes."""
    text, offsets = tokens.text.tobytes(), tokens.offsets.tolist()
    names = [text[start:stop] for start, stop in pairwise(offsets) if start < stop]
    if len(set(names)) == len(names):
        return names
    times: dict[bytes, int] = {}
    for i, name in enumerate(names):
        times[name] = time = times.get(name, -1) + 1
        if time:
            names[i] = name + b"\xff%d" % time  # 0xff is in no UTF-8
    return names
