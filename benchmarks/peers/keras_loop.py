"""The algorithm of the Keras example "Using pre-trained word embeddings".

Every line of the file becomes text, an array and an entry of a dict, wanted or not; the matrix is
filled from the dict afterwards. The example's matrix is float64 by default; this one is float32
so that all contestants write the same bytes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def build(vectors: str, index: dict[str, int]) -> NDArray[np.float32]:
    """All vectors into a dict, then one row after the other."""
    vector_of: dict[str, NDArray[np.float32]] = {}
    with open(vectors, encoding="utf-8") as lines:
        for line in lines:
            word, numbers = line.split(maxsplit=1)
            vector_of[word] = np.fromstring(numbers, "f", sep=" ")
    dim = len(next(iter(vector_of.values())))
    matrix = np.zeros((max(index.values()) + 1, dim), np.float32)
    for word, row in index.items():
        vector = vector_of.get(word)
        if vector is not None:
            matrix[row] = vector
    return matrix
