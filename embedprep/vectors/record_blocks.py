"""Cut a source of binary records into blocks that begin with a record.

Only the bytes of a record show where it ends, so one thread goes from the first to the last. A
second thread that reads ahead was tried: handing the blocks over cost more than it saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from embedprep.core.scan import MAX_KEY_BYTES
from embedprep.errors import InputError
from embedprep.vectors.blocks import Block, page_aligned
from embedprep.vectors.forward import Forward

if TYPE_CHECKING:
    from embedprep.core.scan import Scan

_PAGE = 4096


class RecordBlocks:
    """Yields blocks, their offsets in the source, and what `scan` found in them.

    `largest` is the largest size of a record. A block is only valid until the next but one is
    requested. Bytes at the end of a block that `scan` does not consume are moved to the start of
    the next one.
    """

    def __init__(
        self,
        forward: Forward,
        scan: Callable[[Block], Scan],
        *,
        largest: int,
        block_bytes: int,
    ) -> None:
        self._forward = forward
        self._scan = scan
        # Each read begins on a page, which is faster; the rest of the last one comes before it.
        self._room = -(-largest // _PAGE) * _PAGE
        self._block_bytes = block_bytes
        self.rest = b""
        """The bytes at the end of the file that belong to no record."""

    def __iter__(self) -> Iterator[tuple[Block, int, Scan]]:
        room, forward = self._room, self._forward
        buffer, other = (memoryview(page_aligned(room + self._block_bytes)) for _ in range(2))
        while count := forward.read_into(buffer[room:]):
            begin, end = room - len(self.rest), room + count
            offset = forward.position - (end - begin)
            buffer[begin:room] = self.rest
            block = np.frombuffer(buffer[begin:end], np.uint8)
            scan = self._scan(block)
            yield block, offset, scan
            self.rest = bytes(buffer[begin + scan.consumed : end])
            if len(self.rest) > room:
                raise InputError(
                    f"a key of more than {MAX_KEY_BYTES >> 10} KiB",
                    "The file is damaged, or its header is wrong: compare its checksum.",
                    path=forward.source.path,
                    byte=offset + scan.consumed,
                )
            buffer, other = other, buffer
