"""Where the arrays of a matrix file are, whatever its container.

In: the region of each named array, as the reader of a container finds it. Out: a `MatrixLayout`,
checked to be that of a matrix with its annotations. Writers and readers agree here on the arrays
that a matrix file holds beside its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.annotations import Annotations

BFLOAT16 = np.dtype("V2")
"""The upper halves of float32 numbers: NumPy has no such numbers, and saves them as two bytes."""
_MAX_DIMENSIONS = 64
"""NumPy's own. The sizes of millions of dimensions would take minutes to multiply."""


class Region(NamedTuple):
    """An array in a file: it begins at byte `offset`."""

    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def end(self) -> int:
        count: int = np.prod(self.shape, dtype=object)  # never rounded, never wrapped
        return self.offset + int(count) * self.dtype.itemsize

    @property
    def row_bytes(self) -> int:
        """The size of a row of a matrix."""
        return self.shape[1] * self.dtype.itemsize

    def of(self, file: NDArray[np.uint8]) -> NDArray[Any]:
        """The array, in a map of the whole file. Raises ValueError where the file ends before."""
        if self.end > len(file):
            raise ValueError("it is truncated")
        return file[self.offset : self.end].view(self.dtype).reshape(self.shape)


def check_numbers(numbers: tuple[Any, ...]) -> None:
    """Raise ValueError unless these can be the shape of an array, or places in a file."""
    if len(numbers) > _MAX_DIMENSIONS:
        raise ValueError(f"an array of {len(numbers)} dimensions")
    if any(type(number) is not int or not 0 <= number < 1 << 63 for number in numbers):
        raise ValueError("sizes that no array has")


class StoredArray(NamedTuple):
    """An array that a matrix file holds beside the matrix."""

    name: str
    type: type[np.generic]
    more_than_rows: int | None
    """Its length minus the number of rows of the matrix; None says nothing of it."""

    def length(self, rows: int) -> int | None:
        return None if self.more_than_rows is None else rows + self.more_than_rows


MATRIX = "embeddings"
STORED = (
    StoredArray("tokens", np.uint8, None),
    StoredArray("token_offsets", np.int64, 1),
    StoredArray("keys", np.uint8, None),
    StoredArray("key_offsets", np.int64, 1),
    StoredArray("provenance", np.uint8, 0),
    StoredArray("sources", np.uint8, 0),
    StoredArray("records", np.int64, 0),
)
"""The annotations, in their order."""
REPORT = StoredArray("report", np.uint8, None)
"""JSON in UTF-8."""
SEAL = StoredArray("seal", np.uint8, None)
"""A checksum of everything but the rows: see `embedprep.containers.seal`."""
BESIDE = (*STORED, REPORT, SEAL)
NAMES = (MATRIX, *(stored.name for stored in BESIDE))
"""All arrays of a matrix file, in the order in which they are written."""


class MatrixLayout(NamedTuple):
    """All that a matrix file holds."""

    matrix: Region
    """Shape (rows, dim)."""
    beside: dict[str, Region]
    """By the names of `BESIDE`, of its types and lengths."""

    @property
    def seal(self) -> Region:
        return self.beside[SEAL.name]

    def annotations(self, file: NDArray[np.uint8]) -> Annotations:
        """Those of a map of the whole file. Raises ValueError where something is cut off."""
        report = self.beside[REPORT.name].of(file).tobytes().decode()
        arrays = [self.beside[stored.name].of(file) for stored in STORED]
        return Annotations.from_arrays(arrays, report)


def matrix_layout(regions: Mapping[str, Region], size: int) -> MatrixLayout:
    """The layout of a file of `size` bytes whose arrays are `regions`, by their names.

    Raises ValueError unless they are inside the file, and those of a matrix that embedprep built.
    """
    for name in NAMES:
        if name not in regions:
            raise ValueError(f"'{name}' is missing")
        if regions[name].end > size:
            raise ValueError(f"'{name}' ends after the file does: it is truncated")
    matrix = regions[MATRIX]
    if len(matrix.shape) != 2:
        raise ValueError(f"'{MATRIX}' has the shape {matrix.shape}, and is not a matrix")
    rows = matrix.shape[0]
    for stored in BESIDE:
        _, dtype, shape = regions[stored.name]
        if dtype != stored.type or len(shape) != 1 or stored.length(rows) not in (None, *shape):
            raise ValueError(
                f"'{stored.name}' is an array of {dtype} of shape {shape}, which does not belong "
                f"to a matrix of {rows} rows"
            )
    return MatrixLayout(matrix, {stored.name: regions[stored.name] for stored in BESIDE})
