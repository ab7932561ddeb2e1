"""What is in a matrix, short enough to compare: `python -m benchmarks.digest PATH [OTHER]`.

Its own process, because a child's peak memory is counted from its parent's: see
`benchmarks.measure`.
"""

from __future__ import annotations

import hashlib
import json
import sys

import numpy as np
from numpy.typing import NDArray


def read(path: str) -> NDArray[np.float32]:
    """The matrix of a `.npy` file, or the two-dimensional dataset of an HDF5 file."""
    if path.endswith(".npy"):
        matrix: NDArray[np.float32] = np.load(path, mmap_mode="r")
        return matrix
    import h5py

    found: list[NDArray[np.float32]] = []

    def keep(_: str, node: object) -> None:
        if isinstance(node, h5py.Dataset) and node.ndim == 2:
            found.append(node[:])

    with h5py.File(path, "r") as file:
        file.visititems(keep)
    (matrix,) = found
    return matrix


def distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The largest difference of two values; infinite for another shape or type, or a NaN."""
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return float("inf")
    return float(np.max(np.nan_to_num(np.abs(one - other), nan=np.inf), initial=0))


def main() -> None:
    """Print as JSON shape, dtype and the SHA-256 of the values' bytes, and how far OTHER is."""
    path, *other = sys.argv[1:]
    matrix = read(path)
    print(
        json.dumps(
            {
                "shape": list(matrix.shape),
                "dtype": str(matrix.dtype),
                "sha256": hashlib.sha256(np.ascontiguousarray(matrix).data).hexdigest(),
                "distance": distance(matrix, read(other[0])) if other else None,
            }
        )
    )


if __name__ == "__main__":
    main()
