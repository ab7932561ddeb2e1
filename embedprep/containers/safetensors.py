"""The safetensors container: the tensor `embeddings`, and the annotations as tensors after it.

A file is eight bytes of length, a header in JSON that says where in the file each tensor is, and
the tensors one after the other, without gap or overlap. The library loads our files like any other.
It is not used for writing, because its files differ from run to run, belong to one user only and
may not have reached the disk. `embeddings` (rows, dim) begins on a page and can be mapped. After it
come the annotations by their names, the report as JSON in the bytes of the tensor `report`, and the
seal.

Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import (
    BFLOAT16,
    LAYOUT,
    MATRIX,
    SCHEMA,
    SEAL,
    Region,
    check_numbers,
    first_layout,
    layout_number,
    names,
)

LENGTH_BYTES = 8
"""The size of the header's length, which is little-endian."""
_MAX_BYTES = 100_000_000
"""The largest header length that the library allows."""
_START = 4096
"""The start of the matrix: the second page. The header before it has fifteen entries at most, whose
numbers have at most 19 digits, so it takes little more than half of the first page.
"""
METADATA = "embedprep"
"""The entry in the metadata that marks our files."""
DTYPES: dict[str, np.dtype[Any]] = {
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "BF16": BFLOAT16,
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "I16": np.dtype("<i2"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
}


def begin(file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[Any]) -> int:
    """Write what precedes the rows, for now as zeros; return where the rows begin."""
    file.write(bytes(_START))
    return _START


def finish(file: AtomicFile, rows: Region, arrays: dict[str, NDArray[Any]]) -> int:
    """Write what follows the rows, and the header; return where the seal begins."""
    *names, seal = arrays
    # The wide numbers first: some programs need them aligned, and after a matrix whose size is a
    # multiple of eight bytes they are.
    order = sorted(names, key=lambda name: -arrays[name].itemsize)
    behind = {name: arrays[name] for name in [*order, seal]}
    with reporting(file.path), os.fdopen(file.fd, "r+b", closefd=False) as whole:
        whole.seek(0)
        whole.write(_header(rows, behind))
        whole.seek(0, os.SEEK_END)
        for array in behind.values():
            whole.write(np.ascontiguousarray(array).data)
        return whole.tell() - arrays[SEAL.name].nbytes


def _header(rows: Region, arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return the header of the rows and of `arrays`; it fills the space before the rows."""
    called = {dtype: name for name, dtype in DTYPES.items()}
    schema = f"{SCHEMA}/{first_layout(arrays)}"
    entries: dict[str, Any] = {"__metadata__": {METADATA: json.dumps({"schema": schema})}}
    end = 0
    for name, array in ({MATRIX: rows} | arrays).items():
        begin, end = end, Region(end, array.dtype, array.shape).end
        entries[name] = {
            "dtype": called[array.dtype],
            "shape": array.shape,
            "data_offsets": (begin, end),
        }
    return framed(entries, _START - LENGTH_BYTES)


def framed(entries: dict[str, Any], length: int = 0) -> bytes:
    """Return the header of `entries` and its length, padded with spaces.

    The padding goes to a multiple of 8 bytes, or to `length`.
    """
    text = json.dumps(entries).encode()
    text = text.ljust(max(length, -(-len(text) // 8) * 8))
    return len(text).to_bytes(LENGTH_BYTES, "little") + text


def regions(file: BinaryIO, size: int) -> dict[str, Region]:
    """Return the tensors of a file that `finish` wrote, or that the library wrote again.

    Raises ValueError for a damaged file.
    """
    found = read_header(file, size).tensors
    number = 1
    if LAYOUT.name in found:
        number = layout_number(file, found[LAYOUT.name].region)
    missing = [name for name in names(number) if name not in found]
    if missing:
        raise ValueError(f"'{missing[0]}' is missing")
    return {name: found[name].region for name in names(number)}


@dataclass(frozen=True)
class Tensor:
    """One entry of the header; `begin` and `end` count from the start of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def region(self) -> Region:
        """Return the region. Raises ValueError for a type of numbers that is not supported here."""
        if self.dtype not in DTYPES:
            raise ValueError(f"the tensor '{self.name}' is {self.dtype}")
        return Region(self.begin, DTYPES[self.dtype], self.shape)


@dataclass(frozen=True)
class TensorHeader:
    """All entries of the header, by name."""

    tensors: dict[str, Tensor]
    metadata: dict[str, Any]
    end: int
    """Where the last tensor ends, and the file."""


class _Readable(Protocol):
    def read(self, count: int, /) -> bytes: ...


def read_header(file: _Readable, size: int | None) -> TensorHeader:
    """Read the header at the start of `file`; `size` is that of the whole file, if known.

    Raises ValueError for a damaged header, or one that does not fit a file of this size.
    """
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    if length > _MAX_BYTES or (size is not None and length > size - LENGTH_BYTES):
        raise ValueError(f"its header is said to have {length} bytes")
    text = file.read(length)
    if len(text) < length:
        raise ValueError("it ends within its header: it is truncated")
    header = _parsed(text)
    if size not in (None, header.end):
        raise ValueError(f"it has {size} bytes, and its tensors end at {header.end}")
    return header


def _parsed(text: bytes) -> TensorHeader:
    start = LENGTH_BYTES + len(text)
    try:
        entries = json.loads(text.decode(), object_pairs_hook=_distinct)
        if not isinstance(entries, dict):
            raise TypeError("a JSON value that is not a map")
        metadata = entries.pop("__metadata__", None)
        tensors = [_tensor(name, entry, start) for name, entry in entries.items()]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)[:200]
        raise ValueError(f"its header is not right: {reason}") from error
    return TensorHeader(
        {tensor.name: tensor for tensor in tensors},
        metadata if isinstance(metadata, dict) else {},
        _end(tensors, start),
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _tensor(name: str, entry: Any, start: int) -> Tensor:
    shape, (begin, end) = tuple(entry["shape"]), entry["data_offsets"]
    check_numbers(shape)
    check_numbers((begin, end))
    if begin > end:
        raise ValueError(f"'{name}' ends before it begins")
    tensor = Tensor(name, str(entry["dtype"]), shape, start + begin, start + end)
    if tensor.dtype in DTYPES and tensor.region.end != tensor.end:
        raise ValueError(f"'{name}' does not have the bytes of its shape")
    return tensor


def _end(tensors: list[Tensor], start: int) -> int:
    end = start
    for tensor in sorted(tensors, key=lambda tensor: (tensor.begin, tensor.end)):
        if tensor.begin != end:
            raise ValueError("its tensors have gaps or overlap")
        end = tensor.end
    return end
