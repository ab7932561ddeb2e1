"""gensim reads the whole fastText model and makes a vector for every wanted word."""

from __future__ import annotations

import numpy as np
from gensim.models.fasttext import load_facebook_vectors
from numpy.typing import NDArray


def build(vectors: str, index: dict[str, int]) -> NDArray[np.float32]:
    """`load_facebook_vectors`, then one row after the other, also of words it never saw."""
    model = load_facebook_vectors(vectors)
    matrix = np.zeros((max(index.values()) + 1, model.vector_size), np.float32)
    for word, row in index.items():
        matrix[row] = model[word]
    return matrix
