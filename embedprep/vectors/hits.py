"""What every vector format yields: the records whose key is wanted, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Fault:
    """A record that cannot be used: where it stands and why."""

    line: int
    """From 1."""
    byte: int
    """Of the first byte that is wrong, from 0."""
    reason: str


@dataclass(frozen=True, eq=False)
class Hits:
    """One chunk of the file, in file order: the wanted records found in it, and its numbers."""

    key: NDArray[np.int64]
    """Number of the wanted key, shape (hits,)."""
    record: NDArray[np.int64]
    """Which record of the file, ascending, shape (hits,). In a text file its line, from 0."""
    rows: NDArray[np.float32]
    """The vectors, finite, shape (hits, dim). Only valid until the next chunk is asked for."""
    records: int
    """Records in the chunk, wanted or not, malformed ones included."""
    bytes: int
    """Length of the chunk in the file, compressed where the file is."""
    malformed: int = 0
    """Records of wrong width, and wanted ones with a value that is not a number."""
    nonfinite: int = 0
    """Wanted records with a value that is nan, infinite or beyond float32."""
    spaced_keys: int = 0
    """Records whose key contains the separator."""
    fault: Fault | None = None
    """The first record of the chunk that is malformed or not finite."""


@dataclass(frozen=True)
class Description:
    """What is known of a vector file beyond its vectors; goes into the report as it is."""

    path: str
    format: str
    compression: str | None
    """gzip, bzip2, xz, zstd or zip."""
    header: bool
    separator: str
    ends_with_newline: bool
    """A download that broke off seldom does."""
    bytes: int
    fingerprint: str
    """sha256 over the size and the first and last 64 KiB: recognises a file without reading it."""


class Vectors(Protocol):
    """An opened vector file of any format."""

    @property
    def path(self) -> str: ...

    @property
    def size(self) -> int | None:
        """Bytes, or None for a stream."""

    @property
    def dim(self) -> int: ...

    @property
    def declared_records(self) -> int | None:
        """What the file's header promises."""

    def hits(self, keys: list[bytes]) -> Iterator[Hits]:
        """Read the file once, from start to end."""

    def describe(self) -> Description:
        """Valid after `hits` is exhausted."""

    def close(self) -> None: ...
