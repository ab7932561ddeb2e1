"""The keys to look up, in the form that a worker has them."""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np

from embedprep import core

if TYPE_CHECKING:
    from embedprep.core.scan import Keys


class Wanted:
    """Keys and their lookup table, which each worker builds once and never receives.

    A worker keeps one such object for all tasks, in any of its threads.
    """

    def __init__(self, keys: list[bytes] | None) -> None:
        self._keys = keys
        self._table: Keys | None = None
        self._lock = threading.Lock()

    @staticmethod
    def unpacked(packed: bytes | None) -> Wanted:
        """Unpack `packed(keys)`, once for all tasks of a worker."""
        with _making:
            return _unpacked(packed)

    @classmethod
    def of(cls, packed: bytes | None) -> Self:
        """Unpack `packed(keys)`."""
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


_making = threading.Lock()


@lru_cache(maxsize=2)
def _unpacked(packed: bytes | None) -> Wanted:
    return Wanted.of(packed)


def packed(keys: list[bytes] | None) -> bytes | None:
    """Pack the keys into one object, because dask would look into each item of a list.

    It contains the number of the keys, the length of each, and the keys themselves.
    """
    if keys is None:
        return None
    lengths = np.array([len(keys), *map(len, keys)], "<i8")
    return b"".join([lengths.tobytes(), *keys])
