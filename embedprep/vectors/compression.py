"""Compressed vector files: known by their first bytes, read as a stream of their content.

Nothing is extracted to the disk. Checksums stand at the end of the data, and a build publishes
only after that, so a truncated or damaged file never becomes a matrix.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from embedprep.errors import InputError, printable
from embedprep.vectors.decompressors import OPENERS, SourceFile
from embedprep.vectors.source import PlainFile, Stream

# The whole of bzip2's: a word of a text file may begin with "BZh".
_BEGINNINGS = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "zip": re.compile(rb"PK(\x03\x04|\x05\x06)"),
}
_LONGEST_BEGINNING = 10


class Decompressed(Stream):
    """The content of a compressed source; size, progress and fingerprint are of the source."""

    def __init__(self, source: PlainFile | Stream, compression: str, member: str | None) -> None:
        self._source = source
        self._raw = SourceFile(source)
        self.compression = compression
        self.path = source.path if member is None else f"{source.path}::{member}"
        self._errors: tuple[type[Exception], ...] = (EOFError, OSError, zlib.error)
        with self._explained():
            content = OPENERS[compression](self._raw, member)
        self._errors += content.errors
        super().__init__(self.path, content.file)
        self.size, self._reported = source.size, 0
        if content.size is not None:  # the table of contents is read, and no progress
            self.size, self._reported = content.size, self._raw.taken
        try:
            self._refuse_second_layer()
        except BaseException:
            content.file.close()
            raise

    def advanced(self, count: int) -> int:
        """The compressed bytes taken since the last call: their total is known beforehand."""
        before, self._reported = self._reported, self._raw.taken
        return self._reported - before

    def length(self) -> int:
        return self._source.length()

    def fingerprint(self) -> str:
        return self._source.fingerprint()

    def close(self) -> None:
        self._file.close()
        self._source.close()

    def _read_raw(self, count: int) -> bytes:
        with self._explained():
            return self._read_parts(count)

    def _refuse_second_layer(self) -> None:
        inner = _kind(self)
        if inner is not None:
            raise InputError(
                f"it is compressed twice: {inner} inside {self.compression}",
                "Undo the outer compression first, and give the file inside.",
                path=self.path,
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            # Of the system's errors `SourceFile` makes an `InputError`; these are of the data.
            reason = str(error) or type(error).__name__
            raise InputError(
                f"its {self.compression} data is damaged or cut off ({reason})",
                "Download or copy it again, and compare its checksum.",
                path=self.path,
                byte=self._raw.position,
            ) from error


def expanded(source: PlainFile | Stream, member: str | None = None) -> PlainFile | Stream:
    """`source` itself, or the content of a compressed one, which closes it too.

    `member` names the file to read in an archive of several. Raises for a file that is damaged or
    compressed twice.
    """
    kind = _kind(source)
    if member is not None and kind != "zip":
        raise InputError(
            f"it is not a zip archive, so it has no member '{printable(member)}'",
            "Give the path alone.",
            path=source.path,
        )
    if kind is None:
        return source
    return Decompressed(source, kind, member)


def _kind(source: PlainFile | Stream) -> str | None:
    head = source.head(_LONGEST_BEGINNING)
    return next((kind for kind, begins in _BEGINNINGS.items() if begins.match(head)), None)
