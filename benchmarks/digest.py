"""What is in a matrix, short enough to compare: `python -m benchmarks.digest PATH`.

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


def main() -> None:
    """Print shape, dtype and the SHA-256 of the values' bytes as JSON."""
    matrix = read(sys.argv[1])
    print(
        json.dumps(
            {
                "shape": list(matrix.shape),
                "dtype": str(matrix.dtype),
                "sha256": hashlib.sha256(np.ascontiguousarray(matrix).data).hexdigest(),
            }
        )
    )


if __name__ == "__main__":
    main()
