"""The measures: sentence vectors, word similarity, and articles with few labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import data
from benchmarks.quality.encoder import Encoder

_SEEDS = 20
_LABELS = (1, 5, 20)
_RARE = 1e-3

Matrix = NDArray[np.floating]


class Sentences(NamedTuple):
    """How near sentence vectors are to those of the original model, and to what people say."""

    cosine: float
    """The mean cosine to the vectors of the original, 320 sentences."""
    humans: float
    """The correlation with the similarities of the Lee documents, 1,225 pairs."""


class FrozenModel:
    """MiniLM, whose input table is replaced by the matrix of another tokenizer."""

    def __init__(self) -> None:
        folder = data.minilm()
        self._encoder = Encoder(folder)
        self._sentences = data.sentences()
        self._documents, self._human = data.rated_documents()
        self.tokenizer = loaded(folder / "tokenizer.json")
        ids = (self.tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
        self._begin, self._end = (self._encoder.table[id] for id in ids)
        self._original = self._vectors(self.tokenizer, self._encoder.table, self._sentences)

    def original(self) -> Sentences:
        """Measure the model as it is."""
        return self.with_table(self.tokenizer, self._encoder.table)

    def with_table(self, tokenizer: Any, matrix: Matrix) -> Sentences:
        """Measure the model with `matrix`, whose row i is the vector of id i of `tokenizer`."""
        sentences = self._vectors(tokenizer, matrix, self._sentences)
        documents = self._vectors(tokenizer, matrix, self._documents)
        similar = (documents @ documents.T)[np.triu_indices(len(documents), 1)]
        return Sentences(
            float((sentences * self._original).sum(axis=1).mean()),
            float(np.corrcoef(similar, self._human)[0, 1]),
        )

    def _vectors(self, tokenizer: Any, matrix: Matrix, texts: Sequence[str]) -> Matrix:
        ids = (tokenizer.encode(text, add_special_tokens=False).ids for text in texts)
        rows = [np.asarray(matrix[one], np.float32) for one in ids]
        return self._encoder.encode(rows, self._begin, self._end)


def loaded(path: Any) -> Any:
    """Return the tokenizer at `path`, which cuts and pads nothing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def word_similarity(name: str, row_of: Mapping[str, int], matrix: Matrix) -> float:
    """Return Spearman's correlation between cosines and the judgements of people.

    Only pairs count whose words are both in `row_of`.
    """
    from scipy.stats import spearmanr

    cosines, scores = [], []
    for first, second, score in data.rated_words(name):
        if first in row_of and second in row_of:
            a, b = (matrix[row_of[word]].astype(np.float64) for word in (first, second))
            cosines.append(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
            scores.append(score)
    return float(spearmanr(cosines, scores).statistic)


def weights(texts: Sequence[Sequence[str]], words: Sequence[str]) -> NDArray[np.float64]:
    """Return the weight of each of `words` in the mean of a text: rare ones count more.

    The weights are those of SIF (Arora and others, ICLR 2017), a / (a + share), with a = 0.001.
    """
    counts = Counter(word for text in texts for word in text)
    share = np.array([counts[word] for word in words]) / counts.total()
    return _RARE / (_RARE + share)


def few_labels(texts: Iterable[Matrix], topic: NDArray[np.int64]) -> dict[int, tuple[float, float]]:
    """Return the accuracy of the nearest centroid by the number of labelled texts a topic.

    `texts` are the weighted vectors of each one's words. The mean of 20 draws, and their standard
    deviation.
    """
    means = np.stack([vectors.mean(axis=0, dtype=np.float64) for vectors in texts])
    means -= means.mean(axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    topics = range(int(topic.max()) + 1)
    found = {}
    for labels in _LABELS:
        right = []
        for seed in range(_SEEDS):
            order = np.random.default_rng(seed).permutation(len(topic))
            known = [order[topic[order] == one][:labels] for one in topics]
            centres = np.stack([means[some].mean(axis=0) for some in known])
            centres /= np.linalg.norm(centres, axis=1, keepdims=True)
            rest = np.setdiff1d(order, np.concatenate(known))
            right.append(((means[rest] @ centres.T).argmax(axis=1) == topic[rest]).mean())
        found[labels] = float(np.mean(right)), float(np.std(right))
    return found
