"""The two kinds of sources: a plain file, or a stream that is read once."""

from __future__ import annotations

import hashlib
import mmap
import os
import stat
import time
from io import BufferedIOBase
from typing import TYPE_CHECKING

from embedprep import _platform, core
from embedprep.errors import InputError, unreadable
from embedprep.sources.state import State, changed, check

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_BYTES = 64 * 1024
"""The size of the head and of the tail that a fingerprint covers."""


def fingerprint_of(size: int, head: bytes, tail: bytes) -> str:
    """Return a fingerprint of the size and the two ends of a file of `size` bytes."""
    return hashlib.sha256(b"%d\n" % size + head + tail).hexdigest()


class PlainFile:
    """A regular file: any thread can read any range of it."""

    compression: str | None = None

    def __init__(self, path: str, fd: int) -> None:
        self.path = path
        self._fd = fd
        self.state = State.of(fd)
        self.size = self.state.size

    def head(self, count: int) -> bytes:
        """Return the first `count` bytes, fewer only if the file is shorter."""
        return self._sample(0, min(count, self.size))

    def read_into(self, buffer: bytearray | memoryview | mmap.mmap, offset: int) -> int:
        """Fill `buffer` from `offset`, up to the end that the file had when it was opened."""
        wanted = min(len(buffer), self.size - offset)
        try:
            got = _platform.read_at(self._fd, memoryview(buffer)[:wanted], offset)
        except OSError as error:
            raise unreadable(self.path, error, byte=offset) from error
        if got < wanted:
            raise changed(self.path)
        return got

    def read_ranges(
        self,
        memory: NDArray[np.uint8],
        offset: NDArray[np.int64],
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> None:
        """Fill `memory[begin:end]` from each `offset`."""
        missing = core.load().read_ranges(self._fd, memory, offset, begin, end)
        for i in missing.tolist():
            self.read_into(memory[begin[i] : end[i]].data, int(offset[i]))  # or raise the error

    def fingerprint(self) -> str:
        """Return the fingerprint; raise if something wrote to the file while it was read."""
        if not self.state.is_same(State.of(self._fd)):
            raise changed(self.path)
        return fingerprint_of(self.size, self.head(SAMPLE_BYTES), self.tail())

    def tail(self) -> bytes:
        """Return the last 64 KiB, or all of a shorter file."""
        count = min(SAMPLE_BYTES, self.size)
        return self._sample(self.size - count, count)

    def length(self) -> int:
        """The size of the file in bytes; for a stream, the number of bytes read so far."""
        return self.size

    def advanced(self, count: int) -> int:
        """Return how many bytes of the file the last `count` bytes of content took."""
        return count

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _sample(self, offset: int, count: int) -> bytes:
        buffer = bytearray(count)
        self.read_into(buffer, offset)
        return bytes(buffer)


class Stream:
    """A pipe, a device or a connection: bytes come once, in order."""

    compression: str | None = None
    size: int | None = None

    def __init__(self, path: str, file: BufferedIOBase) -> None:
        self.path = path
        self._file = file
        self._pending = b""  # read for `head`, not yet handed out
        self._head = b""
        self._tail = b""
        self.consumed = 0

    def head(self, count: int) -> bytes:
        """Return the next `count` bytes, which `read` will return again."""
        while len(self._pending) < count and (chunk := self._read_raw(count)):
            self._pending += chunk
        return self._pending[:count]

    def read(self, count: int, patience: float | None = None) -> bytes:
        """Return at most `count` bytes, none only at the end.

        There are fewer only at the end, or if they have not come within `patience` seconds.
        """
        chunk, self._pending = self._pending[:count], self._pending[count:]
        chunk = chunk or self._read_raw(count, patience)
        self.consumed += len(chunk)
        self._head += chunk[: SAMPLE_BYTES - len(self._head)]
        self._tail = (self._tail + chunk[-SAMPLE_BYTES:])[-SAMPLE_BYTES:]
        return chunk

    def fingerprint(self) -> str:
        return fingerprint_of(self.consumed, self._head, self._tail)

    def tail(self) -> bytes:
        """Return the last 64 KiB read, or all of a shorter stream."""
        return self._tail

    def length(self) -> int:
        return self.consumed

    def advanced(self, count: int) -> int:
        return count

    def close(self) -> None:
        if self.path != "-":  # standard input is not ours to close
            self._file.close()

    def _read_raw(self, count: int, patience: float | None = None) -> bytes:
        try:
            return self._read_parts(count, patience)
        except OSError as error:
            raise unreadable(self.path, error, byte=self.consumed) from error

    def _read_parts(self, count: int, patience: float | None) -> bytes:
        # `read` would loop inside C, where a signal between two of its calls goes unnoticed until
        # the next bytes come.
        parts = []
        until = None if patience is None else time.monotonic() + patience
        while count and (part := self._file.read1(count)):
            parts.append(part)
            count -= len(part)
            if until is not None and time.monotonic() > until:
                break
        return b"".join(parts)


class Download(Stream):
    """A stream that can continue at another position, at the cost of a new connection each time."""

    def __init__(
        self,
        path: str,
        file: BufferedIOBase,
        size: int | None,
        version: tuple[str | None, ...] | None = None,
    ) -> None:
        super().__init__(path, file)
        self.size = size
        self.version = version
        """The server's names for this version of the file, such as an ETag."""
        self._is_whole = True  # read from the start to the end, so far

    def seek(self, offset: int) -> None:
        """Make `read` continue at `offset`. Only possible if `size` is known."""
        self._file.seek(offset)
        self._pending, self._is_whole, self.consumed = b"", False, offset

    def length(self) -> int:
        return self.consumed if self._is_whole else self.size or 0

    def fingerprint(self) -> str:
        if self._is_whole:
            return super().fingerprint()
        size = self.length()
        self.seek(0)
        head = self.read(SAMPLE_BYTES)
        self.seek(max(size - SAMPLE_BYTES, 0))
        return fingerprint_of(size, head, self.read(SAMPLE_BYTES))


def open_file(path: str) -> PlainFile | Stream:
    """Open a file, a pipe or a device for reading."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        mode = os.fstat(fd).st_mode
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISREG(mode):
        file = PlainFile(path, fd)
        try:
            check(path, file.state)
        except BaseException:
            file.close()
            raise
        return file
    if stat.S_ISDIR(mode):
        os.close(fd)
        raise InputError("this is a directory", "Name the vector file inside it.", path=path)
    return Stream(path, os.fdopen(fd, "rb"))
