"""The rows of a matrix whose keys are elsewhere: in a file, or in an array."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import CONTAINERS
from embedprep.containers.layout import BFLOAT16, Region
from embedprep.errors import InputError
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.blocks import MAX_DIM
from embedprep.vectors.forward import Forward
from embedprep.vectors.matrix_rows import gather

AT_ONCE = 4 << 20
"""The approximate number of bytes handed out at once."""

Values = NDArray[Any]
"""Numbers of `FLOATS`, or int8 that something else scales."""


FLOATS = (np.float16, np.float32, np.float64)
"""The types of the values of a vector, in either byte order."""


class Rows(Protocol):
    """The rows of a table, either stored or in an array."""

    @property
    def position(self) -> int:
        """How much of the source has been read."""

    @property
    def count(self) -> int: ...

    @property
    def dim(self) -> int: ...

    def gather(self, wanted: NDArray[np.int64]) -> Iterator[tuple[slice, Values]]:
        """Yield the rows `wanted`, ascending and distinct: indices into `wanted`, and values."""

    def byte(self, row: int, column: int) -> int:
        """Return where in the file a value is."""

    def finish(self) -> None:
        """Check the rest of the file after the last wanted row."""


class StoredRows:
    """A matrix that stays in its file, with numbers of `FLOATS`, bfloat16 or int8."""

    def __init__(self, forward: Forward, matrix: Region, *, file_end: int | None = None) -> None:
        """Check that nothing follows byte `file_end`; None if the file has been checked."""
        self.count, self.dim = matrix.shape
        check_shape(forward.source.path, self.count, self.dim)
        self._forward = forward
        self._matrix = matrix
        self._file_end = file_end
        self._follows_array = False
        if isinstance(forward.source, PlainFile):
            if matrix.end > forward.source.size:
                forward.skip_to(matrix.end, "its matrix")  # raises
            self._refuse_surplus(forward.source.size)

    @property
    def position(self) -> int:
        return self._forward.position

    def gather(self, wanted: NDArray[np.int64]) -> Iterator[tuple[slice, Values]]:
        matrix, source = self._matrix, self._forward.source
        parts = (
            self._exactly(source, wanted)
            if isinstance(source, PlainFile)
            else gather(self._forward, matrix.offset, matrix.row_bytes, wanted)
        )
        for part, data in parts:
            if matrix.dtype == BFLOAT16:
                yield part, (data.view("<u2").astype(np.uint32) << 16).view(np.float32)
            else:
                yield part, data.view(matrix.dtype)

    def _exactly(
        self, source: PlainFile, wanted: NDArray[np.int64]
    ) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
        """Yield the bytes of the rows, and read nothing between them."""
        offset, size = self._matrix.offset, self._matrix.row_bytes
        step = max(1, AT_ONCE // size)
        for begin in range(0, len(wanted), step):
            some = wanted[begin : begin + step]
            first = np.flatnonzero(np.diff(some, prepend=-2) != 1)  # of each run of adjacent rows
            place = np.append(first, len(some)) * size
            memory = np.empty(len(some) * size, np.uint8)
            source.read_ranges(memory, offset + some[first] * size, place[:-1], place[1:])
            self._forward.skip_to(offset + (int(some[-1]) + 1) * size, "its matrix")
            yield slice(begin, begin + len(some)), memory.reshape(-1, size)

    def byte(self, row: int, column: int) -> int:
        matrix = self._matrix
        return matrix.offset + row * matrix.row_bytes + column * matrix.dtype.itemsize

    def finish(self) -> None:
        self._forward.skip_to(self._matrix.end, "its matrix")
        if isinstance(self._forward.source, Stream):
            self._follows_array = CONTAINERS["npy"].claims(self._forward.source.head(6))
            if self._file_end is not None:
                self._forward.skip_to(self._file_end, "its last array")
        self._forward.skip_to_end()
        self._refuse_surplus(self._forward.position)

    def _refuse_surplus(self, size: int) -> None:
        if self._file_end is None or size <= self._file_end:
            return
        if self._follows_array:
            raise InputError(
                "a matrix that embedprep built, which cannot be read as a stream",
                "Decompress or save it first, and name the file.",
                path=self._forward.source.path,
            )
        raise InputError(
            f"{size - self._file_end} bytes follow the matrix, but its header does not "
            "mention them",
            "The file is damaged, or its header is: download or export it again.",
            path=self._forward.source.path,
            byte=self._file_end,
        )


class ArrayRows:
    """An array in memory, or one that a library has memory-mapped."""

    def __init__(self, array: Values, source: PlainFile | Stream) -> None:
        check_shape(source.path, *array.shape)
        self._array = array
        self._source = source
        self.count, self.dim = array.shape
        self.position = 0

    def gather(self, wanted: NDArray[np.int64]) -> Iterator[tuple[slice, Values]]:
        step = max(1, AT_ONCE // (self.dim * self._array.itemsize))
        for begin in range(0, len(wanted), step):
            yield slice(begin, begin + step), self._array[wanted[begin : begin + step]]

    def byte(self, row: int, column: int) -> int:
        return 0  # somewhere in a pickle, or in a file beside it

    def finish(self) -> None:
        self.position = self._source.length()


def check_shape(path: str, rows: int, dim: int) -> None:
    """Raise for a shape that vectors cannot have: an empty matrix, or an absurd dimension."""
    if rows < 1 or not 0 < dim <= MAX_DIM:
        raise InputError(
            f"its matrix has the shape ({rows}, {dim})",
            "Vectors have a row a token, of 1 value or more: export the file again.",
            path=path,
        )
