"""The fingerprint of a vector file, by which a later build recognises it.

Comes in: the chunks of a file that is read from start to end, in order. Goes out: the fingerprint
for its description. The fingerprint of a text or a word2vec `.bin` covers every line or record: the
core makes a digest of each while it scans it, and these are the coefficients of a polynomial, whose
value at one point is kept. From any other format a build reads only the wanted rows, so its
fingerprint covers the size, the start and the end.

It finds accidents. It does not stop an attacker, who can make two files with the same digests.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from embedprep.vectors.hits import Hits

_POINT = 0xD1342543DE82EF95
"""5 modulo 8, so that its powers modulo 2**64 repeat only after 2**62 of them."""
_MODULUS = 1 << 64
_AT_ONCE = 1 << 14
"""A call of NumPy for each chunk would cost the reader more in waiting for the workers' threads."""


class Content:
    """The lines or records that have been read so far."""

    def __init__(self) -> None:
        self._value = self._count = 0
        self._powers = np.ones(1, np.uint64)  # descending, the last one is 1
        self._waiting: list[NDArray[np.int64]] = []
        self._lines = 0  # how many of them wait

    def add(self, hits: Hits) -> None:
        """Add the next chunk of the file, wherever the chunks are cut."""
        self._waiting.append(hits.digests.copy())  # which does not keep all of a scan in memory
        self._lines += len(hits.digests)
        if self._lines >= _AT_ONCE:
            self._take_in()

    def _take_in(self) -> None:
        """Take in the lines that wait."""
        digests = np.concatenate([np.empty(0, np.int64), *self._waiting]).view(np.uint64)
        self._waiting, self._lines = [], 0
        count = len(digests)
        if count >= len(self._powers):
            self._powers = _powers(2 * count)
        own = int(np.dot(digests, self._powers[len(self._powers) - count :]))
        self._value = (self._value * pow(_POINT, count, _MODULUS) + own) % _MODULUS
        self._count += count

    def fingerprint(self, ends: str) -> str:
        """Return the fingerprint of a file that is read; `ends` is that of its size and ends."""
        self._take_in()
        whole = f"{self._count} {self._value:016x} {ends}"
        return hashlib.blake2b(whole.encode(), digest_size=32).hexdigest()


def _powers(count: int) -> NDArray[np.uint64]:
    """Return the powers of the point below `count`, the highest first, modulo 2**64."""
    powers = np.full(count, _POINT, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)[::-1].copy()
