"""The HDF5 container: a contiguous `/embeddings` that can be mapped, and plain datasets beside it.

`/embeddings` (rows, dim), the annotations by their names (`/tokens`, `/provenance`, …), and the
report as JSON in the attribute `embedprep` of the root group. No links, no chunks, no external
storage: Keras refuses files that have them, and so does `read`.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform, hdf5_dataset
from embedprep.errors import InputError
from embedprep.outputs.annotations import Annotations
from embedprep.outputs.atomic import AtomicFile, reporting
from embedprep.stored_arrays import STORED

if TYPE_CHECKING:
    import h5py

_MAGIC = b"\x89HDF\r\n\x1a\n"
_ATTRIBUTE = "embedprep"
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
            offset = _create_contiguous(root, shape, dtype)
        with reporting(file.path):
            size = offset + shape[0] * shape[1] * dtype.itemsize
            _platform.allocate(file.fd, size)
            self._map = _platform.map_writable(file.fd, size)
        self.matrix: NDArray[np.floating] = np.frombuffer(
            self._map, dtype, shape[0] * shape[1], offset
        ).reshape(shape)

    def sync(self) -> None:
        """Send the rows to the disk."""
        with reporting(self._file.path):
            _platform.sync_map(self._map, self._file.fd)

    def annotate(self, annotations: Annotations) -> None:
        with _LatchingFile(self._file) as raw, _open(raw, "r+") as root:
            for stored, array in zip(STORED, annotations.arrays(), strict=True):
                root.create_dataset(stored.name, data=array)
            root.attrs[_ATTRIBUTE] = annotations.report


class _LatchingFile(io.RawIOBase):
    """The temporary file as HDF5 sees it: a failed write is remembered, and raised on leaving.

    HDF5 cannot recover from an error in the middle of a write; it crashes the process when it
    tries to flush again at exit.
    """

    def __init__(self, file: AtomicFile) -> None:
        self._path = file.path
        self._raw = os.fdopen(os.dup(file.fd), "r+b", buffering=0)
        self._error: OSError | None = None

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
            except OSError as error:
                self._error = error
        return memoryview(data).nbytes

    def truncate(self, size: int | None = None) -> int:
        if self._error is None:
            try:
                return self._raw.truncate(size)
            except OSError as error:
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
    root: h5py.File, shape: tuple[int, int], dtype: np.dtype[np.floating]
) -> int:
    """Reserve the dataset without writing it; its place in the file."""
    import h5py

    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.CONTIGUOUS)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    kind = h5py.h5t.py_create(dtype)
    space = h5py.h5s.create_simple(shape)
    dataset = h5py.h5d.create(root.id, b"embeddings", kind, space, dcpl=properties)
    return int(dataset.get_offset())


def read(path: str, *, copy_on_write: bool = False) -> tuple[NDArray[np.floating], Annotations]:
    """Map a file that `Hdf5Writer` wrote; refuses any that could lead to another file.

    With `copy_on_write` the matrix can be changed in memory.
    """
    import h5py

    try:
        with h5py.File(path, "r") as root:
            matrix = _map_contiguous(root, "embeddings", path, copy_on_write=copy_on_write)
            arrays = [_map_contiguous(root, stored.name, path) for stored in STORED]
            report = root.attrs[_ATTRIBUTE]
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise InputError(
            f"not an HDF5 matrix written by embedprep: {error}",
            "Name the output of embedprep build; for any other file use h5py.",
            path=path,
        ) from error
    return matrix, Annotations.from_arrays(arrays, str(report))


def _map_contiguous(
    root: h5py.File, name: str, path: str, *, copy_on_write: bool = False
) -> NDArray[Any]:
    offset, dtype, shape = hdf5_dataset.place(root, name)
    if 0 in shape:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "c" if copy_on_write else "r", offset, shape)
