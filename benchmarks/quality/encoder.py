"""all-MiniLM-L6-v2 in NumPy, frozen: its input table can be that of another tokenizer.

Comes in: the folder of the model, ids, and a table. Goes out: sentence vectors, as
sentence-transformers computes them: six BERT layers, the mean over all positions, length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TABLE = "embeddings.word_embeddings.weight"
_HEADS = 12
_MOST_POSITIONS = 256
"""Where the model cuts a text, special tokens included (`sentence_bert_config.json`)."""
_EPSILON = 1e-12


class Encoder:
    """The layers above the input table."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file

        self._tensors = load_file(folder / "model.safetensors")
        self.table: Floats = self._tensors[TABLE]
        names = (name for name in self._tensors if name.endswith("intermediate.dense.weight"))
        self._layers = len(list(names))

    def encode(self, texts: Sequence[Floats], begin: Floats, end: Floats) -> Floats:
        """Return the vectors of texts, of shape (texts, dim).

        A text is the rows of its tokens; `begin` and `end` are those of the special tokens around.
        """
        return np.stack([self._vector(text, begin, end) for text in texts])

    def _vector(self, text: Floats, begin: Floats, end: Floats) -> Floats:
        words = np.vstack([begin, text[: _MOST_POSITIONS - 2], end])
        positions = self._tensors["embeddings.position_embeddings.weight"][: len(words)]
        types = self._tensors["embeddings.token_type_embeddings.weight"][0]
        state = self._normal(words + positions + types, "embeddings.LayerNorm")
        for number in range(self._layers):
            state = self._layer(state, f"encoder.layer.{number}")
        mean = state.mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def _layer(self, state: Floats, name: str) -> Floats:
        attended = self._attention(state, f"{name}.attention.self")
        attended = self._dense(attended, f"{name}.attention.output.dense")
        state = self._normal(state + attended, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._dense(state, f"{name}.intermediate.dense"))
        return self._normal(
            state + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm"
        )

    def _attention(self, state: Floats, name: str) -> Floats:
        parts = (self._dense(state, f"{name}.{part}") for part in ("query", "key", "value"))
        query, key, value = (part.reshape(len(state), _HEADS, -1).swapaxes(0, 1) for part in parts)
        scores = query @ key.swapaxes(1, 2) / np.float32(np.sqrt(query.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return np.asarray((weights @ value).swapaxes(0, 1).reshape(len(state), -1))

    def _dense(self, state: Floats, name: str) -> Floats:
        weight, bias = self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]
        return np.asarray(state @ weight.T + bias)

    def _normal(self, state: Floats, name: str) -> Floats:
        mean = state.mean(axis=-1, keepdims=True)
        deviation = np.sqrt(state.var(axis=-1, keepdims=True) + np.float32(_EPSILON))
        weight, bias = self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]
        return np.asarray((state - mean) / deviation * weight + bias)


def _gelu(state: Floats) -> Floats:
    from scipy.special import erf

    return np.asarray(state * (1 + erf(state / np.float32(np.sqrt(2)))) / 2)
