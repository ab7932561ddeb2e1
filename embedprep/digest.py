"""What the report calls the sha256 of a matrix."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def sha256_of(matrix: NDArray[np.floating]) -> str:
    """Over the rows in C order, shape (rows, dim), as they stand in memory."""
    return hashlib.sha256(matrix.reshape(-1).view(np.uint8).data).hexdigest()
