"""One opener for each way to compress or to archive: a source in, a file of its content out.

An opener takes the source, and the wanted member of an archive.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, Protocol, cast

from embedprep.named_tuples import NamedTuple
from embedprep.sources.source import Download, PlainFile, Stream


class SourceFile(io.RawIOBase):
    """A source in the form that decompressors need: a file with a position."""

    def __init__(self, source: PlainFile | Stream) -> None:
        self._source = source
        self._download: Download | None = None  # the download to jump in
        self._connected_at = 0  # the position of its next byte
        self.path = source.path
        self.position = 0
        self.taken = 0
        """The number of bytes read so far; bytes read twice count twice."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return isinstance(self._source, PlainFile) or self._download is not None

    def jump(self) -> None:
        """Make downloads seekable as well, where each jump is a new connection."""
        if isinstance(self._source, Download) and self._source.size is not None:
            self._download, self._connected_at = self._source, -1

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        if isinstance(self._source, PlainFile):
            rest = max(self._source.size - self.position, 0)
            count = self._source.read_into(view[:rest], self.position)
        else:
            if self._download is not None and self._connected_at != self.position:
                self._download.seek(self.position)
            chunk = self._source.read(len(view))
            count = len(chunk)
            view[:count] = chunk
        self.position += count
        self.taken += count
        self._connected_at = self.position
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if not self.seekable():
            raise io.UnsupportedOperation("a pipe has no positions")
        end = self._source.size or 0
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: end}[whence]
        if base + offset < 0:
            raise OSError("a position before the start of the file")
        self.position = base + offset
        return self.position

    def tell(self) -> int:
        return self.position


class Decompressor(Protocol):
    """The interface of one compressed stream in the standard library, for bzip2, xz and zstd."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Streams(io.RawIOBase):
    """Compressed streams, one after the other, as `cat` and parallel compressors write them.

    The library's own files ignore data after a stream unless it begins like another one, so a
    flipped bit there makes them end early. Here it is an error.
    """

    def __init__(self, raw: SourceFile, new: Callable[[], Decompressor]) -> None:
        self._raw = raw
        self._new = new
        self._current = new()
        self._rest = b""
        self._failed: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read on; after an error, raise it again: the library would then complain of its use."""
        if self._failed is not None:
            raise self._failed
        try:
            content = self._next(len(buffer))
        except Exception as error:
            self._failed = error
            raise
        buffer[: len(content)] = content
        return len(content)

    def _next(self, count: int) -> bytes:
        """Return up to `count` bytes; nothing at the end."""
        content = b""
        while not content:
            if self._current.eof:
                # xz pads a stream with zeros, and no stream of any kind begins with one.
                rest = self._current.unused_data.lstrip(b"\0")
                while not rest:
                    chunk = self._raw.read(_CHUNK_BYTES)
                    if not chunk:
                        return b""
                    rest = chunk.lstrip(b"\0")
                self._current, self._rest = self._new(), rest
            data = b""
            if self._current.needs_input:
                data, self._rest = self._rest or self._raw.read(_CHUNK_BYTES) or b"", b""
                if not data:
                    raise EOFError("the end is missing")
            content = self._current.decompress(data, count)
        return content


_CHUNK_BYTES = 1 << 18
_MAX_WINDOW_BYTES = 256 << 20
"""More than `xz -9` needs, far less than a hostile header may ask for."""
_THREAD_BYTES = 4 << 20
"""How much a decompressing thread hands over at once; with 1 MiB a build takes a tenth longer."""


class Content(NamedTuple):
    """The result of an opener."""

    file: io.BufferedIOBase
    errors: tuple[type[Exception], ...]
    """The exceptions of the library for bad data, besides EOFError, OSError and zlib's error."""
    size: int | None = None
    """How many bytes of the file it takes, if they are fewer than the file's."""


def _gzip(raw: SourceFile, member: str | None) -> Content:
    from isal import igzip_threaded, isal_zlib

    # A thread of its own makes the content of a file while it is scanned. A pipe may stall, and
    # that thread would keep a user who gives up waiting for it.
    file = igzip_threaded.open(  # type: ignore[no-untyped-call]
        cast("BinaryIO", raw), "rb", threads=int(raw.seekable()), block_size=_THREAD_BYTES
    )
    return Content(file, (cast("type[Exception]", isal_zlib.error),))


def _bzip2(raw: SourceFile, member: str | None) -> Content:
    import bz2

    return Content(io.BufferedReader(Streams(raw, bz2.BZ2Decompressor)), ())


def _xz(raw: SourceFile, member: str | None) -> Content:
    import lzma

    new = partial(lzma.LZMADecompressor, memlimit=_MAX_WINDOW_BYTES)
    return Content(io.BufferedReader(Streams(raw, new)), (lzma.LZMAError,))


def _zstd(raw: SourceFile, member: str | None) -> Content:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return Content(io.BufferedReader(Streams(raw, zstd.ZstdDecompressor)), (zstd.ZstdError,))


def _zip(raw: SourceFile, member: str | None) -> Content:
    import lzma
    import zipfile

    from embedprep.sources import zip_archive

    raw.jump()
    file, size = zip_archive.open_member(raw, raw.path, member)
    # LZMA data in a zip says how large a window it needs, and this library sets no limit.
    return Content(file, (zipfile.BadZipFile, lzma.LZMAError, MemoryError), size)


def _tar(raw: SourceFile, member: str | None) -> Content:
    import tarfile

    from embedprep.sources import tar_archive

    try:
        file, size = tar_archive.open_member(raw, raw.path, member)
    except tarfile.HeaderError as error:
        raise EOFError(str(error)) from error
    return Content(file, (tarfile.HeaderError,), size)


OPENERS: dict[str, Callable[[SourceFile, str | None], Content]] = {
    "gzip": _gzip,
    "bzip2": _bzip2,
    "xz": _xz,
    "zstd": _zstd,
    "zip": _zip,
    "tar": _tar,
}
ARCHIVES = ("zip", "tar")
"""The kinds of source that have members."""
