"""What every vector format yields: the records whose key is wanted, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embedprep.core.marks import MARKS
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.key_convention import AboutKeys

Key = bytes
"""What a record is found by."""


@dataclass(frozen=True)
class Fault:
    """A record that cannot be used: where it stands and why."""

    line: int | None
    """From 1; None in a file that has no lines."""
    byte: int
    """Of the first byte that is wrong, from 0."""
    reason: str
    record: int
    """As `Hits.record`; what is no record counts as the next one."""

    def later(self, records: int) -> Fault:
        """The same behind so many more records, or lines."""
        line = None if self.line is None else self.line + records
        return replace(self, line=line, record=self.record + records)


def no_numbers() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def no_marks() -> NDArray[np.int64]:
    return np.zeros(len(MARKS), np.int64)


@dataclass(frozen=True, eq=False)
class Hits:
    """One chunk of the file, in file order: the wanted records found in it, and its numbers."""

    key: NDArray[np.int64]
    """Number of the wanted key, shape (hits,); where all are wanted, its index in `names`."""
    record: NDArray[np.int64]
    """Which record of the file, ascending, shape (hits,). In a text file its line, from 0."""
    rows: NDArray[np.float32]
    """The vectors, finite, shape (vectors, dim). Only valid until the next chunk is asked for."""
    records: int
    """Records in the chunk, wanted or not, malformed ones included."""
    bytes: int
    """Length of the chunk in the file, compressed where the file is."""
    malformed: int = 0
    """Records of wrong width."""
    undecodable: NDArray[np.int64] = field(default_factory=no_numbers)
    """The keys, as in `key`, of wanted records with a value that is not a number."""
    nonfinite: NDArray[np.int64] = field(default_factory=no_numbers)
    """Those of wanted records with a value that is nan, infinite or beyond float32."""
    spaced_keys: int = 0
    """Records whose key contains the separator."""
    fault: Fault | None = None
    """The first record of the chunk that is malformed, undecodable or not finite."""
    composed: bool = False
    """The rows are no records: they are made of the vectors of the keys' n-grams."""
    names: Sequence[Key] = ()
    """The keys of the records, where every one is wanted."""
    hashes: NDArray[np.int64] = field(default_factory=no_numbers)
    """`hash_keys` of the keys of the records, wanted or not, where not every one is wanted."""
    capitals: bool = False
    """Whether one of these keys has a capital letter of ASCII."""
    marks: NDArray[np.int64] = field(default_factory=no_marks)
    """How many of these keys have each of the `MARKS` of tokenizers."""
    places: NDArray[np.int64] = field(default_factory=no_numbers)
    """Of a text or a word2vec `.bin`, where in the file these keys stand."""
    lines: int = 0
    """Of a text, how many the chunk has."""
    source: NDArray[np.int64] | None = None
    """Which of `rows` is the vector of each hit, shape (hits,); None: each has its own, in order.
    """

    def at(self, hits: slice | NDArray[np.int64]) -> Self:
        """With these of the wanted records alone; `rows` and numbers stay those of the chunk."""
        source = self.sources()[hits]
        return replace(self, key=self.key[hits], record=self.record[hits], source=source)

    def first(self, count: int) -> Self:
        """With the first so many of the wanted records alone, likewise."""
        return self.at(slice(count))

    def sources(self) -> NDArray[np.int64]:
        """Which of `rows` is the vector of each hit, shape (hits,)."""
        return np.arange(len(self.key)) if self.source is None else self.source

    def vectors(self) -> NDArray[np.float32]:
        """That of each hit, shape (hits, dim)."""
        return self.rows if self.source is None else self.rows[self.source]


@dataclass(frozen=True)
class Description:
    """What is known of a vector file beyond its vectors; goes into the report as it is."""

    path: str
    format: str
    compression: str | None
    """gzip, bzip2, xz, zstd, zip, tar, or one of a tar: `gzip of tar`."""
    header: bool
    separator: str | None
    """None in a file that is no text."""
    ends_with_newline: bool | None
    """A text whose download broke off seldom does. None in a file that is no text."""
    bytes: int
    fingerprint: str
    """sha256 over the size and the first and last 64 KiB: recognises a file without reading it."""
    notes: tuple[str, ...] = ()
    """What a user should know of it although nothing is wrong; not in the report."""

    @classmethod
    def of_binary(cls, source: PlainFile | Stream, format: str, *, header: bool) -> Self:
        """What there is to say of a file that is no text."""
        return cls(
            path=source.path,
            format=format,
            compression=source.compression,
            header=header,
            separator=None,
            ends_with_newline=None,
            bytes=source.length(),
            fingerprint=source.fingerprint(),
        )


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

    @property
    def has_lines(self) -> bool:
        """Whether a record is a line, and has the line's number."""

    def about_keys(self) -> AboutKeys:
        """What is known of the keys; to be asked before `hits`."""

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        """Read the file once, from start to end; None wants every record.

        For the first `composable` keys, by default for all, a format may compose a vector where
        it has no record.
        """

    def describe(self) -> Description:
        """Valid after `hits` is exhausted."""

    def close(self) -> None: ...


class Opened:
    """A source that is open until `close`; the base of the readers that satisfy `Vectors`."""

    def __init__(self, source: PlainFile | Stream) -> None:
        self.source = source

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def size(self) -> int | None:
        return self.source.size

    def close(self) -> None:
        self.source.close()
