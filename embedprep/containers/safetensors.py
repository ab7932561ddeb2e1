"""The safetensors container: the tensor `embeddings`, and the annotations as tensors behind it.

The library loads it like any other file; it is not used for writing, because its files differ
from run to run, belong to one user only and may not have reached the disk. `embeddings` (rows,
dim) begins on a page and can be mapped; behind it stand the annotations by their names, the
report as JSON in the bytes of the tensor `report`, and the seal.

Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
import os
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.containers import safetensors_header
from embedprep.containers.annotations import Annotations
from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import Layout, Region
from embedprep.containers.safetensors_header import LENGTH_BYTES, Header
from embedprep.containers.seal import SEAL_BYTES, seal
from embedprep.containers.stored_arrays import REPORT, SEAL, STORED

_START = 4096
"""The matrix begins on the second page. The header before it, of eleven entries whose numbers
have at most 19 digits, is never half as long."""
_METADATA = {"embedprep": json.dumps({"schema": "embedprep.matrix/1"})}
_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype(np.float32),
    "F16": np.dtype(np.float16),
    "I64": np.dtype(np.int64),
    "U8": np.dtype(np.uint8),
}


def claims(head: bytes) -> bool:
    return safetensors_header.claims(head)


class SafetensorsWriter:
    """A matrix mapped into a temporary file, behind the place of a header."""

    def __init__(
        self, file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[np.floating]
    ) -> None:
        self._file = file
        size = _START + shape[0] * shape[1] * dtype.itemsize
        with reporting(file.path):
            _platform.allocate(file.fd, 0, size)
            self._map = _platform.map_writable(file.fd, size)
        self.matrix: NDArray[np.floating] = np.frombuffer(
            self._map, dtype, shape[0] * shape[1], _START
        ).reshape(shape)

    def sync(self) -> None:
        """Send the rows to the disk."""
        with reporting(self._file.path):
            _platform.sync_map(self._map, self._file.fd)

    def annotate(self, annotations: Annotations) -> None:
        names = [stored.name for stored in STORED]
        behind = dict(zip(names, annotations.arrays(), strict=True))
        behind[REPORT.name] = np.frombuffer(annotations.report.encode(), np.uint8)
        # The wide numbers first: they stand aligned, as some programs want them, behind every
        # matrix of a multiple of eight bytes.
        order = sorted(behind, key=lambda name: -behind[name].itemsize)
        arrays = {name: behind[name] for name in order}
        arrays[SEAL.name] = np.zeros(SEAL_BYTES, np.uint8)
        with reporting(self._file.path), os.fdopen(self._file.fd, "r+b", closefd=False) as file:
            file.seek(0)
            file.write(_header({"embeddings": self.matrix} | arrays))
            file.seek(0, os.SEEK_END)
            for array in arrays.values():
                file.write(np.ascontiguousarray(array).data)
            at = file.tell() - SEAL_BYTES
        seal(self._file, (_START, _START + self.matrix.nbytes), at)


def _header(arrays: dict[str, NDArray[Any]]) -> bytes:
    """That of `arrays`, one behind the other; it fills the place before the first."""
    names = {dtype: name for name, dtype in _DTYPES.items()}
    entries: dict[str, Any] = {"__metadata__": _METADATA}
    end = 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        entries[name] = {
            "dtype": names[array.dtype],
            "shape": array.shape,
            "data_offsets": (begin, end),
        }
    length = _START - LENGTH_BYTES
    return length.to_bytes(LENGTH_BYTES, "little") + json.dumps(entries).encode().ljust(length)


def layout(file: BinaryIO) -> Layout:
    """That of a file that `SafetensorsWriter` wrote, or the library wrote again; raises ValueError
    for any other.
    """
    header = _read_header(file)
    matrix = _region(header, "embeddings")
    arrays = tuple(_region(header, stored.name) for stored in STORED)
    return Layout(matrix, arrays, _region(header, REPORT.name), _region(header, SEAL.name))


def _read_header(file: BinaryIO) -> Header:
    size = os.fstat(file.fileno()).st_size
    length = safetensors_header.length(file.read(LENGTH_BYTES))
    if length > min(safetensors_header.MAX_BYTES, size - LENGTH_BYTES):
        raise ValueError(f"its header is said to have {length} bytes")
    header = safetensors_header.parse(file.read(length))
    if header.end != size:
        raise ValueError(f"it has {size} bytes, and its tensors end at {header.end}")
    return header


def _region(header: Header, name: str) -> Region:
    tensor = header.tensors.get(name)
    if tensor is None:
        raise ValueError(f"the tensor '{name}' is missing")
    dtype = _DTYPES.get(tensor.dtype)
    if dtype is None:
        raise ValueError(f"the tensor '{name}' is {tensor.dtype}")
    return Region(tensor.begin, dtype, tensor.shape)
