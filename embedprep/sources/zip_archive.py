"""Zip archives: the table of contents at their end leads to a member, which has a checksum."""

from __future__ import annotations

import zipfile
from io import BufferedIOBase, RawIOBase
from typing import IO, cast

from embedprep.errors import InputError, printable
from embedprep.sources.archive import choose, is_shadow
from embedprep.sources.foreign import refuse_zipped

_PEEKED = 64
_ENCRYPTED = 0x1  # a bit in the flags of a member


def open_member(archive: RawIOBase, path: str, member: str | None) -> tuple[BufferedIOBase, int]:
    """Return the content of the chosen member, or of the only one, and its compressed size.

    `path` is the archive's, for messages. A wrong checksum raises at the member's end.
    """
    if not archive.seekable():
        raise InputError(
            "a zip archive cannot be read as a stream: its table of contents is at the end",
            "Name the file itself, or pipe in a member: unzip -p FILE MEMBER",
            path=path,
        )
    try:
        opened = zipfile.ZipFile(cast("IO[bytes]", archive))
        # Not `is_dir`, which fails for a member without a name.
        listed = [m for m in opened.infolist() if not m.filename.endswith("/")]
        members = [m for m in listed if not is_shadow(m.filename)]
        names = [m.filename for m in members]
        if member is None:
            refuse_zipped(names, lambda name: opened.open(name).read(_PEEKED), path)
        info = members[choose(names, path, member)]
        if info.flag_bits & _ENCRYPTED:
            raise InputError(
                f"its member '{printable(info.filename)}' is encrypted",
                "Extract it with its password first, and give the file.",
                path=path,
            )
        return cast("BufferedIOBase", opened.open(info)), info.compress_size
    # Unknown methods raise NotImplementedError; names that are not UTF-8 raise a ValueError.
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(
            f"its zip archive is damaged, cut off or of an unknown kind ({error})",
            "Download it again and compare its checksum; if that is right, extract it with unzip.",
            path=path,
        ) from error
