"""Join small chunks into larger ones, so the cost of taking a chunk is paid once for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from embedprep.errors import EmbedprepError
from embedprep.vectors.hits import Hits, no_marks

ENOUGH_BYTES = 1 << 20
"""The size of vectors and hashes from which a chunk is passed on without copying."""


def gathered(chunks: Iterable[Hits], progress: Callable[[int], object]) -> Iterator[Hits]:
    """Yield the hits of `chunks` for wanted keys, in order, without data for an index.

    Calls `progress` with the bytes of each chunk as it comes. An error is raised after the hits
    before it.
    """
    small = _Small()
    try:
        for hits in chunks:
            progress(hits.bytes)
            size = hits.rows.nbytes + hits.hashes.nbytes
            alone = hits.composed or len(hits.untrained) > 0 or size >= ENOUGH_BYTES
            if not alone:
                small.add(hits, size)
            if small.chunks and (alone or hits.fault is not None or small.size >= ENOUGH_BYTES):
                yield small.joined()
            if alone:
                yield hits
    except EmbedprepError:
        if small.chunks:
            yield small.joined()
        raise
    if small.chunks:
        yield small.joined()


class _Small:
    """Small chunks that wait to be joined."""

    def __init__(self) -> None:
        self.chunks: list[Hits] = []
        self.size = 0
        self._rows = np.empty((0, 0), np.float32)

    def add(self, hits: Hits, size: int) -> None:
        """Add a chunk of `size` bytes. It is too small, and so are all waiting chunks together."""
        dim = hits.rows.shape[1]
        if not self._rows.size:  # Reused: fresh memory would cost more than copying.
            self._rows = np.empty((2 * ENOUGH_BYTES // (4 * dim) + 1, dim), np.float32)
        begin = sum(len(chunk.key) for chunk in self.chunks)
        self._rows[begin : begin + len(hits.rows)] = hits.rows
        self.chunks.append(hits)
        self.size += size

    def joined(self) -> Hits:
        """Join all waiting chunks; none waits any more."""
        chunks = self.chunks
        self.chunks, self.size = [], 0
        key = np.concatenate([hits.key for hits in chunks])
        return Hits(
            key=key,
            record=np.concatenate([hits.record for hits in chunks]),
            rows=self._rows[: len(key)],
            records=sum(hits.records for hits in chunks),
            bytes=sum(hits.bytes for hits in chunks),
            malformed=sum(hits.malformed for hits in chunks),
            undecodable=np.concatenate([hits.undecodable for hits in chunks]),
            nonfinite=np.concatenate([hits.nonfinite for hits in chunks]),
            spaced_keys=sum(hits.spaced_keys for hits in chunks),
            fault=next((hits.fault for hits in chunks if hits.fault is not None), None),
            hashes=np.concatenate([hits.hashes for hits in chunks]),
            capitals=any(hits.capitals for hits in chunks),
            marks=sum((hits.marks for hits in chunks), no_marks()),
            lines=sum(hits.lines for hits in chunks),
        )
