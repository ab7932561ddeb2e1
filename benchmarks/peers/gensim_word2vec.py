"""gensim reads the whole binary word2vec file, the wanted rows are gathered from it."""

from __future__ import annotations

import numpy as np
from gensim.models import KeyedVectors
from numpy.typing import NDArray

from benchmarks.peers.gensim_reader import gather


def build(vectors: str, index: dict[str, int]) -> NDArray[np.float32]:
    """`KeyedVectors.load_word2vec_format`, as its documentation says for GoogleNews."""
    return gather(KeyedVectors.load_word2vec_format(vectors, binary=True), index)
