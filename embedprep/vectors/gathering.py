"""Small chunks joined into larger ones: what a chunk costs its taker is paid once for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from embedprep.errors import EmbedprepError
from embedprep.vectors.hits import Hits, no_numbers

ENOUGH_BYTES = 1 << 20
"""Of vectors and hashes. A chunk that has them is not copied."""


def gathered(chunks: Iterable[Hits], progress: Callable[[int], object]) -> Iterator[Hits]:
    """The hits of `chunks` for wanted keys in the same order, without what only an index needs.

    Calls `progress` with the bytes of each chunk as it comes. An error comes behind the hits that
    stand before it.
    """
    small: list[Hits] = []
    waiting = 0
    try:
        for hits in chunks:
            progress(hits.bytes)
            size = hits.rows.nbytes + hits.hashes.nbytes
            alone = hits.composed or size >= ENOUGH_BYTES
            if not alone:
                # The memory of the rows is used again for the next chunk.
                small.append(replace(hits, rows=hits.rows.copy(), places=no_numbers()))
                waiting += size
            if small and (alone or hits.fault is not None or waiting >= ENOUGH_BYTES):
                yield _joined(small)
                small, waiting = [], 0
            if alone:
                yield hits
    except EmbedprepError:
        if small:
            yield _joined(small)
        raise
    if small:
        yield _joined(small)


def _joined(chunks: list[Hits]) -> Hits:
    if len(chunks) == 1:
        return chunks[0]
    return Hits(
        key=np.concatenate([hits.key for hits in chunks]),
        record=np.concatenate([hits.record for hits in chunks]),
        rows=np.concatenate([hits.rows for hits in chunks]),
        records=sum(hits.records for hits in chunks),
        bytes=sum(hits.bytes for hits in chunks),
        malformed=sum(hits.malformed for hits in chunks),
        undecodable=np.concatenate([hits.undecodable for hits in chunks]),
        nonfinite=np.concatenate([hits.nonfinite for hits in chunks]),
        spaced_keys=sum(hits.spaced_keys for hits in chunks),
        fault=next((hits.fault for hits in chunks if hits.fault is not None), None),
        hashes=np.concatenate([hits.hashes for hits in chunks]),
        capitals=any(hits.capitals for hits in chunks),
        lines=sum(hits.lines for hits in chunks),
    )
