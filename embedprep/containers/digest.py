"""The sha256 of the rows of a matrix, as the report has it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray


def sha256_of(matrix: NDArray[np.floating]) -> str:
    """The sha256 of the bytes of the rows in C order, shape (rows, dim)."""
    return hashlib.sha256(matrix.reshape(-1).view(np.uint8).data).hexdigest()


class Settling:
    """Sends the final rows of a matrix to the disk, and computes their checksum.

    Both take time, and neither needs the interpreter: they run while the caller goes on.
    """

    def __init__(self, matrix: NDArray[np.floating], sync: Callable[[], None] | None) -> None:
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="embedprep")
        self._synced = None if sync is None else self._pool.submit(sync)
        self._sha256 = self._pool.submit(sha256_of, matrix)

    def sha256(self) -> str:
        """Wait for both; raises what `sync` raised."""
        if self._synced is not None:
            self._synced.result()
        return self._sha256.result()

    def close(self) -> None:
        """Wait until the threads are done with the rows and their file."""
        self._pool.shutdown()
