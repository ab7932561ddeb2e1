"""NumPy arrays (`.npy`): matrices that embedprep built, or any with a token list beside it.

`embedprep build` writes more arrays behind the matrix: `STORED`, the report and a seal.
"""

from __future__ import annotations

import io
import tokenize
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.stored_arrays import REPORT, SEAL, STORED
from embedprep.errors import InputError
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import built_matrix, token_list
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries, TableVectors
from embedprep.vectors.table_rows import Place, StoredRows, check_shape

MAGIC = b"\x93NUMPY"
FLOATS = (np.float16, np.float32, np.float64)

_MAX_HEADER_BYTES = 16 << 10
"""NumPy itself takes no header of more than 10,000 characters."""


@dataclass(frozen=True)
class Header:
    """What stands before the numbers of an array; they begin at `offset`."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    offset: int

    @property
    def end(self) -> int:
        count: int = np.prod(self.shape, dtype=object)  # never rounded, never wrapped
        return self.offset + int(count) * self.dtype.itemsize


def open_array(source: PlainFile | Stream, request: Request) -> TableVectors:
    """Raises if the array is no matrix of numbers, or there is no token list for it."""
    place = matrix_place(source)
    if isinstance(source, PlainFile) and place.end < source.size:
        records = _records_behind(source, place, request)
        place = replace(place, ends_file=False)
    else:
        rows = StoredRows(Forward(source), place)  # before anybody reads a list for nothing
        path = token_list.find(request, compressed=source.compression is not None)
        records = token_list.read(path, rows.count, source.path)
    rows = StoredRows(Forward(source), place)
    return TableVectors(source, request, rows, records, format="npy")


def matrix_place(source: PlainFile | Stream) -> Place:
    """Where the matrix is that a `.npy` file begins with."""
    header = _header(source.head(_MAX_HEADER_BYTES), 0, source.path)
    problem = None
    if header.dtype.type not in FLOATS:
        problem = f"an array of {header.dtype}"
        if header.dtype.hasobject:
            problem = "an array of Python objects, which are pickled"
    elif len(header.shape) != 2:
        problem = f"an array of {len(header.shape)} dimensions"
    elif header.fortran:
        problem = "a matrix written column by column (Fortran order)"
    if problem is not None:
        raise InputError(
            f"{problem}, not a matrix of numbers with a row a token",
            "Write it again: numpy.save(FILE, numpy.ascontiguousarray(MATRIX, 'float32')).",
            path=source.path,
        )
    rows, dim = header.shape
    check_shape(source.path, rows, dim)
    return Place(header.offset, rows, dim, header.dtype)


def _header(head: bytes, offset: int, path: str) -> Header:
    """The header of the array that begins at `offset`, where `head` was read."""
    file = io.BytesIO(head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a header that Python 2 wrote, or a damaged one
            version = np.lib.format.read_magic(file)
            if version == (1, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
            elif version == (2, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
            else:  # 3.0 is for the names of columns
                raise ValueError(f"format version {version}")
        if min(shape, default=0) < 0:
            raise ValueError(f"shape {shape}")
    # The header is a Python literal, and NumPy lets the parser's errors through.
    except (
        *(ValueError, TypeError, KeyError, OverflowError, MemoryError, RecursionError),
        *(SyntaxError, tokenize.TokenError),
    ) as error:
        raise InputError(
            "its header is damaged or cut off",
            "Download or export the array again.",
            path=path,
            byte=offset,
        ) from error
    return Header(shape, fortran, dtype, offset + file.tell())


def _records_behind(source: PlainFile, place: Place, request: Request) -> Entries:
    """The keys in a matrix that embedprep built."""
    headers: list[Header] = []
    for stored in (*STORED, REPORT, SEAL):
        begin = headers[-1].end if headers else place.end
        head = bytearray(max(0, min(_MAX_HEADER_BYTES, source.size - begin)))
        source.read_into(head, begin)
        if not head.startswith(MAGIC):
            raise _surplus(source, begin)
        header = _header(bytes(head), begin, source.path)
        if (
            header.dtype.type is not stored.type
            or len(header.shape) != 1
            or header.end > source.size
        ):
            raise _surplus(source, begin)
        if stored.length(place.rows) not in (None, header.shape[0]):
            raise _surplus(source, begin)
        headers.append(header)
    if headers[-1].end < source.size:
        raise _surplus(source, headers[-1].end)
    text, offsets, _, _, provenance, _, _, report, _ = (
        _array(source, header) for header in headers
    )
    return built_matrix.records(text, offsets, provenance, report.tobytes(), request)


def _array(source: PlainFile, header: Header) -> NDArray[Any]:
    data = bytearray(header.end - header.offset)
    source.read_into(data, header.offset)
    return np.frombuffer(data, header.dtype)


def _surplus(source: PlainFile, byte: int) -> InputError:
    return InputError(
        "what stands behind the matrix is not what embedprep writes there: it is truncated "
        "or something else",
        "Download or copy it again; of an array of your own, keep only the matrix in the file.",
        path=source.path,
        byte=byte,
    )
