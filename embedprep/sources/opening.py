"""From a path as the user writes it to the bytes that it names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import BufferedIOBase
from typing import cast

from embedprep.errors import InputError
from embedprep.sources.archive import split_member
from embedprep.sources.compression import expanded
from embedprep.sources.source import PlainFile, Stream, open_file


def _web(url: str) -> Stream:
    from embedprep.sources.remote import open_web

    return open_web(url)


def _object(url: str) -> Stream:
    from embedprep.sources.remote import open_object

    return open_object(url)


def _gensim(name: str) -> PlainFile | Stream:
    from embedprep.sources.gensim_data import open_gensim

    return open_gensim(name)


_BY_SCHEME: dict[str, Callable[[str], PlainFile | Stream]] = {
    "http": _web,
    "https": _web,
    "s3": _object,
    "gs": _object,
    "gensim": _gensim,
}
"""The network is imported only for an address: for a file that would be a tenth of the start."""


def open_content(path: str) -> PlainFile | Stream:
    """Open a path for reading; of a compressed file or an archive, what is inside.

    `archive::member` names a file in an archive.
    """
    path, member = split_member(path)
    source = open_source(path)
    try:
        return expanded(source, member)
    except BaseException:
        source.close()
        raise


def open_source(path: str) -> PlainFile | Stream:
    """Open a path for reading, as it is; `-` is standard input."""
    if path == "-":
        return _standard_input()
    opener = _opener(path)
    if opener is None or os.path.lexists(path):  # a file of the user's goes first
        return open_file(path)
    return opener(path)


def is_address(path: str) -> bool:
    """Whether `path` has the form of an address, which is no path in any folder."""
    return _opener(path) is not None


def _opener(path: str) -> Callable[[str], PlainFile | Stream] | None:
    scheme, colon, _ = path.partition(":")
    return _BY_SCHEME.get(scheme.lower()) if colon else None


def is_local_file(path: str) -> bool:
    """Whether `path`, or the archive of it, is a file or folder here: to read it again is cheap."""
    place = split_member(path)[0]
    return path != "-" and (os.path.isfile(place) or os.path.isdir(place))


def is_pipe(path: str) -> bool:
    """Whether what `path` names can be read only once."""
    return path == "-" or (os.path.exists(split_member(path)[0]) and not is_local_file(path))


def _standard_input() -> Stream:
    if sys.stdin is None:  # started with it closed
        raise InputError(
            "standard input is closed", "Pipe the vectors in, or name a file.", path="-"
        )
    return Stream("-", cast("BufferedIOBase", sys.stdin.buffer))
