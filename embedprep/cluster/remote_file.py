"""A file at an address, of which a worker reads parts."""

from __future__ import annotations

import mmap
from dataclasses import replace

from embedprep.cluster.place import Place
from embedprep.errors import UsageError
from embedprep.sources.remote import fetched, remote_at
from embedprep.sources.source import SAMPLE_BYTES, PlainFile, fingerprint_of


class RemoteFile(PlainFile):
    """The same as a plain file, with one request per read."""

    def __init__(self, place: Place) -> None:
        self.path = place.shown
        try:
            self._remote = remote_at(place.name)
        except UsageError as error:
            raise replace(error, reason=f"a worker cannot read it: {error.reason}") from None
        try:
            # The answer also contains the size of the whole file.
            self._head = self._sample(0, min(SAMPLE_BYTES, place.size))
        except BaseException:
            self.close()
            raise
        self.size = self._remote.size or 0

    def read_into(self, buffer: bytearray | memoryview | mmap.mmap, offset: int) -> int:
        size = self._remote.size
        end = offset + len(buffer) if size is None else min(offset + len(buffer), size)
        position = 0
        for piece in fetched(self._remote, offset, end):
            buffer[position : position + len(piece)] = piece
            position += len(piece)
        return position

    def fingerprint(self) -> str:
        # Everything that is read is of the same version as the head.
        return fingerprint_of(self.size, self._head, self.tail())

    def close(self) -> None:
        self._remote.close()
