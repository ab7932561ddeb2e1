"""Tar archives: members one after the other, each with a header, and two empty blocks at the end.

`tarfile` parses the headers. Its reader is not used: it takes a damaged header for the end of the
archive and does not notice a missing end, so a file could become a shorter one. The format:
https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html and the GNU manual.
"""

from __future__ import annotations

import io
import operator
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from embedprep.errors import InputError, printable
from embedprep.sources.archive import choose, is_shadow

HEADER_BYTES = 512
"""The size of the blocks of headers and data; the last block of a member is padded."""

_MAGICS = (b"ustar\0", b"ustar ")
_MAGIC_AT = 257

_LONG_NAME, _LONG_LINK, _GLOBAL = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XGLTYPE,
)
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_MULTI_VOLUME = b"M"
_NO_FILES = (b"V", b"D", b"N")  # GNU's tape label, directory listing, and old long names

# An archive must not claim as much memory as it declares.
_MAX_EXTENSION_BYTES = 1 << 20
_MAX_NAME_BYTES = 4096
_MAX_MEMBERS = 10_000

_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True)
class _Member:
    """A file in the archive; the reader is at the start of its data."""

    name: str
    size: int


def is_tar(head: bytes) -> bool:
    """Whether a file begins with the header of a tar archive, with at most one damaged bit."""
    magic = head[_MAGIC_AT : _MAGIC_AT + 6]
    is_near = len(magic) == 6 and any(sum(map(operator.ne, magic, m)) <= 1 for m in _MAGICS)
    if is_near and b"\0" in head[:_MAGIC_AT]:  # the padding of the name, and in no text
        return True
    try:  # headers of the 1970s have no magic
        tarfile.TarInfo.frombuf(head[:HEADER_BYTES], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def open_member(
    archive: io.RawIOBase, path: str, wanted: str | None
) -> tuple[io.BufferedIOBase, int | None]:
    """Return the content of the chosen member, or of the only one, and its size if no more is read.

    `path` is the archive's, for messages. A pipe is read to the end of the archive, because a
    second member may follow and the checksum of a compression comes last. An error there is raised
    after the member has been read. Raises `HeaderError` and `EOFError` for damage.
    """
    members = _members(archive, path)
    if archive.seekable():
        listed = [(member, archive.tell()) for member in members]
        member, start = listed[choose([member.name for member, _ in listed], path, wanted)]
        archive.seek(start)
        return _file(archive, member.size, lambda: None), member.size
    names = []
    for member in members:
        names.append(member.name)
        if wanted in (None, member.name):
            check_rest = partial(_check_rest, members, names, path, wanted)
            return _file(archive, member.size, check_rest), None
    choose(names, path, wanted)
    raise AssertionError("a member was chosen that was not found")


def _check_rest(
    members: Iterator[_Member], names: list[str], path: str, wanted: str | None
) -> None:
    """Raise unless the last of `names` is the one to read, whatever follows it."""
    for other in members:
        names.append(other.name)
        if wanted is None:
            break
    choose(names, path, wanted, complete=wanted is not None)


def _file(archive: io.RawIOBase, size: int, at_end: Callable[[], None]) -> io.BufferedIOBase:
    return io.BufferedReader(_Data(archive, size, at_end))


class _Data(io.RawIOBase):
    """The next `size` bytes of an archive, all of which must exist; then `at_end` may raise."""

    def __init__(self, archive: io.RawIOBase, size: int, at_end: Callable[[], None]) -> None:
        self._archive = archive
        self._left = size
        self._at_end: Callable[[], None] | None = at_end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left:
            count = self._archive.readinto(memoryview(buffer)[: self._left])
            if not count:
                raise EOFError("the end is missing")
            self._left -= count
            return count
        check, self._at_end = self._at_end, None
        if check is not None:
            check()
        return 0


def _members(archive: io.RawIOBase, path: str) -> Iterator[_Member]:
    """Yield the files in the archive; skip the unread rest of each. Checks the whole archive."""
    count = 0
    while (header := _header(archive, path)) is not None:
        # If tarfile says that a type has no data, the size is that of something else.
        has_data = header.isreg() or header.type not in tarfile.SUPPORTED_TYPES
        end = archive.tell() + (header.size + _padding(header.size) if has_data else 0)
        is_file = has_data and header.type not in _NO_FILES and not header.name.endswith("/")
        if is_file and not is_shadow(header.name):
            count += 1
            if count > _MAX_MEMBERS:
                raise InputError(
                    f"the archive holds more than {_MAX_MEMBERS:,} files",
                    "Extract the one that is meant, and give the file.",
                    path=path,
                )
            yield _Member(header.name, header.size)
        _skip_to(archive, end)
    while chunk := archive.read(_CHUNK_BYTES):
        if any(chunk):
            raise tarfile.HeaderError("data after its end")


def _header(archive: io.RawIOBase, path: str) -> tarfile.TarInfo | None:
    """Return the next header with the extensions before it; None at the end of the archive."""
    name, size = None, None
    while True:
        block = _take(archive, HEADER_BYTES)
        if not any(block):
            if name is not None or size is not None or any(_take(archive, HEADER_BYTES)):
                raise tarfile.HeaderError("an empty block in its middle")
            return None
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.type in (*_PAX, _GLOBAL, _LONG_NAME, _LONG_LINK):
            data = _extension(archive, header.size)
            if header.type == _LONG_NAME:
                name = _text(data.rstrip(b"\0"))
            if header.type in _PAX:
                records = _pax_records(data)
                name = records.get("path", name)
                size = _number(records["size"]) if "size" in records else size
                if any(key.startswith("GNU.sparse.") for key in records):
                    raise _unsupported(name or header.name, "as a sparse file", path)
            continue
        header.name = header.name if name is None else name
        header.size = header.size if size is None else size
        if header.type == tarfile.GNUTYPE_SPARSE:
            raise _unsupported(header.name, "as a sparse file", path)
        if header.type == _MULTI_VOLUME:
            raise _unsupported(header.name, "over several volumes", path)
        if header.size < 0 or len(header.name) > _MAX_NAME_BYTES:
            raise tarfile.HeaderError("a negative size or an endless name")
        return header


def _extension(archive: io.RawIOBase, size: int) -> bytes:
    if not 0 <= size <= _MAX_EXTENSION_BYTES:
        raise tarfile.HeaderError(f"an extended header of {size} bytes")
    return _take(archive, size + _padding(size))[:size]


def _pax_records(data: bytes) -> dict[str, str]:
    """Yield the records, `LENGTH KEY=VALUE` and a newline; LENGTH is that of the whole record."""
    records = {}
    while data:
        length = re.match(rb"[0-9]{1,7}(?= )", data)
        record = data[: int(length[0])] if length else b""
        entry = re.fullmatch(rb"[0-9]+ ([^=]+)=(.*)\n", record, re.DOTALL)
        if entry is None:
            raise tarfile.HeaderError("an invalid extended header")
        key, value = entry.groups()
        records[_text(key)] = _text(value)
        data = data[len(record) :]
    return records


def _number(text: str) -> int:
    if not re.fullmatch("[0-9]{1,20}", text):
        raise tarfile.HeaderError("a size that is not a number")
    return int(text)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _padding(size: int) -> int:
    return -size % HEADER_BYTES


def _take(archive: io.RawIOBase, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = archive.read(count - len(data))
        if not chunk:
            raise EOFError("the end is missing")
        data += chunk
    return data


def _skip_to(archive: io.RawIOBase, end: int) -> None:
    if archive.seekable():
        archive.seek(end)
    while archive.tell() < end:
        if not archive.read(min(end - archive.tell(), _CHUNK_BYTES)):
            raise EOFError("the end is missing")


def _unsupported(name: str, how: str, path: str) -> InputError:
    return InputError(
        f"its member '{printable(name)}' is stored {how}",
        "Extract it with tar, and give the file.",
        path=path,
    )
