"""The .npy container: the matrix, and behind it more arrays in the same file.

`np.load` reads the first array of a file and ignores what follows, mapped or not; so the file is
an ordinary .npy for everybody, and one rename publishes everything. Behind the matrix stand the
annotations in their order, and last the report, each as `np.save` writes it.
"""

from __future__ import annotations

import io
import os
import tokenize
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.errors import InputError
from embedprep.outputs.annotations import Annotations
from embedprep.outputs.atomic import AtomicFile, reporting
from embedprep.stored_arrays import STORED

_MAGIC = b"\x93NUMPY"


def claims(head: bytes) -> bool:
    return head.startswith(_MAGIC)


class NpyWriter:
    """A matrix mapped into a temporary file."""

    def __init__(
        self, file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[np.floating]
    ) -> None:
        self._file = file
        header = _header(shape, dtype)
        size = len(header) + shape[0] * shape[1] * dtype.itemsize
        with reporting(file.path):
            _platform.allocate(file.fd, size)
            os.lseek(file.fd, 0, os.SEEK_SET)
            file.write(header)
            self._map = _platform.map_writable(file.fd, size)
        self.matrix: NDArray[np.floating] = np.frombuffer(
            self._map, dtype, shape[0] * shape[1], len(header)
        ).reshape(shape)

    def sync(self) -> None:
        """Send the rows to the disk."""
        with reporting(self._file.path):
            _platform.sync_map(self._map, self._file.fd)

    def annotate(self, annotations: Annotations) -> None:
        report = np.frombuffer(annotations.report.encode(), np.uint8)
        with reporting(self._file.path), os.fdopen(self._file.fd, "r+b", closefd=False) as file:
            file.seek(0, os.SEEK_END)
            for array in (*annotations.arrays(), report):
                np.lib.format.write_array(file, array, allow_pickle=False)


def _header(shape: tuple[int, int], dtype: np.dtype[np.floating]) -> bytes:
    buffer = io.BytesIO()
    descr = np.lib.format.dtype_to_descr(dtype)
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue()


def read(path: str, *, copy_on_write: bool = False) -> tuple[NDArray[np.floating], Annotations]:
    """Map a file that `NpyWriter` wrote; nothing is copied, and nothing unpickled.

    With `copy_on_write` the matrix can be changed in memory.
    """
    try:
        with open(path, "rb") as file:
            matrix = _map_next(file, path, copy_on_write=copy_on_write)
            if file.tell() == os.fstat(file.fileno()).st_size:
                raise ValueError("no tokens stand behind the array")
            *stored, report = [_map_next(file, path) for _ in range(len(STORED) + 1)]
        return matrix, Annotations.from_arrays(stored, report.tobytes().decode())
    except ValueError as error:
        raise InputError(
            f"not a .npy matrix written by embedprep: {error}",
            "Name the output of embedprep build; for any other array use numpy.load.",
            path=path,
        ) from error


def _map_next(file: BinaryIO, path: str, *, copy_on_write: bool = False) -> NDArray[Any]:
    """Map the array that begins at the current position, and move behind it."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"format version {version}")
    try:
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except (SyntaxError, tokenize.TokenError, RecursionError, TypeError) as error:
        raise ValueError("its header is damaged") from error  # the header is a Python literal
    if dtype.hasobject or fortran:
        raise ValueError(f"an array of {dtype} in another layout")
    start = file.tell()
    length = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if length > os.fstat(file.fileno()).st_size - start:
        raise ValueError("it is truncated")
    file.seek(start + length)
    if length == 0:  # nothing to map
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "c" if copy_on_write else "r", start, shape)
