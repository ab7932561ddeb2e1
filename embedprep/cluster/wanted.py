"""The keys to look for, as they stand on a worker."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np

from embedprep import core

if TYPE_CHECKING:
    from embedprep.core.scan import Keys


class Wanted:
    """Keys, and the table of them, made once where they are and never sent.

    A worker keeps one such object for all tasks, in whichever thread they run.
    """

    def __init__(self, keys: list[bytes] | None) -> None:
        self._keys = keys
        self._table: Keys | None = None
        self._lock = threading.Lock()

    @classmethod
    def unpacked(cls, packed: bytes | None) -> Self:
        """From `packed(keys)`."""
        if packed is None:
            return cls(None)
        count = int.from_bytes(packed[:8], "little")
        ends = np.cumsum(np.frombuffer(packed, "<i8", count, 8)) + 8 * (count + 1)
        bounds = [8 * (count + 1), *ends.tolist()]
        return cls([packed[begin:end] for begin, end in pairwise(bounds)])

    def table(self, implementation: core.Core) -> Keys | None:
        with self._lock:
            if self._table is None and self._keys is not None:
                self._table = implementation.Keys(self._keys)
            return self._table

    def __reduce__(self) -> tuple[type[Self], tuple[list[bytes] | None]]:
        return type(self), (self._keys,)

    def __sizeof__(self) -> int:
        """About, for a worker that has to decide what it holds in memory."""
        return 2 * sum(64 + len(key) for key in self._keys or ())


def packed(keys: list[bytes] | None) -> bytes | None:
    """As one object, since dask would look into each item of a list: the number of the keys, the
    length of each, and the keys themselves.
    """
    if keys is None:
        return None
    lengths = np.array([len(keys), *map(len, keys)], "<i8")
    return b"".join([lengths.tobytes(), *keys])
