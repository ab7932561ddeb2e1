"""Zip archives: which member holds the vectors.

Published archives hold one file (glove.840B.300d.zip) or several (glove.6B.zip, a file a
dimension); of several the user names one, as in `glove.6B.zip::glove.6B.300d.txt`.
"""

from __future__ import annotations

import os
import zipfile
from io import BufferedIOBase, RawIOBase
from typing import IO, cast

from embedprep.errors import InputError, printable

SEPARATOR = "::"

_LISTED = 20
_ENCRYPTED = 0x1  # a bit of a member's flags


def split_member(path: str) -> tuple[str, str | None]:
    """The path of an archive and the name of the member that `path` asks for, if it does."""
    archive, separator, member = path.partition(SEPARATOR)
    if not separator or os.path.exists(path):
        return path, None
    return archive, member


def open_member(archive: RawIOBase, path: str, member: str | None) -> tuple[BufferedIOBase, int]:
    """The content of the chosen member, or of the only one, and its compressed size.

    `path` is the archive's, for messages. A checksum that is wrong raises at the member's end.
    """
    if not archive.seekable():
        raise InputError(
            "a zip archive cannot be read from a pipe: its table of contents stands at the end",
            "Name the file itself, or pipe in a member: unzip -p FILE MEMBER",
            path=path,
        )
    try:
        opened = zipfile.ZipFile(cast("IO[bytes]", archive))
        info = _choose([m for m in opened.infolist() if _holds_data(m)], path, member)
        if info.flag_bits & _ENCRYPTED:
            raise InputError(
                f"its member '{printable(info.filename)}' is encrypted",
                "Extract it with its password first, and give the file.",
                path=path,
            )
        return cast("BufferedIOBase", opened.open(info)), info.compress_size
    # Unknown methods are not implemented; names that are no UTF-8 are a ValueError.
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(
            f"its zip archive is damaged, cut off or of an unknown kind ({error})",
            "Download it again and compare its checksum; if that is right, extract it with unzip.",
            path=path,
        ) from error


def _holds_data(info: zipfile.ZipInfo) -> bool:
    # macOS adds a shadow of every file.
    return not info.is_dir() and not info.filename.startswith("__MACOSX/")


def _choose(members: list[zipfile.ZipInfo], path: str, wanted: str | None) -> zipfile.ZipInfo:
    if not members:
        raise InputError("the archive holds no file", "Download it again.", path=path)
    if wanted is None and len(members) == 1:
        return members[0]
    for info in members:
        if info.filename == wanted:
            return info
    example = f"{os.path.basename(path)}{SEPARATOR}{printable(members[0].filename)}"
    names = ", ".join(printable(info.filename) for info in members[:_LISTED])
    if len(members) > _LISTED:
        names += f", … ({len(members)} in all)"
    raise InputError(
        f"the archive holds several files: {names}"
        if wanted is None
        else f"the archive has no member '{printable(wanted)}', but: {names}",
        f"Name the one to read: {example}",
        path=path,
    )
