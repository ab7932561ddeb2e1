"""Matrices and small models that the tests of Keras share."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

import embedprep

WORDS = ["", "[UNK]", *(f"w{i}" for i in range(48))]


def built(path: str = "m.npy", *, words: list[str] = WORDS, seed: int = 0, **options: Any) -> str:
    """A matrix of padding, an unknown token and 48 words, half of which have a vector."""
    random = np.random.default_rng(seed)
    lines = (
        " ".join([word, *(f"{value:.4f}" for value in random.normal(size=8))])
        for word in words[2::2]
    )
    vectors = Path(f"v{seed}.txt")
    vectors.write_text("".join(line + "\n" for line in lines))
    embedprep.build(vectors, words, path, seed=seed, **options)
    return path


def some_ids(texts: int = 40, length: int = 12, rows: int = len(WORDS)) -> NDArray[np.int32]:
    """Ids of texts of different lengths; the rest is padding."""
    random = np.random.default_rng(5)
    ids = random.integers(1, rows, (texts, length)).astype(np.int32)
    ids[random.integers(2, length + 1, texts)[:, None] <= np.arange(length)] = 0
    return ids


HEADS = {
    "average": lambda: [keras.layers.GlobalAveragePooling1D()],
    "convolution": lambda: [keras.layers.Conv1D(8, 3), keras.layers.GlobalMaxPooling1D()],
    "recurrent": lambda: [keras.layers.LSTM(4)],
    "flat": lambda: [keras.layers.Flatten()],
}
"""What stands behind the embedding; each sums in its own order, so that compilers may differ."""


def classifier(embedding: Any, head: str = "average", length: int = 12) -> Any:
    """A model with the same weights behind the embedding, whatever that is."""
    return with_fixed_weights([keras.Input((length,), dtype="int32"), embedding, *HEADS[head]()])


def with_fixed_weights(layers: list[Any]) -> Any:
    """These layers and a classifier behind them; every model of one form has the same weights."""
    model = keras.Sequential([*layers, keras.layers.Dense(3, activation="softmax")])
    random = np.random.default_rng(7)
    for weights in model.trainable_variables:
        weights.assign(random.normal(size=weights.shape))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def predicted(model: Any, ids: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(model.predict(ids, verbose=0, batch_size=16))


def forget() -> None:
    """Let go of tables that only deleted models, and what was compiled for them, have open."""
    keras.backend.clear_session()
    gc.collect()


def output(layer: Any, ids: Any) -> NDArray[Any]:
    """What a layer makes of ids, as an array."""
    return np.asarray(keras.ops.convert_to_numpy(layer(keras.ops.convert_to_tensor(ids))))
