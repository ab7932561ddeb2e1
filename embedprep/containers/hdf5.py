"""The HDF5 container: a contiguous `/embeddings` that can be mapped, and plain datasets beside it.

It contains `/embeddings` (rows, dim), the annotations by their names (`/tokens`, `/provenance`, …),
the report and the seal. It has no links, chunks or external storage: Keras refuses files with them,
and so does `regions`. The library only finds the datasets; embedprep reads them itself.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import LAYOUT, MATRIX, Region, layout_number, names
from embedprep.errors import EmbedprepError

if TYPE_CHECKING:
    import h5py

_PAGE = 4096


def begin(file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[Any]) -> int:
    """Write what precedes the rows; return where they begin."""
    with _LatchingFile(file) as raw, _open(raw, "w") as root:
        return _create_contiguous(root, MATRIX, shape, dtype)


def finish(file: AtomicFile, rows: Region, arrays: dict[str, NDArray[Any]]) -> int:
    """Write what follows the rows; return where the seal begins."""
    with _LatchingFile(file) as raw, _open(raw, "r+") as root:
        # Not an attribute: the library stores a long text in a heap, and if that is damaged it
        # loops forever (seen with HDF5 2.0.0).
        *others, seal = arrays.items()
        for name, array in others:
            root.create_dataset(name, data=array)
        return _create_contiguous(root, seal[0], seal[1].shape, seal[1].dtype)


class _LatchingFile(io.RawIOBase):
    """The temporary file as HDF5 sees it: it remembers an error of a write, and raises it on exit.

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

    # The matrix begins on a page, as a map needs; small objects stay packed.
    return h5py.File(raw, mode, alignment_threshold=_PAGE, alignment_interval=_PAGE)


def _create_contiguous(
    root: h5py.File, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> int:
    """Reserve the dataset without writing it; return its position in the file."""
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


def regions(file: BinaryIO, size: int) -> dict[str, Region]:
    """Return the datasets of a file that `finish` wrote.

    Raises ValueError for any other file, and for one that could lead to another file.
    """
    import h5py

    try:
        with h5py.File(file, "r") as root:  # the library opens no file itself
            if root.userblock_size:
                raise ValueError("it begins with a user block")
            number = layout_number(file, dataset(root, LAYOUT.name))
            return {name: dataset(root, name) for name in names(number)}
    except EmbedprepError:  # the file changed while it was read, or a later version wrote it
        raise
    except Exception as error:  # damaged structures make the library raise almost anything
        raise ValueError(str(error)) from error


def dataset(root: h5py.Group, name: str) -> Region:
    """Return the dataset `name`; an empty one has the offset 0.

    A link, external storage or a virtual dataset can lead to any other file, so they are refused:
    raises ValueError unless the dataset is one piece of plain numbers in this file.
    """
    import h5py

    if not isinstance(root.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"/{name} is missing or a link")
    found = root[name]
    if not isinstance(found, h5py.Dataset) or found.is_virtual or found.external:
        raise ValueError(f"/{name} is not a plain dataset")
    dtype, shape = found.dtype, found.shape
    if shape is None or found.chunks is not None or dtype.kind not in "fiu":
        raise ValueError(f"/{name} is not contiguous, or not of plain numbers")
    if 0 in shape:
        return Region(0, dtype, shape)
    offset = found.id.get_offset()
    if offset is None:
        raise ValueError(f"/{name} is not contiguous")
    return Region(int(offset), dtype, shape)
