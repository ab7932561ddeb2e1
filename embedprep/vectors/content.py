"""What a vector file is known by again: its fingerprint.

Comes in: the chunks of a file that is read from start to end, in order. Goes out: the fingerprint
for its description. The fingerprint of a text or a word2vec `.bin` covers every line or record: the
core makes a digest of each while it scans it, and these are hashed here. From any other format a
build reads only the wanted rows, so its fingerprint covers the size, the start and the end.

It finds accidents. It does not stop an attacker, who can make two files with the same digests.
"""

from __future__ import annotations

import hashlib

from embedprep.vectors.hits import Hits


class Content:
    """The lines or records that have been read so far."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=32)

    def add(self, hits: Hits) -> None:
        """Add the next chunk of the file."""
        self._hash.update(hits.digests.astype("<i8", copy=False).data)

    def fingerprint(self, ends: str) -> str:
        """Return the fingerprint of a file that is read; `ends` is that of its size and ends."""
        whole = self._hash.copy()
        whole.update(ends.encode())
        return whole.hexdigest()
