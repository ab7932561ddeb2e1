"""A source of any kind, read once from start to end."""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.sources.source import PlainFile, Stream


class Forward:
    """A position in a source that only moves on."""

    def __init__(self, source: PlainFile | Stream) -> None:
        self.source = source
        self.position = 0
        self._returned = b""  # bytes of a stream that were read too early and given back

    def read_into(self, buffer: memoryview) -> int:
        """Fill `buffer`; fewer bytes only at the end of the source."""
        if isinstance(self.source, PlainFile):
            filled = self.source.read_into(buffer, self.position)
            self.position += filled
            return filled
        filled = 0
        while filled < len(buffer) and (chunk := self._next(self.source, len(buffer) - filled)):
            buffer[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
        self.position += filled
        return filled

    def read(self, count: int) -> bytes:
        """The next `count` bytes; fewer only at the end of the source."""
        buffer = bytearray(count)
        return bytes(buffer[: self.read_into(memoryview(buffer))])

    def take(self, count: int, what: str) -> bytes:
        """Return the next `count` bytes, which errors call `what`; raise if the source ends."""
        taken = self.read(count)
        if len(taken) < count:
            raise self.cut_off(what)
        return taken

    def give_back(self, data: bytes) -> None:
        """Take back `data`, which was read last; it will be read again."""
        self.position -= len(data)
        if isinstance(self.source, Stream):
            self._returned = data + self._returned

    def skip_to(self, position: int, what: str) -> None:
        """Move on to `position`; raise if the source ends before."""
        if isinstance(self.source, PlainFile):
            if position > self.source.size:
                self.position = self.source.size
                raise self.cut_off(what)
            self.position = position
            return
        while self.position < position:
            chunk = self._next(self.source, min(position - self.position, _SKIPPED_AT_ONCE))
            if not chunk:
                raise self.cut_off(what)
            self.position += len(chunk)

    def skip_to_end(self) -> None:
        """Read the rest of the source: compressed data ends with a checksum."""
        if isinstance(self.source, PlainFile):
            self.position = self.source.size
            return
        while chunk := self._next(self.source, _SKIPPED_AT_ONCE):
            self.position += len(chunk)

    def _next(self, stream: Stream, count: int) -> bytes:
        if not self._returned:
            return stream.read(count)
        chunk, self._returned = self._returned[:count], self._returned[count:]
        return chunk

    def cut_off(self, what: str) -> InputError:
        return InputError(
            f"the file ends within {what}: it is truncated",
            "Download or copy it again.",
            path=self.source.path,
            byte=self.position,
        )


_SKIPPED_AT_ONCE = 1 << 20
