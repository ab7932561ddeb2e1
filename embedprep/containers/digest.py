"""The sha256 of the rows of a matrix, as in the report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray


def sha256_of(matrix: NDArray[np.floating]) -> str:
    """Return the sha256 of the bytes of the rows in C order, shape (rows, dim)."""
    return hashlib.sha256(matrix.reshape(-1).view(np.uint8).data).hexdigest()


class Settling:
    """Flushes the final rows of a matrix to the disk, and computes their checksum.

    Both take time without holding the interpreter, so they run while the caller continues.
    """

    def __init__(self, matrix: NDArray[np.floating], sync: Callable[[], None] | None) -> None:
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="embedprep")
        self._synced = None if sync is None else self._pool.submit(sync)
        self._sha256 = self._pool.submit(sha256_of, matrix)

    def sha256(self) -> str:
        """Wait for both; raise any error of `sync`."""
        if self._synced is not None:
            self._synced.result()
        return self._sha256.result()

    def close(self) -> None:
        """Wait until the threads no longer use the rows and their file."""
        self._pool.shutdown()
