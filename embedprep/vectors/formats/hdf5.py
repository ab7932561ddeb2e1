"""HDF5 files that embedprep built (`.h5`): a contiguous `/embeddings` and its tokens.

The library only says where in the file the datasets stand; they are read by this program. So no
link, no external storage and no virtual dataset can lead to another file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import hdf5_dataset
from embedprep.containers.stored_arrays import REPORT, STORED
from embedprep.errors import InputError
from embedprep.sources.decompressors import SourceFile
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import built_matrix
from embedprep.vectors.formats.npy import FLOATS
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vectors.table_rows import Place, StoredRows, check_shape

if TYPE_CHECKING:
    import h5py

_STORED = (*STORED, REPORT)


def open_built(source: PlainFile | Stream, request: Request) -> TableVectors:
    """Raises for a file that `embedprep build` did not write."""
    if isinstance(source, Stream):
        raise InputError(
            "an HDF5 file cannot be read as a stream",
            "Decompress or save it first, and name the file.",
            path=source.path,
        )
    import h5py

    try:
        with h5py.File(SourceFile(source), "r") as root:  # the library opens no file itself
            if root.userblock_size:
                raise ValueError("it begins with a user block")
            matrix, *rest = (
                _dataset(root, name, source.size)
                for name in ("embeddings", *(stored.name for stored in _STORED))
            )
    # Damaged structures make the library raise nearly anything.
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        raise InputError(
            f"not an HDF5 matrix written by embedprep: {error}",
            "For any other matrix, write it as .npy with numpy.save, and its tokens beside it.",
            path=source.path,
        ) from error
    return _vectors(source, request, matrix, rest)


_Dataset = tuple[int, np.dtype[Any], tuple[int, ...]]
"""Offset in the file, dtype, shape."""


def _dataset(root: h5py.File, name: str, size: int) -> _Dataset:
    offset, dtype, shape = hdf5_dataset.place(root, name)
    if offset + int(np.prod(shape, dtype=object)) * dtype.itemsize > size:
        raise ValueError(f"/{name} ends behind the file: it is truncated")
    return offset, dtype, shape


def _vectors(
    source: PlainFile, request: Request, matrix: _Dataset, rest: list[_Dataset]
) -> TableVectors:
    offset, dtype, shape = matrix
    if dtype.type not in FLOATS or len(shape) != 2:
        raise InputError(
            f"/embeddings is an array of {dtype} of shape {shape}, not a matrix of numbers",
            "The file is damaged: build it again.",
            path=source.path,
        )
    rows, dim = shape
    check_shape(source.path, rows, dim)
    for (_, kind, found), expected in zip(rest, _STORED, strict=True):
        fits = kind.type is expected.type and len(found) == 1
        if not fits or expected.length(rows) not in (None, found[0]):
            raise InputError(
                "its tokens are not those of its matrix",
                "The file is damaged: build it again.",
                path=source.path,
            )
    text, offsets, _, _, provenance, _, _, report = (_array(source, dataset) for dataset in rest)
    records = built_matrix.records(text, offsets, provenance, report.tobytes(), request)
    place = Place(offset, rows, dim, dtype, ends_file=False)
    stored = StoredRows(Forward(source), place)
    return TableVectors(source, request, stored, records, format="hdf5")


def _array(source: PlainFile, dataset: _Dataset) -> NDArray[Any]:
    offset, dtype, (length,) = dataset
    data = bytearray(length * dtype.itemsize)
    source.read_into(data, offset)
    return np.frombuffer(data, dtype)
