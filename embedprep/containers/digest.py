"""The checksum of the rows of a matrix, as in the report.

It is the sha256 of the sha256s of the pieces of 16 MiB, the last one shorter, so that all cores
compute it. If the rows are int8, the pieces of their scales follow: a row is both.
docs/reference/matrix-files.md has a few lines that do the same without embedprep.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform

PIECE_BYTES = 16 << 20


def sha256_of(matrix: NDArray[Any], scales: NDArray[np.float32] | None = None) -> str:
    """Return the checksum of the stored rows in C order, shape (rows, dim), and of their scales."""
    arrays = [matrix] if scales is None else [matrix, scales]
    pieces = [piece for array in arrays for piece in _pieces(array)]
    with ThreadPoolExecutor(_platform.available_cores(), thread_name_prefix="embedprep") as pool:
        return hashlib.sha256(b"".join(pool.map(_digest, pieces))).hexdigest()


def _pieces(array: NDArray[Any]) -> Iterator[memoryview]:
    content = array.reshape(-1).view(np.uint8).data
    for begin in range(0, len(content), PIECE_BYTES):
        yield content[begin : begin + PIECE_BYTES]


def _digest(piece: memoryview) -> bytes:
    return hashlib.sha256(piece).digest()
