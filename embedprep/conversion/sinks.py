"""Where the records of a conversion go while they are read.

For many inputs the number of records is known only at the end, and most formats begin with it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import AtomicFile, reporting
from embedprep.coverage import VectorsInfo
from embedprep.matching.records import Records
from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary.key_convention import KeyConvention

_ROWS_AT_ONCE_BYTES = 4 << 20


@dataclass(frozen=True, eq=False)
class Table:
    """The records that were written: distinct keys, in the order of the input, and their file."""

    keys: list[bytes]
    dim: int
    source: VectorsInfo
    """The file that they come from."""
    counted: Records
    """The counts of its records."""
    keys_are: KeyConvention
    """The kind of its keys."""
    scales: NDArray[np.float32] | None
    """The scale of each vector, if the file is a matrix of int8."""


class Sink(Protocol):
    """Takes records in their order, and fills the files of the output."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def take(self, keys: list[bytes], rows: NDArray[np.float32], expected: int) -> None:
        """Take the next records, of probably `expected` ones. `rows` has shape (keys, dim)."""

    def finish(self, table: Table) -> None:
        """Complete the files: `table` describes the records."""


class Form(NamedTuple):
    """A format of records that follow each other."""

    header: Callable[[int, int], bytes]
    """Makes what precedes them in the first file, of their number and their dimension."""
    records: Callable[[list[bytes], NDArray[np.float32]], Sequence[bytes]]
    """Makes what each file has of some of them."""


class InSequence:
    """Files of a `Form`, which are written once, as the records come.

    The first header is that of the expected number. If the right one has another length, the
    records are moved in the end: near a power of ten, or where a compressed text promised nothing.
    """

    def __init__(self, form: Form, files: list[AtomicFile]) -> None:
        self._form, self._files = form, files
        self._room: int | None = None
        """The length of the header that is there."""
        for file in files:
            file.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def take(self, keys: list[bytes], rows: NDArray[np.float32], expected: int) -> None:
        if self._room is None:
            header = self._form.header(expected, rows.shape[1])
            self._room = len(header)
            self._files[0].write(header)
        for file, content in zip(self._files, self._form.records(keys, rows), strict=True):
            file.write(content)

    def finish(self, table: Table) -> None:
        header = self._form.header(len(table.keys), table.dim)
        self._files[0].replace_start(self._room or 0, header)


Chunks = Iterator[tuple[list[bytes], NDArray[np.float32]]]
"""A table in pieces of a few megabytes."""
Write = Callable[[Table, Chunks, list[AtomicFile]], None]


class Spool:
    """A temporary file without a name, for formats that are written when all records are known."""

    def __init__(self, write: Write, files: list[AtomicFile]) -> None:
        self._write, self._files = write, files
        self._directory = os.path.dirname(files[0].temporary)  # it needs as much free space
        with reporting(self._directory):
            self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115  closed by `__exit__`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._file.close()

    def take(self, keys: list[bytes], rows: NDArray[np.float32], expected: int) -> None:
        with reporting(self._directory):
            self._file.write(np.ascontiguousarray(rows).data)

    def finish(self, table: Table) -> None:
        with reporting(self._directory):
            self._file.flush()
        self._write(table, self._chunks(table), self._files)

    def _chunks(self, table: Table) -> Chunks:
        row_bytes = 4 * table.dim
        step = max(1, _ROWS_AT_ONCE_BYTES // row_bytes)
        self._file.seek(0)
        for begin in range(0, len(table.keys), step):
            keys = table.keys[begin : begin + step]
            rows = np.frombuffer(self._file.read(len(keys) * row_bytes), np.float32)
            yield keys, rows.reshape(len(keys), table.dim)
