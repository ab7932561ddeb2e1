"""Compressed files and archives: recognised by their first bytes, read as a stream of their
content.

Nothing is extracted to the disk. A checksum comes at the end of the data, and a build publishes
only after it, so a truncated or damaged file never becomes a matrix.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from embedprep.errors import InputError, printable
from embedprep.sources.decompressors import ARCHIVES, OPENERS, SourceFile
from embedprep.sources.foreign import refuse_packed
from embedprep.sources.source import PlainFile, Stream

# All the bytes of bzip2's signature, because a word of a text file may begin with "BZh".
_BEGINNINGS = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    # Or, as parallel compressors write it, a skippable frame and then one of zstd.
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
    "zip": re.compile(rb"PK(\x03\x04|\x05\x06)"),
}


_HEAD_BYTES = 512
"""The size of the header of a tar archive, the longest signature of all."""


class Decompressed(Stream):
    """The content of a source that is compressed or an archive.

    Size, progress and fingerprint are those of the source.
    """

    def __init__(self, source: PlainFile | Stream, compression: str, member: str | None) -> None:
        self._source = source
        self._raw = SourceFile(source)
        self._kind = compression
        outer = source.compression
        self.compression = compression if outer is None else f"{outer} of {compression}"
        self.path = source.path if member is None else f"{source.path}::{member}"
        self._errors: tuple[type[Exception], ...] = (EOFError, OSError, zlib.error)
        with self._explained():
            content = OPENERS[compression](self._raw, member)
        self._errors += content.errors
        super().__init__(self.path, content.file)
        self.size, self._reported = source.size, 0
        if content.size is not None:  # the table of contents is read, which is no progress
            self.size, self._reported = content.size, self._raw.taken

    def advanced(self, count: int) -> int:
        """Return the compressed bytes taken since the last call; their total is known."""
        before, self._reported = self._reported, self._raw.taken
        return self._source.advanced(self._reported - before)

    def length(self) -> int:
        return self._source.length()

    def fingerprint(self) -> str:
        return self._source.fingerprint()

    def close(self) -> None:
        self._file.close()
        self._source.close()

    def _read_raw(self, count: int, patience: float | None = None) -> bytes:
        with self._explained():
            return self._read_parts(count, patience)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            # `SourceFile` turns the system's errors into an `InputError`; these are errors in the
            # data.
            reason = str(error) or type(error).__name__
            raise InputError(
                f"its {self._kind} data is damaged or cut off ({reason})",
                "Download or copy it again, and compare its checksum.",
                path=self.path,
                byte=self._raw.position if self._source.compression is None else None,
            ) from error


def expanded(source: PlainFile | Stream, member: str | None = None) -> PlainFile | Stream:
    """Return `source` itself, or the content of a compressed one, which closes it too.

    `member` names the file to read in an archive of several. Raises for a file that is damaged or
    packed twice; only a tar archive may be compressed, as most are. Then `source` is closed.
    """
    content, layers = source, list[str]()
    try:
        while (kind := _kind(content)) is not None:
            if layers and (kind != "tar" or layers[-1] in ARCHIVES):
                raise InputError(
                    f"it is packed twice: {kind} inside {layers[-1]}",
                    "Undo the outer packing first, and give the file inside.",
                    path=content.path,
                )
            content = Decompressed(content, kind, member if kind in ARCHIVES else None)
            layers.append(kind)
        refuse_packed(content.head(_HEAD_BYTES), content.path, content.compression)
        if member is not None and not any(kind in ARCHIVES for kind in layers):
            raise InputError(
                f"it is not a zip or tar archive, so it has no member '{printable(member)}'",
                "Give the path alone.",
                path=source.path,
            )
    except BaseException:
        content.close()
        raise
    return content


def _kind(source: PlainFile | Stream) -> str | None:
    head = source.head(_HEAD_BYTES)
    if b"\0" in head and _is_tar(head):  # every tar header has a zero byte, and few texts do
        return "tar"
    return next((kind for kind, begins in _BEGINNINGS.items() if begins.match(head)), None)


def _is_tar(head: bytes) -> bool:
    from embedprep.sources.tar_archive import is_tar

    return is_tar(head)
