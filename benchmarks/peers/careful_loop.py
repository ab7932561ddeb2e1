"""A careful loop: one pass over bytes, numbers are read only where the word is wanted.

Line ends and the separator are single bytes here, so no Unicode space inside a key can break a
line, and memory stays at the matrix and the vocabulary.
"""

from __future__ import annotations

import gzip

import numpy as np
from numpy.typing import NDArray


def build(vectors: str, index: dict[str, int]) -> NDArray[np.float32]:
    """Straight from the line into the row."""
    row_of = {word.encode(): row for word, row in index.items()}
    with (gzip.open if vectors.endswith(".gz") else open)(vectors, "rb") as lines:
        dim = lines.readline().count(b" ")
        lines.seek(0)
        matrix = np.zeros((max(index.values()) + 1, dim), np.float32)
        for line in lines:
            word, _, numbers = line.partition(b" ")
            row = row_of.get(word)
            if row is not None:
                matrix[row] = np.array(numbers.split(), np.float32)
    return matrix
