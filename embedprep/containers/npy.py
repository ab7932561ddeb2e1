"""The .npy container: the matrix, and after it more arrays in the same file.

`np.load` reads the first array of a file and ignores the rest, mapped or not. So other programs see
an ordinary .npy, and one rename publishes everything. The layout, the annotations in order, the
report and the seal follow the matrix, each in the form that `np.save` writes.
"""

from __future__ import annotations

import io
import os
import warnings
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import (
    LAYOUT,
    MATRIX,
    SEAL,
    Region,
    check_numbers,
    layout_number,
    names,
)

HEADER_BYTES = 16 << 10
"""Enough of a file to see the header of an array: NumPy's limit is 10,000 characters."""


def begin(file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[Any]) -> int:
    """Write what precedes the rows; return where they begin."""
    header = io.BytesIO()
    descr = np.lib.format.dtype_to_descr(dtype)
    np.lib.format.write_array_header_1_0(
        header, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    file.write(header.getvalue())
    return len(header.getvalue())


def finish(file: AtomicFile, rows: Region, arrays: dict[str, NDArray[Any]]) -> int:
    """Write what follows the rows; return where the seal begins."""
    with reporting(file.path), os.fdopen(file.fd, "r+b", closefd=False) as end:
        end.seek(0, os.SEEK_END)
        for array in arrays.values():
            np.lib.format.write_array(end, array, allow_pickle=False)
        return end.tell() - arrays[SEAL.name].nbytes


def regions(file: BinaryIO, size: int) -> dict[str, Region]:
    """Return the arrays of a file of `size` bytes that `finish` wrote, or raise ValueError."""
    found: dict[str, Region] = {}
    end, coming = 0, [MATRIX, LAYOUT.name]
    while coming:
        name = coming.pop(0)
        if found and end == size:
            raise ValueError(f"no '{name}' follows in the file")
        file.seek(end)
        region, fortran = array_at(end, file.read(HEADER_BYTES))
        end = region.end
        if fortran or end > size:
            raise ValueError(f"'{name}' is in another order" if fortran else "it is truncated")
        found[name] = region
        if name == LAYOUT.name:
            coming = list(names(layout_number(file, region))[len(found) :])
    if end < size:
        raise ValueError(f"it has {size} bytes, and its arrays end at {end}")
    return found


def array_at(offset: int, head: bytes) -> tuple[Region, bool]:
    """Return the array whose header is at `offset` of a file, and whether it is in column order.

    `head` is the content of the file there, `HEADER_BYTES` or all. Raises ValueError for anything
    else.
    """
    file = io.BytesIO(head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about a header that Python 2 wrote, or a damaged one
            version = np.lib.format.read_magic(file)
            if version == (1, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
            elif version == (2, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
            else:  # version 3.0 is for the names of columns
                raise ValueError(f"format version {version}")
        check_numbers(shape)
    # The header is a Python literal that embedprep did not write, and NumPy passes on anything that
    # the parser, the tokenizer and its own checks of the literal raise.
    except Exception as error:
        raise ValueError("its header is damaged or cut off") from error
    return Region(offset + file.tell(), dtype, shape), fortran
