"""The bytes of a vocabulary or counts file, and their text.

Comes in: a path, also of a compressed file. Goes out: the text, or the `InputError` that says why
there is none. The refusals see the head before the rest is read, because users do pass vector files
of gigabytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources import PlainFile, Stream, open_content
from embedprep.sources.encodings import not_utf8, refuse_encoded
from embedprep.sources.rewriting import naming
from embedprep.vocabulary import refusals

# Room for the first records of any vector file, whose lines take a few kilobytes.
_HEAD_BYTES = 1 << 16
# Ten times the size of five million tokens, and still no harm to a machine that trains models. A
# compressed file of a few kilobytes can contain any amount of text.
_MAX_BYTES = 1 << 30


def text_of(path: str | os.PathLike[str], *, as_told: bool = False) -> str:
    """Return the text of the file at `path`, decompressed, without a byte order mark.

    `as_told`: the user named the format, so a text that looks like another kind of file is
    accepted; a binary file never is. Raises `InputError` for a file that is missing, a directory,
    unreadable, empty, refused, or not UTF-8 (with the offset of the first bad byte).
    """
    return data_of(path, as_told=as_told).decoded()


class Data(NamedTuple):
    """The bytes of a file, decompressed."""

    content: bytes
    path: str
    compression: str | None

    def decoded(self) -> str:
        """Decode them from UTF-8, without a byte order mark."""
        try:
            # Decoded with the mark, because `utf-8-sig` would count the offset of a bad byte from
            # after it.
            return self.content.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            if b"\0" in self.content:
                raise InputError(
                    reason="a binary file, not a text",
                    remedy="Name the file that lists the tokens, such as tokenizer.json or "
                    "vocab.txt.",
                    byte=self.content.index(b"\0"),
                ) from error
            raise not_utf8(error, self.path, self.compression) from error


@contextmanager
def errors_naming(path: str | os.PathLike[str] | None) -> Iterator[None]:
    """Add `path` to an `InputError` from inside, so that no parser needs to know its file.

    The commands in its remedy get the names of their files.
    """
    try:
        yield
    except InputError as error:
        if path is None or error.path is not None:
            raise
        path = os.fspath(path)
        remedy = naming(error.remedy, path, _compression(path))
        raise replace(error, path=path, remedy=remedy) from error


def _compression(path: str) -> str | None:
    """Return how the file is compressed; None for anything but a file, which is opened again."""
    if not os.path.isfile(path.partition("::")[0]):
        return None
    try:
        with closing(open_content(path)) as file:
            return file.compression
    except InputError:
        return None


def data_of(path: str | os.PathLike[str], *, as_told: bool = False, models: bool = False) -> Data:
    """Return the bytes of the file at `path`; `models` allows a SentencePiece model."""
    with closing(_opened(os.fspath(path))) as file:
        head = file.head(_HEAD_BYTES)
        if not (models and refusals.is_sentencepiece_model(head)):
            refuse_encoded(head, file.path, file.compression)
            refusals.refuse_bytes(head, file.path, file.compression, as_told=as_told)
        if isinstance(file, PlainFile):
            _refuse_more_than_fits(file.size)
            return Data(file.head(file.size), file.path, file.compression)
        parts, size = [], 0
        while part := file.read(_HEAD_BYTES):
            parts.append(part)
            size += len(part)
            _refuse_more_than_fits(size)
        return Data(b"".join(parts), file.path, file.compression)


def _opened(path: str) -> PlainFile | Stream:
    if os.path.isdir(path):
        raise InputError(
            reason="a directory, not a file",
            remedy="Name the file in it.",
        )
    try:
        return open_content(path)
    except InputError as error:
        if error.reason.startswith("the archive holds several files"):
            from embedprep.vocabulary import archives

            raise archives.with_likely_member(error, path) from error
        raise


def _refuse_more_than_fits(size: int) -> None:
    if size > _MAX_BYTES:
        raise InputError(
            reason=f"more than {_MAX_BYTES >> 30} GiB of text, which no vocabulary has",
            remedy="Pass a file of vectors with --vectors. A small compressed file that expands "
            "to so much may be made to do harm.",
        )
