"""Cut a source of binary records into blocks that begin with a record.

Where a record ends only its own bytes tell, so one thread goes from the first to the last;
another may read ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from embedprep._reference import MAX_KEY_BYTES
from embedprep.errors import InputError
from embedprep.vectors.blocks import Block, page_aligned
from embedprep.vectors.forward import Forward

if TYPE_CHECKING:
    from embedprep._reference import Scan

_PAGE = 4096


class RecordBlocks:
    """Yields blocks, their offsets in the source, and what `scan` found in them.

    `largest` bounds a record. A block is only valid until the next is asked for. What `scan` does
    not consume at the end of a block is moved in front of the next one.
    """

    def __init__(
        self,
        forward: Forward,
        scan: Callable[[Block], Scan],
        *,
        largest: int,
        block_bytes: int,
        ahead: bool = False,
    ) -> None:
        """`ahead`: a thread reads the next block meanwhile; not of a pipe, which may stall."""
        self._forward = forward
        self._scan = scan
        # Each read begins on a page, which is faster; the rest of the last one stands before.
        self._room = -(-largest // _PAGE) * _PAGE
        self._block_bytes = block_bytes
        self._ahead = ahead
        self.rest = b""
        """At the end: what was read and is in no record."""

    def __iter__(self) -> Iterator[tuple[Block, int, Scan]]:
        room, position = self._room, self._forward.position
        for buffer, count in self._reads():
            begin, end = room - len(self.rest), room + count
            buffer[begin:room] = self.rest
            offset = position - len(self.rest)
            position += count
            block = np.frombuffer(buffer[begin:end], np.uint8)
            scan = self._scan(block)
            yield block, offset, scan
            self.rest = bytes(buffer[begin + scan.consumed : end])
            if len(self.rest) > room:
                raise InputError(
                    f"a key of more than {MAX_KEY_BYTES >> 10} KiB",
                    "The file is damaged, or its header is wrong: compare its checksum.",
                    path=self._forward.source.path,
                    byte=offset + scan.consumed,
                )

    def _reads(self) -> Iterator[tuple[memoryview, int]]:
        """A buffer and how many bytes of it are filled, behind `room` free ones."""
        room, read = self._room, self._forward.read_into
        this = self._buffer()
        if not self._ahead:
            while count := read(this[room:]):
                yield this, count
            return
        following = self._buffer()
        with ThreadPoolExecutor(1, thread_name_prefix="embedprep") as pool:
            coming = pool.submit(read, this[room:])
            while count := coming.result():
                coming = pool.submit(read, following[room:])
                yield this, count
                this, following = following, this

    def _buffer(self) -> memoryview:
        return memoryview(page_aligned(self._room + self._block_bytes))
