"""A file at an address, of which a worker reads parts."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import replace

from embedprep.cluster.place import Place
from embedprep.errors import UsageError
from embedprep.sources.remote import fetched, remote_at
from embedprep.sources.source import SAMPLE_BYTES, PlainFile, fingerprint_of


class RemoteFile(PlainFile):
    """The same as a plain file, for reads that go forward: they share one request."""

    def __init__(self, place: Place, until: int) -> None:
        """`until` is the end of the last read, as far as it is known."""
        self.path, self.size = place.shown, place.size
        self._fingerprint, self._until = place.fingerprint, until
        self._held, self._start = bytearray(), 0
        """Bytes that have come, and where they begin in the file."""
        self._coming: Iterator[bytes] = iter(())
        """The bytes after `_held`, as they come."""
        try:
            self._remote = remote_at(place.name)
        except UsageError as error:
            raise replace(error, reason=f"a worker cannot read it: {error.reason}") from None
        self._remote.expect(place.size, place.version)

    def read_into(self, buffer: bytearray | memoryview | mmap.mmap, offset: int) -> int:
        wanted = min(len(buffer), self.size - offset)
        if not self._start <= offset <= self._start + len(self._held):
            self._held.clear()
            self._start, self._coming = offset, iter(())
        del self._held[: offset - self._start]
        self._start = offset
        while len(self._held) < wanted:
            piece = next(self._coming, b"")
            if not piece:  # the first request, or a line that goes on after its end
                end = min(max(self._until, offset + wanted), self.size)
                self._coming = fetched(self._remote, offset + len(self._held), end)
            self._held += piece
        buffer[:wanted] = self._held[:wanted]
        return wanted

    def fingerprint(self) -> str:
        # Everything that is read is of the version that the client has opened.
        return self._fingerprint

    def fingerprint_there(self) -> str:
        """Return the fingerprint of the file that the server gives to this worker."""
        return fingerprint_of(self.size, self.head(SAMPLE_BYTES), self.tail())

    def close(self) -> None:
        self._remote.close()
