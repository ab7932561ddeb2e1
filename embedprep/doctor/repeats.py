"""Which keys came before, in a few bytes a key."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_FIRST_SLOTS = 1 << 16
_AT_ONCE = 1 << 16
_FREE = np.uint64(0)


class Repeats:
    """The 64-bit hashes of all keys so far: 11 to 21 bytes a key, however long it is.

    In one of four million files of three million keys, one key is taken for another. The
    hash is not Python's own, which differs from run to run.
    """

    def __init__(self) -> None:
        # Open addressing, linear probing; a slot that is 0 is free. At most 3/4 are taken.
        self._slots = np.zeros(_FIRST_SLOTS, np.uint64)
        self._taken = 0

    def among(self, keys: Sequence[bytes]) -> NDArray[np.int64]:
        """Return the indices, ascending, of `keys` that came before, in this call or others."""
        hashes, first = np.unique(_hashes(keys), return_index=True)
        again = np.ones(len(keys), bool)
        again[first] = False
        while 4 * (self._taken + len(hashes)) > 3 * len(self._slots):
            self._grow()
        known = _insert(self._slots, hashes)
        self._taken += len(hashes) - int(np.count_nonzero(known))
        again[first[known]] = True
        return np.flatnonzero(again)

    def _grow(self) -> None:
        taken = self._slots[self._slots != _FREE]
        self._slots = np.zeros(2 * len(self._slots), np.uint64)
        for begin in range(0, len(taken), _AT_ONCE):
            _insert(self._slots, taken[begin : begin + _AT_ONCE])


def _hashes(keys: Sequence[bytes]) -> NDArray[np.uint64]:
    digests = b"".join([blake2b(key, digest_size=8).digest() for key in keys])
    return np.maximum(np.frombuffer(digests, "<u8").astype(np.uint64, copy=False), np.uint64(1))


def _insert(slots: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Insert `hashes`, all different; return which were there before."""
    last = len(slots) - 1
    slot = (hashes & np.uint64(last)).astype(np.int64)
    known = np.zeros(len(hashes), bool)
    pending = np.arange(len(hashes))
    while len(pending):
        place, wanted = slot[pending], hashes[pending]
        occupant = slots[place]
        known[pending[occupant == wanted]] = True
        free = occupant == _FREE
        slots[place[free]] = wanted[free]  # of several that want one slot, one gets it
        pending = pending[slots[place] != wanted]
        slot[pending] = (slot[pending] + 1) & last
    return known
