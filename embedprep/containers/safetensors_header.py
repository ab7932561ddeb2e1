"""The header of a safetensors file: JSON that says where in the file each tensor stands.

Eight bytes of length, the header, and the tensors one behind the other, without gap or overlap.
Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

LENGTH_BYTES = 8
"""The length of the header stands in so many bytes before it, little-endian."""
MAX_BYTES = 100_000_000
"""The library's own limit of that length."""
FLOATS = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2"}
"""NumPy's names; it has no bfloat16."""
INTEGERS = {"U8": "u1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}


@dataclass(frozen=True)
class Tensor:
    """One entry of the header; `begin` and `end` count from the start of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """All entries, by name."""

    tensors: dict[str, Tensor]
    metadata: dict[str, Any]
    end: int
    """Where the last tensor ends, and the file."""


def claims(head: bytes) -> bool:
    """Whether a file that begins like this is one, as far as nine bytes can tell."""
    return length(head) <= MAX_BYTES and head[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{"


def length(head: bytes) -> int:
    """How many bytes of header a file has that begins like this."""
    return int.from_bytes(head[:LENGTH_BYTES], "little")


def parse(text: bytes) -> Header:
    """A header, without its length before it; raises ValueError for one that is not right."""
    start = LENGTH_BYTES + len(text)
    try:
        entries = json.loads(text.decode(), object_pairs_hook=_distinct)
        if not isinstance(entries, dict):
            raise TypeError("a JSON value that is no map")
        metadata = entries.pop("__metadata__", None)
        tensors = [_tensor(name, entry, start) for name, entry in entries.items()]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)[:200]
        raise ValueError(f"its header is not right: {reason}") from error
    return Header(
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
    numbers = (*shape, begin, end)
    if any(type(number) is not int or not 0 <= number < 1 << 63 for number in numbers):
        raise ValueError(f"shape or offsets of '{name}'")
    if begin > end:
        raise ValueError(f"'{name}' ends before it begins")
    dtype = entry["dtype"]
    written = (FLOATS | INTEGERS).get(dtype) if isinstance(dtype, str) else None
    if written is not None:
        count: int = np.prod(shape, dtype=object)
        if int(count) * np.dtype(written).itemsize != end - begin:
            raise ValueError(f"'{name}' does not have the bytes of its shape")
    return Tensor(name, str(dtype), shape, start + begin, start + end)


def _end(tensors: list[Tensor], start: int) -> int:
    end = start
    for tensor in sorted(tensors, key=lambda tensor: (tensor.begin, tensor.end)):
        if tensor.begin != end:
            raise ValueError("its tensors have gaps or overlap")
        end = tensor.end
    return end
