"""From a path as the user writes it to the bytes that it names."""

from __future__ import annotations

import os
import sys
from io import BufferedIOBase
from typing import cast

from embedprep.errors import InputError, UsageError
from embedprep.errors.addresses import without_secrets
from embedprep.sources.address import scheme_of
from embedprep.sources.archive import split_member
from embedprep.sources.compression import expanded
from embedprep.sources.paths import local_path
from embedprep.sources.source import PlainFile, Stream, open_file

_GENSIM = "gensim:"


def open_content(path: str) -> PlainFile | Stream:
    """Open a path for reading; for a compressed file or an archive, open its content.

    `archive::member` names a file in an archive.
    """
    path, member = split_member(local_path(path))
    source = open_source(path)
    try:
        return expanded(source, member)
    except BaseException:
        source.close()
        raise


def open_source(path: str) -> PlainFile | Stream:
    """Open a path for reading, unchanged; `-` is standard input."""
    path = local_path(path)
    if path == "-":
        return _standard_input()
    is_local = os.path.lexists(path)
    if path.lower().startswith(_GENSIM) and not is_local:
        from embedprep.sources.gensim_data import open_gensim

        return open_gensim(path)
    if scheme_of(path) is None or (is_local and "://" not in path):
        return open_file(path)
    if is_local:
        raise UsageError(
            "this is an address, and there is also a file of this name here",
            f"Give the file as ./{without_secrets(path)}, or run in another folder.",
            path=path,
        )
    # Network code is imported only for an address: for a file it would take a tenth of the start.
    from embedprep.sources.remote import open_address

    return open_address(path)


def is_address(path: str) -> bool:
    """Whether `path` has the form of an address, which is no path in any folder."""
    return path.lower().startswith(_GENSIM) or scheme_of(path) is not None


def is_local_file(path: str) -> bool:
    """Whether `path`, or its archive, is a local file or folder, which is cheap to read again."""
    place = split_member(path)[0]
    return path != "-" and (os.path.isfile(place) or os.path.isdir(place))


def is_pipe(path: str) -> bool:
    """Whether the data at `path` can be read only once."""
    return path == "-" or (os.path.exists(split_member(path)[0]) and not is_local_file(path))


def _standard_input() -> Stream:
    if sys.stdin is None:  # it was closed when the program started
        raise InputError(
            "standard input is closed", "Pipe the vectors in, or name a file.", path="-"
        )
    return Stream("-", cast("BufferedIOBase", sys.stdin.buffer))
