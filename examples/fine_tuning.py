"""Few labels: pre-trained rows that stay as they are, that are trained on, and random ones.

The same small network, mean of the words and one dense layer, learns news topics from a few
articles a topic. The figure shows means over several draws of these articles; the bars are the
standard deviation over the draws.

    python examples/fine_tuning.py --vectors glove.6B.50d.txt --figure fine_tuning.png
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import figures
import keras
import numpy as np
from bbc_news import TOPICS, articles, ids_of, vocabulary_of
from keras import layers
from numpy.typing import NDArray

import embedprep.keras

LENGTH = 200  # words of an article that the network reads
TESTED = 1000  # articles, never trained on; the vocabulary is made from the others


def frozen(matrix: str) -> layers.Embedding:
    return embedprep.keras.embedding_layer(matrix)


def fine_tuned(matrix: str) -> layers.Embedding:
    return embedprep.keras.embedding_layer(matrix, trainable=True)


def from_scratch(matrix: str) -> layers.Embedding:
    return layers.Embedding(*embedprep.open(matrix).shape, mask_zero=True)


WAYS = {"frozen": frozen, "fine-tuned": fine_tuned, "from scratch": from_scratch}


def accuracy(
    embedding: layers.Embedding,
    train: tuple[NDArray[np.int32], NDArray[np.int64]],
    test: tuple[NDArray[np.int32], NDArray[np.int64]],
    epochs: int,
) -> float:
    """Share of `test` that is told right after `epochs` of training."""
    model = keras.Sequential(
        [
            embedding,
            layers.GlobalAveragePooling1D(),  # of the words; padding is masked
            layers.Dense(len(TOPICS), activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(*train, epochs=epochs, batch_size=20, verbose=0)
    return float(model.evaluate(*test, batch_size=250, verbose=0)[1])


def draw_articles(labels: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """The numbers of `count` articles of each topic, drawn by `seed`."""
    generator = np.random.default_rng(seed)
    topics = [np.flatnonzero(labels == topic) for topic in range(len(TOPICS))]
    return np.concatenate([generator.choice(topic, count, replace=False) for topic in topics])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vectors", required=True, help="a GloVe text file: glove.6B.50d.txt")
    parser.add_argument(
        "--articles", type=int, nargs="+", default=[2, 5, 20, 50], help="of each topic"
    )
    parser.add_argument("--seeds", type=int, default=5, help="draws of articles, two or more")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--figure", help="where to draw it: an .svg or .png file")
    parser.add_argument("--quick", action="store_true", help="two draws of 4 articles a topic")
    args = parser.parse_args()
    if args.quick:
        args.articles, args.seeds = [4], 2

    texts, labels = articles()
    vocabulary = vocabulary_of(texts[TESTED:])
    ids = ids_of(texts, vocabulary, LENGTH)
    test = ids[:TESTED], labels[:TESTED]
    reached: dict[tuple[str, int], list[float]] = {}  # per cent, one a draw
    with tempfile.TemporaryDirectory() as folder:
        matrix = f"{folder}/embeddings.npy"
        embedprep.build(args.vectors, vocabulary, matrix, fallback="auto")
        print("articles a topic  rows          test accuracy, mean ± standard deviation")
        for count in args.articles:
            for way, layer in WAYS.items():
                reached[way, count] = []
                for seed in range(args.seeds):
                    keras.utils.set_random_seed(seed)
                    chosen = TESTED + draw_articles(labels[TESTED:], count, seed)
                    train = ids[chosen], labels[chosen]
                    right = accuracy(layer(matrix), train, test, args.epochs)
                    reached[way, count].append(100 * right)
                mean = statistics.mean(reached[way, count])
                deviation = statistics.stdev(reached[way, count])
                print(f"{count:16}  {way:12}  {mean:5.1f} ± {deviation:.1f} %", flush=True)
    if args.figure:
        figures.learning_curves(reached, args.figure)


if __name__ == "__main__":
    main()
