"""The .npy container: the matrix, and behind it more arrays in the same file.

`np.load` reads the first array of a file and ignores what follows, mapped or not; so the file is
an ordinary .npy for everybody, and one rename publishes everything. Behind the matrix stand the
annotations in their order, the report and the seal, each as `np.save` writes it.
"""

from __future__ import annotations

import io
import os
import tokenize
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.containers.annotations import Annotations
from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import Layout, Region
from embedprep.containers.seal import SEAL_BYTES, seal
from embedprep.containers.stored_arrays import STORED

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
            _platform.allocate(file.fd, 0, size)
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
        unsealed = np.zeros(SEAL_BYTES, np.uint8)
        with reporting(self._file.path), os.fdopen(self._file.fd, "r+b", closefd=False) as file:
            end = file.seek(0, os.SEEK_END)
            rows = (end - self.matrix.nbytes, end)
            for array in (*annotations.arrays(), report, unsealed):
                np.lib.format.write_array(file, array, allow_pickle=False)
            at = file.tell() - SEAL_BYTES
        seal(self._file, rows, at)


def _header(shape: tuple[int, int], dtype: np.dtype[np.floating]) -> bytes:
    buffer = io.BytesIO()
    descr = np.lib.format.dtype_to_descr(dtype)
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue()


def layout(file: BinaryIO) -> Layout:
    """That of a file that `NpyWriter` wrote; raises ValueError for any other."""
    size = os.fstat(file.fileno()).st_size
    matrix = _next(file, size)
    if file.tell() == size:
        raise ValueError("no tokens stand behind the array")
    *stored, report, sealed = [_next(file, size) for _ in range(len(STORED) + 2)]
    return Layout(matrix, tuple(stored), report, sealed)


def _next(file: BinaryIO, size: int) -> Region:
    """The array that begins at the current position; moves behind it."""
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"format version {version}")
    try:
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except (SyntaxError, tokenize.TokenError, RecursionError, TypeError) as error:
        raise ValueError("its header is damaged") from error  # the header is a Python literal
    if dtype.hasobject or fortran or min(shape, default=0) < 0:
        raise ValueError(f"an array of {dtype} in another layout")
    region = Region(file.tell(), dtype, shape)
    if region.end > size:
        raise ValueError("it is truncated")
    file.seek(region.end)
    return region
