"""What the report calls the sha256 of a matrix."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray


def sha256_of(matrix: NDArray[np.floating]) -> str:
    """Over the rows in C order, shape (rows, dim), as they stand in memory."""
    return hashlib.sha256(matrix.reshape(-1).view(np.uint8).data).hexdigest()


class Settling:
    """The rows of a matrix, which are final, on their way to the disk and to their checksum.

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
        """Wait until nobody touches the rows and their file any more."""
        self._pool.shutdown()
