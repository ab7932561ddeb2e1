"""Everything a worker needs in order to open the file that the client has opened."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from embedprep.errors import InputError, UsageError
from embedprep.sources import storage
from embedprep.sources.address import module_for
from embedprep.sources.source import Download, PlainFile
from embedprep.vectors import Vectors
from embedprep.vectors.formats.text import TextVectors


@dataclass(frozen=True)
class Place:
    """A file that any worker can find and read any part of."""

    name: str = field(repr=False)
    """An absolute path, or an address including its possible secrets."""
    shown: str
    """The name that errors show."""
    is_address: bool
    size: int
    """The size in bytes."""
    fingerprint: str
    """sha256 over the size and the first and last 64 KiB."""
    version: tuple[str | None, ...] | None = None
    """The version of the file at an address, as its server identifies it; workers take no other."""
    module: str | None = None
    """The module that reads the address."""
    storage: dict[str, Any] = field(default_factory=dict, repr=False)
    """The user's storage options for it."""


def place_of(vectors: Vectors, path: str) -> tuple[TextVectors, Place]:
    """Return the text that `path` was opened as, and where it is.

    Raises if it cannot be read in parts.
    """
    if not isinstance(vectors, TextVectors):
        raise _whole(vectors, "only the lines of a text are shared out")
    source = vectors.source
    if source.compression is not None:
        raise _whole(vectors, f"it is compressed or archived ({source.compression})")
    if isinstance(source, PlainFile):
        name = os.path.abspath(source.path)
        return vectors, Place(name, source.path, False, source.size, source.fingerprint())
    if not isinstance(source, Download):
        raise _whole(vectors, "it is a stream")
    if source.size is None:
        raise _whole(vectors, "its server does not say how long it is")
    try:
        source.seek(0)
        fingerprint = source.fingerprint()
    except InputError as error:
        raise _whole(vectors, error.reason) from None
    module = module_for(path)
    return vectors, Place(
        path, source.path, True, source.size, fingerprint, source.version, module, storage.current()
    )


def _whole(vectors: Vectors, reason: str) -> UsageError:
    return UsageError(
        f"a cluster cannot read it in parts: {reason}",
        "Drop --engine dask; or give a text file, unpacked, on a file system that the workers "
        "share, or at an address whose server gives parts of it.",
        path=vectors.path,
    )
