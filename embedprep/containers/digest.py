"""The checksum of the rows of a matrix, as in the report.

It is the sha256 of the sha256s of the pieces of 16 MiB, the last one shorter, so that all cores
compute it. docs/reference/matrix-files.md has a few lines that do the same without embedprep.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform

PIECE_BYTES = 16 << 20


def sha256_of(matrix: NDArray[np.floating]) -> str:
    """Return the checksum of the rows in C order, shape (rows, dim)."""
    content = matrix.reshape(-1).view(np.uint8).data

    def of_piece(begin: int) -> bytes:
        return hashlib.sha256(content[begin : begin + PIECE_BYTES]).digest()

    places = range(0, len(content), PIECE_BYTES)
    with ThreadPoolExecutor(_platform.available_cores(), thread_name_prefix="embedprep") as pool:
        return hashlib.sha256(b"".join(pool.map(of_piece, places))).hexdigest()
