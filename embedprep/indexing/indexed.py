"""A text file of which only the wanted records are read, with the help of an index."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.errors import InputError
from embedprep.indexing.indexable import Indexable
from embedprep.indexing.key_index import KeyIndex
from embedprep.vectors import Hits
from embedprep.vectors.blocks import Block, ordered, page_aligned
from embedprep.vectors.row_buffers import RowBuffers
from embedprep.vectors.text import TextVectors, block_hits

Records = NDArray[np.int64]
"""Numbers of records, ascending."""


class IndexedText(TextVectors):
    """The same `Hits` as the file itself, in other chunks."""

    def __init__(self, vectors: Indexable, index: KeyIndex) -> None:
        text = vectors.text
        super().__init__(text.source, text.layout, text.threads, text.block_bytes)
        self._file = vectors.file
        self._index = index
        self._buffers = threading.local()

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        if keys is None:
            yield from super().hits(None)
            return
        yield self._of_the_whole_file()
        implementation, rows = core.load(), RowBuffers(self.dim)
        scan = partial(
            block_hits, implementation, implementation.Keys(keys), self.layout, rows, offset=0
        )
        chosen = self._portions(self._index.records_of(keys))
        for found in ordered(partial(self._hits_of, scan), chosen, self.threads):
            yield found
            rows.give_back(found.rows)

    def _of_the_whole_file(self) -> Hits:
        """No record is used, and all are counted."""
        index = self._index
        return Hits(
            key=np.empty(0, np.int64),
            record=np.empty(0, np.int64),
            rows=np.empty((0, self.dim), np.float32),
            records=len(index.hashes),
            bytes=self.source.length(),
            spaced_keys=index.spaced_keys,
            hashes=index.hashes,
            capitals=index.capitals,
        )

    def _portions(self, records: Records) -> Iterator[Records]:
        """`records`, as many at a time as make a block; always one."""
        places = self._index.places
        behind = np.cumsum(places[records + 1] - places[records])
        begin = 0
        while begin < len(records):
            before = behind[begin - 1] if begin else 0
            end = int(np.searchsorted(behind, before + self.block_bytes, side="right"))
            end = max(end, begin + 1)
            yield records[begin:end]
            begin = end

    def _hits_of(self, scan: partial[Hits], records: Records) -> Hits:
        """Those of some records, read one behind the other into one block."""
        index = self._index
        first, behind = index.places[records], index.places[records + 1]
        place = np.concatenate([[0], np.cumsum(behind - first)])
        block = self._memory(int(place[-1]))
        self._read(block.data, first, behind, place)
        hits = scan(block)
        # The bytes are those of the records that were indexed, or the index says nothing of them.
        if not np.array_equal(hits.hashes, index.hashes[records]):
            raise InputError(
                "it is not the file that was indexed, but has its size and time",
                "Make the index anew with embedprep index, or build with --no-index.",
                path=self.path,
            )
        fault = hits.fault
        if fault is not None and fault.line is not None:
            k = fault.line - 1
            fault = replace(
                fault,
                line=self.layout.lines_before + int(records[k]) + 1,
                byte=fault.byte - int(place[k]) + int(first[k]),
            )
        return replace(
            hits,
            record=self.layout.lines_before + records[hits.record],
            fault=fault,
            # Counted with the whole file:
            records=0,
            bytes=0,
            spaced_keys=0,
            hashes=np.empty(0, np.int64),
            capitals=False,
        )

    def _memory(self, size: int) -> Block:
        """Undefined bytes, which the thread may use until it asks again."""
        buffer = getattr(self._buffers, "buffer", None)
        if buffer is None or len(buffer) < size:
            buffer = self._buffers.buffer = page_aligned(max(size, self.block_bytes))
        return np.frombuffer(buffer, np.uint8, size)

    def _read(self, block: memoryview, first: Records, behind: Records, place: Records) -> None:
        """The bytes `first` to `behind` of the file to `place` in the block; of records that are
        neighbours at once.
        """
        begins = np.flatnonzero(np.concatenate([[True], first[1:] != behind[:-1]]))
        ends = [*begins[1:].tolist(), len(first)]
        offsets = first[begins].tolist()
        ranges = zip(offsets, place[begins].tolist(), place[ends].tolist(), strict=True)
        self._file.read_ranges(block, ranges)
