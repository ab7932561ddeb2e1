"""Where a dataset stands in an HDF5 file, if it stands there at all.

A link, external storage or a virtual dataset can lead to any other file, so they are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import h5py
    import numpy as np


def place(root: h5py.Group, name: str) -> tuple[int, np.dtype[Any], tuple[int, ...]]:
    """Offset in the file, dtype and shape; an empty dataset has the offset 0.

    Raises ValueError unless it is one piece of plain numbers in this file.
    """
    import h5py

    if not isinstance(root.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"/{name} is missing or a link")
    dataset = root[name]
    if not isinstance(dataset, h5py.Dataset) or dataset.is_virtual or dataset.external:
        raise ValueError(f"/{name} is not a plain dataset")
    dtype, shape = dataset.dtype, dataset.shape
    if shape is None or dataset.chunks is not None or dtype.hasobject:
        raise ValueError(f"/{name} is not contiguous")
    if 0 in shape:
        return 0, dtype, shape
    offset = dataset.id.get_offset()
    if offset is None:
        raise ValueError(f"/{name} is not contiguous")
    return int(offset), dtype, shape
