"""A file from which only the wanted records are read, with an index, unless an earlier matrix
already has them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.errors import InputError
from embedprep.indexing.indexable import Indexable
from embedprep.indexing.key_index import KeyIndex
from embedprep.indexing.same_file import SameFile
from embedprep.vectors import Description, Hits
from embedprep.vectors.blocks import Block, ordered, page_aligned
from embedprep.vectors.row_buffers import RowBuffers
from embedprep.vocabulary.key_convention import AboutKeys, of_marks

if TYPE_CHECKING:
    from embedprep.core.scan import Keys
    from embedprep.indexing.reuse import Reuse, Spared

Records = NDArray[np.int64]
"""Record numbers, ascending."""


class Indexed(SameFile):
    """The same `Hits` as the file itself, in other chunks."""

    def __init__(self, indexable: Indexable, index: KeyIndex, reuse: Reuse | None = None) -> None:
        super().__init__(indexable.vectors)
        self._indexable = indexable
        self._index = index
        self._buffers = threading.local()
        self._reuse = reuse

    def about_keys(self) -> AboutKeys:
        keys_are = of_marks(self._index.marks, len(self._index.hashes))
        return self.vectors.about_keys()._replace(keys_are=keys_are, certain=True)

    def describe(self) -> Description:
        """Describe the file; only the index knows the content of all of it."""
        return self.vectors.describe()._replace(fingerprint=self._index.fingerprint)

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        if keys is None:
            yield from self.vectors.hits(None)
            return
        yield self._of_the_whole_file()
        implementation, rows = core.load(), RowBuffers(self.dim)
        work: Callable[[Records], Hits]
        work = partial(self._hits_of, implementation, implementation.Keys(keys), rows)
        records = self._index.records_of(keys)
        known = self._known(keys, records)
        if known is not None:
            work = partial(self._with_known, work, known, rows)
        for found in ordered(work, self._portions(records), self._indexable.threads):
            yield found
            rows.give_back(found.rows)

    def _of_the_whole_file(self) -> Hits:
        """Return a chunk that uses no record, and counts all of them."""
        index = self._index
        return self._no_hits()._replace(
            records=len(index.hashes),
            bytes=self._indexable.file.length(),
            spaced_keys=index.spaced_keys,
            hashes=index.hashes,
            capitals=index.capitals,
            marks=index.marks,
        )

    def _known(self, keys: list[bytes], records: Records) -> Spared | None:
        """Return those of `records` that need not be read."""
        if self._reuse is None:
            return None
        known = self._reuse.of(self.path, self._index, self.dim, self._indexable.first)
        wanted = None if known is None else known.wanted(keys)
        reused = 0 if wanted is None else len(wanted.place)
        self._reuse.tally.reused += reused
        self._reuse.tally.looked_up += len(records) - reused
        return wanted

    def _with_known(
        self,
        read: Callable[[Records], Hits],
        known: Spared,
        rows: RowBuffers,
        records: Records,
    ) -> Hits:
        """Yield the hits of some records; `read` returns those that are not known."""
        known = known.among(records)
        if not len(known.place):
            return read(records)
        others = np.setdiff1d(records, known.place, assume_unique=True)
        hits = read(others) if len(others) else self._no_hits()
        record = np.concatenate([self._indexable.first + known.place, hits.record])
        key = np.concatenate([known.key, hits.key])
        order = np.argsort(record)  # no record is in both, and both ascend
        merged, is_known = rows.take(len(record)), order < len(known.row)
        merged[is_known] = known.matrix[known.row]
        merged[~is_known] = hits.rows
        rows.give_back(hits.rows)
        return hits._replace(key=key[order], record=record[order], rows=merged)

    def _no_hits(self) -> Hits:
        return Hits(
            key=np.empty(0, np.int64),
            record=np.empty(0, np.int64),
            rows=np.empty((0, self.dim), np.float32),
            records=0,
            bytes=0,
        )

    def _portions(self, records: Records) -> Iterator[Records]:
        """Yield `records` in portions of the size of a block; at least one."""
        first, behind = self._ranges(records)
        sizes = np.cumsum(behind - first)
        begin = 0
        while begin < len(records):
            before = sizes[begin - 1] if begin else 0
            end = int(np.searchsorted(sizes, before + self._indexable.block_bytes, side="right"))
            end = max(end, begin + 1)
            yield records[begin:end]
            begin = end

    def _ranges(self, records: Records) -> tuple[Records, Records]:
        """Return the byte ranges of the file that contain them."""
        first = self._index.places[records]
        # Any number of newlines may follow a binary record; they must not claim memory.
        return first, np.minimum(self._index.places[records + 1], first + self._indexable.largest)

    def _hits_of(
        self, implementation: core.Core, keys: Keys, rows: RowBuffers, records: Records
    ) -> Hits:
        """Read the bytes of some records into one block, and scan it."""
        first, behind = self._ranges(records)
        if (
            (first < 0).any()
            or (behind < first).any()
            or (behind > self._indexable.file.size).any()
        ):
            raise self._another_file()
        place = np.concatenate([[0], np.cumsum(behind - first)])
        block = self._memory(int(place[-1]))
        self._read(block, first, behind, place)
        hits = self._indexable.hits(implementation, keys, rows, block)
        # The bytes are those of the indexed records, keys and values, or the index is useless.
        if not (
            np.array_equal(hits.hashes, self._index.hashes[records])
            and np.array_equal(hits.digests.astype(np.uint32), self._index.checks[records])
        ):
            raise self._another_file()
        fault = hits.fault
        if fault is not None:
            k = int(np.searchsorted(place, fault.byte, side="right")) - 1
            fault = fault._replace(
                line=self._indexable.first + int(records[k]) + 1 if self.has_lines else None,
                byte=fault.byte - int(place[k]) + int(first[k]),
                record=self._indexable.first + int(records[k]),
            )
        return Hits(
            key=hits.key,
            record=self._indexable.first + records[hits.record],
            rows=hits.rows,
            records=0,  # counted with the whole file
            bytes=0,
            undecodable=hits.undecodable,
            nonfinite=hits.nonfinite,
            fault=fault,
        )

    def _another_file(self) -> InputError:
        return InputError(
            "it is not the file that was indexed, although it has the same size and time",
            "Make a new index with embedprep index, or build with --no-index.",
            path=self.path,
        )

    def _memory(self, size: int) -> Block:
        """Return uninitialised memory, which the thread may use until its next call."""
        buffer = getattr(self._buffers, "buffer", None)
        if buffer is None or len(buffer) < size:
            buffer = self._buffers.buffer = page_aligned(max(size, self._indexable.block_bytes))
        return np.frombuffer(buffer, np.uint8, size)

    def _read(self, block: Block, first: Records, behind: Records, place: Records) -> None:
        """Read the bytes `first` to `behind` into the block at `place`; join adjacent records."""
        begins = np.flatnonzero(np.concatenate([[True], first[1:] != behind[:-1]]))
        ends = np.concatenate([begins[1:], [len(first)]])
        self._indexable.file.read_ranges(block, first[begins], place[begins], place[ends])
