"""The bytes of a vocabulary or counts file, and their text.

Comes in: a path. Goes out: the text, or the `InputError` that says why there is none. Only the
head is read before the refusals have been asked, since users do pass vector files of gigabytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from embedprep.errors import InputError
from embedprep.vocabulary import refusals

# Room for the first records of any vector file, whose lines take a few kilobytes.
_HEAD_BYTES = 1 << 16


def text_of(path: str | os.PathLike[str], *, as_told: bool = False) -> str:
    """The text of the file at `path`, without a byte order mark.

    `as_told`: the user named the format, so a text that looks like another kind of file is
    accepted; a binary file never is. Raises `InputError` for a file that is missing, a
    directory, unreadable, empty, refused, or not UTF-8 (with the offset of the first bad byte).
    """
    data = _data_of(path, as_told=as_told)
    try:
        # Decoded with the mark: `utf-8-sig` would count the bad byte's offset from behind it.
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(
            reason=f"not UTF-8: {error.reason} 0x{data[error.start]:02x}",
            remedy="Convert it first, for instance from Latin-1: "
            "iconv -f latin1 -t utf-8 FILE > CONVERTED",
            byte=error.start,
        ) from error


@contextmanager
def errors_naming(path: str | os.PathLike[str] | None) -> Iterator[None]:
    """Adds `path` to an `InputError` from inside, so that no parser needs to know its file."""
    try:
        yield
    except InputError as error:
        if path is None or error.path is not None:
            raise
        raise replace(error, path=os.fspath(path)) from error


def _data_of(path: str | os.PathLike[str], *, as_told: bool) -> bytes:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
            refusals.refuse_bytes(head, as_told=as_told)
            return head + file.read()
    except FileNotFoundError as error:
        raise InputError(
            reason="no such file", remedy="Check the spelling, and the directory it is relative to."
        ) from error
    except IsADirectoryError as error:
        raise InputError(
            reason="a directory, not a file",
            remedy="Name the file in it, such as tokenizer.json, vocab.json or vocab.txt.",
        ) from error
    except OSError as error:
        raise InputError(
            reason=f"cannot be read: {error.strerror}",
            remedy="Check that the file may be read (ls -l FILE) and its disk is there.",
        ) from error
