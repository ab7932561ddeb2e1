"""The HDF5 container: a contiguous `/embeddings` that can be mapped, and plain datasets beside it.

`/embeddings` (rows, dim), the annotations by their names (`/tokens`, `/provenance`, …), the report
and the seal. No links, no chunks, no external storage: Keras refuses files that have them, and so
does `layout`.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.containers import hdf5_dataset
from embedprep.containers.annotations import Annotations
from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import Layout, Region
from embedprep.containers.seal import SEAL_BYTES, seal
from embedprep.containers.stored_arrays import REPORT, SEAL, STORED

if TYPE_CHECKING:
    import h5py

_MAGIC = b"\x89HDF\r\n\x1a\n"
_PAGE = 4096


def claims(head: bytes) -> bool:
    return head.startswith(_MAGIC)


class Hdf5Writer:
    """A matrix mapped into the place of a contiguous dataset in a temporary file."""

    def __init__(
        self, file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[np.floating]
    ) -> None:
        self._file = file
        with _LatchingFile(file) as raw, _open(raw, "w") as root:
            start = _create_contiguous(root, "embeddings", shape, dtype)
        self._rows = (start, start + shape[0] * shape[1] * dtype.itemsize)
        with reporting(file.path):
            _platform.allocate(file.fd, *self._rows)
            self._map = _platform.map_writable(file.fd, self._rows[1])
        self.matrix: NDArray[np.floating] = np.frombuffer(
            self._map, dtype, shape[0] * shape[1], start
        ).reshape(shape)

    def sync(self) -> None:
        """Send the rows to the disk."""
        with reporting(self._file.path):
            _platform.sync_map(self._map, self._file.fd)

    def annotate(self, annotations: Annotations) -> None:
        with _LatchingFile(self._file) as raw, _open(raw, "r+") as root:
            # No attribute: the library keeps a long text in a heap, and where that is damaged it
            # goes round in circles for ever (seen with HDF5 2.0.0).
            report = np.frombuffer(annotations.report.encode(), np.uint8)
            for stored, array in zip(
                (*STORED, REPORT), (*annotations.arrays(), report), strict=True
            ):
                root.create_dataset(stored.name, data=array)
            at = _create_contiguous(root, SEAL.name, (SEAL_BYTES,), np.dtype(np.uint8))
        seal(self._file, self._rows, at)


class _LatchingFile(io.RawIOBase):
    """The temporary file as HDF5 sees it: what ends a write is remembered, and raised on leaving.

    HDF5 cannot recover from an error in the middle of a write, nor from the exception of a signal:
    it crashes the process when it tries to flush again at exit.
    """

    def __init__(self, file: AtomicFile) -> None:
        self._path = file.path
        self._raw = os.fdopen(os.dup(file.fd), "r+b", buffering=0)
        self._error: BaseException | None = None

    def __exit__(self, *details: object) -> None:
        with reporting(self._path):
            self._raw.close()
            if self._error is not None:
                raise self._error

    def write(self, data: Any) -> int:
        if self._error is None:
            try:
                rest = memoryview(data).cast("B")
                while rest:  # a raw file may write less than it was given
                    rest = rest[self._raw.write(rest) :]
            except BaseException as error:
                self._error = error
        return memoryview(data).nbytes

    def truncate(self, size: int | None = None) -> int:
        if self._error is None:
            try:
                return self._raw.truncate(size)
            except BaseException as error:
                self._error = error
        return size or 0

    def readinto(self, buffer: Any) -> int:
        return self._raw.readinto(buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()


def _open(raw: _LatchingFile, mode: str) -> h5py.File:
    import h5py

    # The matrix begins on a page, as a map wants it; small objects stay packed.
    return h5py.File(raw, mode, alignment_threshold=_PAGE, alignment_interval=_PAGE)


def _create_contiguous(
    root: h5py.File, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> int:
    """Reserve the dataset without writing it; its place in the file."""
    import h5py

    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.CONTIGUOUS)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    properties.set_obj_track_times(False)  # equal builds are equal files
    kind = h5py.h5t.py_create(dtype)
    space = h5py.h5s.create_simple(shape)
    dataset = h5py.h5d.create(root.id, name.encode(), kind, space, dcpl=properties)
    return int(dataset.get_offset())


def layout(file: BinaryIO) -> Layout:
    """That of a file that `Hdf5Writer` wrote; raises ValueError for any other, and for one that
    could lead to another file.
    """
    import h5py

    try:
        with h5py.File(file, "r") as root:  # the library opens no file itself
            names = ("embeddings", *(stored.name for stored in (*STORED, REPORT, SEAL)))
            matrix, *arrays, report, sealed = (
                Region(*hdf5_dataset.place(root, name)) for name in names
            )
            return Layout(matrix, tuple(arrays), report, sealed)
    # Damaged structures make the library raise nearly anything.
    except (OSError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise ValueError(str(error)) from error
