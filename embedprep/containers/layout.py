"""Where the arrays of a matrix file are, in any container.

In: the region of each named array, as the reader of a container finds it. Out: a `MatrixLayout`,
checked to be that of a matrix with its annotations. Writers and readers agree here on the arrays in
a matrix file besides its rows.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep import __version__
from embedprep.containers.annotations import Annotations
from embedprep.errors import of_later_version
from embedprep.named_tuples import NamedTuple

BFLOAT16 = np.dtype("V2")
"""The upper halves of float32 numbers. NumPy has no such type, and saves them as two bytes."""
_MAX_DIMENSIONS = 64
"""The limit of dimensions, which is NumPy's own. Multiplying millions of sizes would take
minutes.
"""


class Region(NamedTuple):
    """An array in a file, which begins at byte `offset`."""

    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def end(self) -> int:
        count: int = np.prod(self.shape, dtype=object)  # never rounded, never wrapped
        return self.offset + int(count) * self.dtype.itemsize

    @property
    def row_bytes(self) -> int:
        """The size of a row of a matrix in bytes."""
        return self.shape[1] * self.dtype.itemsize

    def of(self, file: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the array in a map of the whole file. Raises ValueError if the file ends before it
        does.
        """
        if self.end > len(file):
            raise ValueError("it is truncated")
        return file[self.offset : self.end].view(self.dtype).reshape(self.shape)


def check_numbers(numbers: tuple[Any, ...]) -> None:
    """Raise ValueError unless these can be the shape of an array, or positions in a file."""
    if len(numbers) > _MAX_DIMENSIONS:
        raise ValueError(f"an array of {len(numbers)} dimensions")
    if any(type(number) is not int or not 0 <= number < 1 << 63 for number in numbers):
        raise ValueError("sizes that no array has")


class StoredArray(NamedTuple):
    """An array that a matrix file contains besides the matrix."""

    name: str
    type: type[np.generic]
    more_than_rows: int | None
    """Its length minus the number of rows of the matrix; None if the two are unrelated."""

    def length(self, rows: int) -> int | None:
        return None if self.more_than_rows is None else rows + self.more_than_rows


MATRIX = "embeddings"
LAYOUT = StoredArray("layout", np.uint8, None)
"""The layout of the file, and the version that wrote it: ASCII, as in `layout_text`. Every version
finds it, whatever else changes: in a `.npy` it is the second array, elsewhere it has this name.
"""
STORED = (
    StoredArray("tokens", np.uint8, None),
    StoredArray("token_offsets", np.int64, 1),
    StoredArray("keys", np.uint8, None),
    StoredArray("key_offsets", np.int64, 1),
    StoredArray("provenance", np.uint8, 0),
    StoredArray("sources", np.uint8, 0),
    StoredArray("records", np.int64, 0),
)
"""The annotations, in order."""
REPORT = StoredArray("report", np.uint8, None)
"""The report: JSON in UTF-8."""
SEAL = StoredArray("seal", np.uint8, None)
"""The seal: a checksum of everything except the rows; see `embedprep.containers.seal`."""
FITTED = StoredArray("fitted", np.float32, None)
"""The fitted values of the steps of `--post`; see `embedprep.post.fitting.packed`."""
SCALES = StoredArray("scales", np.float32, 0)
"""The scale of each row of a matrix of int8; see `embedprep.containers.quantised`."""
LATER = (FITTED, SCALES)
"""The arrays that the second and the third layout added to the first. A layout has all arrays of
the ones before it.
"""

SCHEMA = "embedprep.matrix"
NUMBER = 3
"""The number of the newest layout. This version reads all up to it, and writes the first that can
hold the matrix, which earlier versions can read.
"""
_LONGEST_TEXT = 256


def first_layout(arrays: Container[str]) -> int:
    """Return the number of the first layout that holds these arrays, given by name."""
    added = (number for number, one in enumerate(LATER, 2) if one.name in arrays)
    return max(added, default=1)


def beside(number: int) -> tuple[StoredArray, ...]:
    """Return the arrays besides the matrix in this layout, in the order of the file."""
    return (LAYOUT, *STORED, *LATER[: number - 1], REPORT, SEAL)


def names(number: int) -> tuple[str, ...]:
    """Return the names of all arrays of a matrix file, likewise."""
    return (MATRIX, *(stored.name for stored in beside(number)))


def layout_text(number: int) -> bytes:
    return f"{SCHEMA}/{number} embedprep {__version__}\n".encode()


def layout_number(file: BinaryIO, region: Region) -> int:
    """Return the number of the layout of a file, whose text is in `region`.

    Raises ValueError if it is not one of embedprep, and InputError if a later version wrote it.
    """
    file.seek(region.offset)
    text = file.read(min(max(region.end - region.offset, 0), _LONGEST_TEXT))
    found = re.fullmatch(
        rf"{re.escape(SCHEMA)}/([0-9]{{1,9}}) embedprep (\S+)\n", text.decode("ascii", "replace")
    )
    if found is None:
        raise ValueError(f"its '{LAYOUT.name}' is not one of embedprep")
    if int(found[1]) > NUMBER:
        raise of_later_version("a matrix", f"{SCHEMA}/{found[1]}", f"{SCHEMA}/{NUMBER}", found[2])
    return int(found[1])


class MatrixLayout(NamedTuple):
    """The location of everything in a matrix file."""

    matrix: Region
    """The matrix, shape (rows, dim)."""
    beside: dict[str, Region]
    """The other arrays by name, with the types and lengths of `beside`."""

    @property
    def seal(self) -> Region:
        return self.beside[SEAL.name]

    def annotations(self, file: NDArray[np.uint8]) -> Annotations:
        """Read the annotations from a map of the whole file. Raises ValueError if something is cut
        off.
        """
        report = self.beside[REPORT.name].of(file).tobytes().decode()
        arrays = [self.beside[stored.name].of(file) for stored in STORED]
        notes = Annotations.from_arrays(arrays, report)
        there = [one.name for one in LATER if one.name in self.beside]
        later: dict[str, Any] = {name: self.beside[name].of(file) for name in there}
        return notes._replace(**later)


def matrix_layout(regions: Mapping[str, Region], size: int) -> MatrixLayout:
    """Return the layout of a file of `size` bytes with these arrays, by name: all of its layout.

    Raises ValueError unless they are inside the file, and belong to a matrix that embedprep built.
    """
    number = first_layout(regions)
    for name in names(number):
        if regions[name].end > size:
            raise ValueError(f"'{name}' ends after the file does: it is truncated")
    matrix = regions[MATRIX]
    if len(matrix.shape) != 2:
        raise ValueError(f"'{MATRIX}' has the shape {matrix.shape}, and is not a matrix")
    if (matrix.dtype == np.int8) != (SCALES.name in names(number)):
        raise ValueError(f"its rows are {matrix.dtype}, with the layout {SCHEMA}/{number}")
    rows = matrix.shape[0]
    for stored in beside(number):
        _, dtype, shape = regions[stored.name]
        if dtype != stored.type or len(shape) != 1 or stored.length(rows) not in (None, *shape):
            raise ValueError(
                f"'{stored.name}' is an array of {dtype} of shape {shape}, which does not belong "
                f"to a matrix of {rows} rows"
            )
    return MatrixLayout(matrix, {name: regions[name] for name in names(number)[1:]})
