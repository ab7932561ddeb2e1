"""Classify news with frozen GloVe vectors, and see what the vector part costs by hand and with
embedprep.

The network is that of the Keras tutorial "Using pre-trained word embeddings", and `by_hand` does
what such tutorials do: all vectors into a dictionary, then those of the vocabulary into a matrix.

    python examples/text_classification.py --vectors glove.6B.50d.txt
"""

from __future__ import annotations

import argparse
import inspect
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from bbc_news import TOPICS, articles, ids_of, vocabulary_of
from keras import layers
from numpy.typing import NDArray

import embedprep.keras

LENGTH = 200  # words of an article that the network reads
TESTED = 500  # articles; the vocabulary is made from the others


def by_hand(vectors: str, vocabulary: list[str], output: str) -> layers.Embedding:
    vector_of = {}
    with open(vectors, encoding="utf-8") as lines:
        for line in lines:
            word, numbers = line.split(" ", 1)
            vector_of[word] = np.fromstring(numbers, "float32", sep=" ")
    dim = len(vector_of["the"])
    matrix = np.zeros((len(vocabulary), dim), "float32")
    missing = 0
    for id, word in enumerate(vocabulary):
        if word in vector_of:
            matrix[id] = vector_of[word]
        else:
            missing += 1
    print(f"by hand: {missing:,} of {len(vocabulary):,} tokens have no vector")
    return layers.Embedding(*matrix.shape, weights=[matrix], trainable=False)


def with_embedprep(vectors: str, vocabulary: list[str], output: str) -> layers.Embedding:
    embedprep.build(vectors, vocabulary, output, oov="zeros")
    return embedprep.keras.embedding_layer(output, mask_zero=False)


def with_other_forms(vectors: str, vocabulary: list[str], output: str) -> layers.Embedding:
    embedprep.build(vectors, vocabulary, output, oov="zeros", fallback="auto")
    return embedprep.keras.embedding_layer(output, mask_zero=False)


@dataclass(frozen=True)
class Cost:
    rows: NDArray[np.float32]
    seconds: float
    peak: float
    """Megabytes of the whole process."""
    keras: float
    """Megabytes of it at most until then, which starting Keras takes."""


def measure(way: Callable[..., layers.Embedding], *arguments: object) -> Cost:
    keras.ops.zeros(1)  # the first operation starts the backend
    before, start = peak(), time.perf_counter()
    layer = way(*arguments)
    layer.build()
    seconds = time.perf_counter() - start
    return Cost(np.array(layer.embeddings), seconds, peak(), before)


def peak() -> float:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def lines(way: Callable[..., layers.Embedding]) -> int:
    return len(inspect.getsource(way).splitlines()) - 1  # without the `def`


def compare(vectors: str, vocabulary: list[str], folder: str) -> None:
    """Print what each way costs, in a process of its own, and whether the rows are the same."""
    costs = {}
    for way in (with_embedprep, with_other_forms, by_hand):  # the first one warms the file up
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as process:
            job = process.submit(measure, way, vectors, vocabulary, f"{folder}/{way.__name__}.npy")
            costs[way] = job.result()
    print("vector part        lines  seconds  peak MB  Keras alone    words")
    for way in (by_hand, with_embedprep, with_other_forms):
        cost, found = costs[way], costs[way].rows.any(axis=1).sum()
        print(
            f"{way.__name__:18}{lines(way):6}{cost.seconds:9.2f}{cost.peak:9.0f}"
            f"{cost.keras:13.0f}{found:9,}"
        )
    first, second = costs[by_hand].rows, costs[with_other_forms].rows
    both = first.any(axis=1) & second.any(axis=1)
    same = (first[both] == second[both]).all(axis=1)
    print(f"of {both.sum():,} words found by hand and by embedprep, {same.sum():,} rows are equal")


def network(embedding: layers.Embedding) -> keras.Model:
    model = keras.Sequential(
        [
            embedding,
            layers.Conv1D(128, 5, activation="relu"),
            layers.MaxPooling1D(5),
            layers.Conv1D(128, 5, activation="relu"),
            layers.MaxPooling1D(5),
            layers.Conv1D(128, 5, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(len(TOPICS), activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", required=True, help="a GloVe text file: glove.6B.50d.txt")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="one epoch, in small steps")
    args = parser.parse_args()
    keras.utils.set_random_seed(0)

    texts, labels = articles()
    vocabulary = vocabulary_of(texts[TESTED:])
    ids = ids_of(texts, vocabulary, LENGTH)
    with tempfile.TemporaryDirectory() as folder:
        compare(args.vectors, vocabulary, folder)
        embeddings = f"{folder}/with_other_forms.npy"
        print(embedprep.open(embeddings).coverage)
        model = network(embedprep.keras.embedding_layer(embeddings, mask_zero=False))
    epochs, batch = (1, 32) if args.quick else (args.epochs, 128)
    model.fit(ids[TESTED:], labels[TESTED:], epochs=epochs, batch_size=batch, verbose=2)
    _, accuracy = model.evaluate(ids[:TESTED], labels[:TESTED], verbose=0)
    print(f"test accuracy {100 * accuracy:.1f} % of {TESTED} articles")


if __name__ == "__main__":
    main()
