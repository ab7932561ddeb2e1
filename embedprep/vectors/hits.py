"""The interface of every vector format: the records with wanted keys, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embedprep.core.marks import MARKS
from embedprep.named_tuples import NamedTuple
from embedprep.sources.source import PlainFile, Stream
from embedprep.vocabulary.key_convention import AboutKeys

Key = bytes
"""The bytes that identify a record."""


class Fault(NamedTuple):
    """A record that cannot be used: where it is, and why."""

    line: int | None
    """The line, from 1; None in a file that has no lines."""
    byte: int
    """The offset of the first wrong byte, from 0."""
    reason: str
    record: int
    """The record, counted as `Hits.record`; anything that is no record counts as the next one."""

    def later(self, records: int) -> Fault:
        """Return the same fault, moved by this many records or lines."""
        line = None if self.line is None else self.line + records
        return self._replace(line=line, record=self.record + records)


def no_numbers() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def no_marks() -> NDArray[np.int64]:
    return np.zeros(len(MARKS), np.int64)


_NO_NUMBERS = no_numbers()


class Hits(NamedTuple):
    """One chunk of the file, in file order: the wanted records in it, and its statistics."""

    key: NDArray[np.int64]
    """The index of each wanted key, shape (hits,); if all are wanted, its index in `names`."""
    record: NDArray[np.int64]
    """The record of the file for each hit, ascending, shape (hits,). In a text file, its line from
    0.
    """
    rows: NDArray[np.float32]
    """The vectors, finite, shape (vectors, dim). Only valid until the next chunk is asked for."""
    records: int
    """How many records the chunk has, wanted or not, including malformed ones."""
    bytes: int
    """The length of the chunk in the file, compressed if the file is."""
    malformed: int = 0
    """How many records have the wrong width."""
    undecodable: NDArray[np.int64] = _NO_NUMBERS
    """The keys, as in `key`, of wanted records with a value that is not a number."""
    nonfinite: NDArray[np.int64] = _NO_NUMBERS
    """The keys of wanted records with a value that is nan, infinite or beyond float32."""
    spaced_keys: int = 0
    """How many records have a key that contains the separator."""
    fault: Fault | None = None
    """The first record of the chunk that is malformed, undecodable or not finite."""
    composed: bool = False
    """Whether the rows are not records but composed: of the vectors of the keys' n-grams, or of
    those of other keys.
    """
    made_of: Sequence[Key] = ()
    """The keys whose mean each of the composed `rows` is, joined by `KEY_SEPARATOR`; empty if they
    are made of n-grams.
    """
    untrained: NDArray[np.int64] = _NO_NUMBERS
    """The keys, as in `key`, of records whose vector was never trained. If not every record is
    wanted, these records come after all others, in a chunk of their own.
    """
    names: Sequence[Key] = ()
    """The keys of the records, if every one is wanted."""
    hashes: NDArray[np.int64] = _NO_NUMBERS
    """`hash_keys` of the keys of the records, wanted or not, unless every one is wanted."""
    capitals: bool = False
    """Whether one of these keys has a capital letter of ASCII."""
    marks: NDArray[np.int64] = no_marks()
    """How many of these keys have each of the `MARKS` of tokenizers."""
    places: NDArray[np.int64] = _NO_NUMBERS
    """Where these keys are in the file; for a text and a word2vec `.bin`."""
    lines: int = 0
    """How many lines the chunk of a text has."""
    digests: NDArray[np.int64] = _NO_NUMBERS
    """The digest of each of these lines, or of each record of a word2vec `.bin`."""
    source: NDArray[np.int64] | None = None
    """The index in `rows` of each hit's vector, shape (hits,); None: each has its own, in order."""

    def at(self, hits: slice | NDArray[np.int64]) -> Hits:
        """Select these wanted records; `rows` and the statistics stay those of the chunk."""
        source = self.sources()[hits]
        return self._replace(key=self.key[hits], record=self.record[hits], source=source)

    def first(self, count: int) -> Hits:
        """Select the first wanted records, likewise."""
        return self.at(slice(count))

    def sources(self) -> NDArray[np.int64]:
        """Return the index in `rows` of each hit's vector, shape (hits,)."""
        return np.arange(len(self.key)) if self.source is None else self.source

    def vectors(self) -> NDArray[np.float32]:
        """Return the vector of each hit, shape (hits, dim)."""
        return self.rows if self.source is None else self.rows[self.source]


class Description(NamedTuple):
    """The facts about a vector file beyond its vectors; the report contains them unchanged."""

    path: str
    format: str
    compression: str | None
    """The compression: gzip, bzip2, xz, zstd, zip, tar, or a compressed tar: `gzip of tar`."""
    header: bool
    separator: str | None
    """The separator; None in a file that is not text."""
    ends_with_newline: bool | None
    """Whether the text ends with a newline, as cut-off downloads rarely do. None if not text."""
    bytes: int
    fingerprint: str
    """The fingerprint of the file; see `embedprep.vectors.content`."""
    notes: tuple[str, ...] = ()
    """Messages for the user although nothing is wrong; not in the report."""
    contents: tuple[str, ...] = ()
    """Sentences on what else is known of the file, for `doctor`; not in the report."""
    composes: bool = False
    """Whether words that the file lacks are composed of its pieces; not in the report."""

    @classmethod
    def of_binary(
        cls,
        source: PlainFile | Stream,
        format: str,
        *,
        header: bool,
        notes: tuple[str, ...] = (),
        contents: tuple[str, ...] = (),
        composes: bool = False,
    ) -> Self:
        """Return the description of a file that is not text."""
        return cls(
            path=source.path,
            format=format,
            compression=source.compression,
            header=header,
            separator=None,
            ends_with_newline=None,
            bytes=source.length(),
            fingerprint=source.fingerprint(),
            notes=notes,
            contents=contents,
            composes=composes,
        )


class Vectors(Protocol):
    """An opened vector file of any format."""

    @property
    def path(self) -> str: ...

    @property
    def size(self) -> int | None:
        """The size in bytes, or None for a stream."""

    @property
    def dim(self) -> int: ...

    @property
    def declared_records(self) -> int | None:
        """The number of records that the file's header promises."""

    @property
    def has_lines(self) -> bool:
        """Whether each record is a line and has the line's number."""

    def about_keys(self) -> AboutKeys:
        """Return what is known of the keys; call it before `hits`."""

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        """Read the file once, from start to end; None wants every record.

        For the first `composable` keys, by default all, a format may compose a vector if the file
        has no record.
        """

    def describe(self) -> Description:
        """Describe the file; valid only after `hits` is exhausted."""

    def close(self) -> None: ...


class Opened:
    """A source that is open until `close`; base class of the readers that implement `Vectors`."""

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
