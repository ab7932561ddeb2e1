"""gensim reads the whole text file, the wanted rows are gathered from it."""

from __future__ import annotations

import numpy as np
from gensim.models import KeyedVectors
from numpy.typing import NDArray


def build(vectors: str, index: dict[str, int]) -> NDArray[np.float32]:
    """`KeyedVectors.load_word2vec_format`, as its documentation says for a GloVe file."""
    model = KeyedVectors.load_word2vec_format(vectors, binary=False, no_header=True)
    return gather(model, index)


def gather(model: KeyedVectors, index: dict[str, int]) -> NDArray[np.float32]:
    """The rows of the words that the model has, all at once."""
    matrix = np.zeros((max(index.values()) + 1, model.vector_size), np.float32)
    found = [(row, model.key_to_index[word]) for word, row in index.items() if word in model]
    rows, records = np.array(found).T
    matrix[rows] = model.vectors[records]
    return matrix
