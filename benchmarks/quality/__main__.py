"""Print the tables of docs/background/quality.md: `python -m benchmarks.quality`."""

from __future__ import annotations

import os

# The matrices are small, and threads of BLAS wait for each other longer than they compute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import embedprep
from benchmarks.glove import restore
from benchmarks.quality import data
from benchmarks.quality.measures import FrozenModel, few_labels, loaded, weights, word_similarity

_SIZES = (4_000, 16_000, 40_000)


def main() -> None:
    """Print the tables, a line as soon as it is known: all, or those that the arguments name."""
    tables = {
        "sentences": _sentences,
        "words": _words,
        "similarity": _similarity,
        "labels": _labels,
    }
    for name in sys.argv[1:] or tables:
        for line in (*tables[name](), ""):
            print(line, flush=True)


def _sentences() -> Iterator[str]:
    yield "| The table of the frozen MiniLM | cosine to the original | correlation with people |"
    yield "|---|---:|---:|"
    model = FrozenModel()
    yield _line("its own", *model.original())
    folder, llama = str(data.minilm()), data.llama_tokenizer()
    builds: list[tuple[str, dict[str, Any]]] = [
        ("for the tokenizer of Llama 2", {}),
        ("the same, `--no-compose`", {"compose": False}),
    ]
    for name, options in builds:
        matrix, _ = embedprep.build(folder, str(llama), **options)
        yield _line(name, *model.with_table(loaded(llama), matrix))
    for size in _SIZES:
        tokenizer = trained(size)
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "tokenizer.json"
            tokenizer.save(str(path))
            matrix, _ = embedprep.build(folder, str(path))
        name = f"for {size:,} pieces trained on BBC news"
        yield _line(name, *model.with_table(tokenizer, matrix))


def trained(size: int) -> Any:
    """Return a WordPiece tokenizer of `size` pieces, trained on BBC news as BERT's was."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=["[UNK]"], show_progress=False
    )
    tokenizer.train_from_iterator(data.articles()[0], trainer)
    return tokenizer


def _words() -> Iterator[str]:
    yield (
        "| Vectors for the words of BBC news | words with a vector | WordSim-353 | SimLex-999 "
        "| 1 label | 5 labels | 20 labels |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|"
    texts, topic = data.articles()
    split = [text.lower().translate(data.PUNCTUATION).split() for text in texts]
    rated = [*data.rated_words("wordsim353.tsv"), *data.rated_words("simlex999.txt")]
    words = list(dict.fromkeys(word for text in split for word in text))
    others = {word for first, second, _ in rated for word in (first, second)} - set(words)
    vocabulary = [*words, *sorted(others)]
    row_of = {word: row for row, word in enumerate(vocabulary)}
    ids = [np.array([row_of[word] for word in text]) for text in split]
    weight = weights(split, vocabulary)[:, np.newaxis]
    with tempfile.TemporaryDirectory() as place:
        glove = str(restore(Path(place) / "glove.6B.50d.txt"))
        builds: list[tuple[str, str, dict[str, Any]]] = [
            ("MiniLM's table", str(data.minilm()), {}),
            ("the same, `--no-compose`", str(data.minilm()), {"compose": False}),
            ("glove.6B.50d", glove, {}),
        ]
        for name, vectors, options in builds:
            matrix, _ = embedprep.build(vectors, vocabulary, oov="zeros", **options)
            found = {word: row for word, row in row_of.items() if matrix[row].any()}
            share = len(found.keys() & set(words)) / len(words)
            similar = [
                word_similarity(file, found, matrix) for file in ("wordsim353.tsv", "simlex999.txt")
            ]
            right = few_labels((matrix[one] * weight[one] for one in ids), topic)
            yield (
                f"| {name} | {_percent(share)} | {similar[0]:.3f} | {similar[1]:.3f} | "
                + " | ".join(_percent(mean) for mean, _ in right.values())
                + " |"
            )


def _similarity() -> Iterator[str]:
    """The steps of `--post`, on all words of the files."""
    yield "| Vectors | `--post` | values | WordSim-353 | SimLex-999 |"
    yield "|---|---|---:|---:|---:|"
    with tempfile.TemporaryDirectory() as place:
        glove = restore(Path(place) / "glove.6B.50d.txt")
        with glove.open(encoding="utf-8") as file:
            first = [line.split(" ", 1)[0] for line, _ in zip(file, range(100_000), strict=False)]
        tokens = loaded(data.minilm() / "tokenizer.json").get_vocab()
        builds: list[tuple[str, str, list[str], tuple[str, ...]]] = [
            (
                "glove.6B.50d, the first 100,000",
                str(glove),
                first,
                ("", "center", "abtt:2", "abtt:3", "pca:25", "abtt:3,pca:25"),
            ),
            (
                "MiniLM's table",
                str(data.minilm()),
                sorted(tokens, key=tokens.__getitem__),
                ("", "abtt:2", "pca:96", "abtt:2,pca:96"),
            ),
        ]
        for name, vectors, vocabulary, every in builds:
            row_of = {word: row for row, word in enumerate(vocabulary)}
            for post in every:
                matrix, _ = embedprep.build(vectors, vocabulary, post=post)
                similar = [
                    f"{word_similarity(file, row_of, matrix):.3f}"
                    for file in ("wordsim353.tsv", "simlex999.txt")
                ]
                shown = f"`{post}`" if post else "none"
                yield f"| {name} | {shown} | {matrix.shape[1]} | " + " | ".join(similar) + " |"


def _labels() -> Iterator[str]:
    """The steps of `--post`, on articles that are the mean of their words."""
    yield "| Vectors for the words of BBC news | `--post` | 1 label | 5 labels | 20 labels |"
    yield "|---|---|---:|---:|---:|"
    texts, topic = data.articles()
    split = [text.lower().translate(data.PUNCTUATION).split() for text in texts]
    counts = Counter(word for text in split for word in text)
    vocabulary = list(counts)
    row_of = {word: row for row, word in enumerate(vocabulary)}
    ids = [np.array([row_of[word] for word in text]) for text in split]
    with tempfile.TemporaryDirectory() as place:
        glove = str(restore(Path(place) / "glove.6B.50d.txt"))
        listed = Path(place) / "counts.json"
        listed.write_text(json.dumps(counts))
        for name, vectors in (("glove.6B.50d", glove), ("MiniLM's table", str(data.minilm()))):
            for post in ("", "sif", "abtt:2", "abtt:2,sif"):
                matrix, _ = embedprep.build(
                    vectors, vocabulary, oov="zeros", post=post, counts=listed
                )
                right = few_labels((matrix[one] for one in ids), topic)
                shown = " | ".join(
                    f"{_percent(mean)} ± {100 * spread:.1f}" for mean, spread in right.values()
                )
                yield f"| {name} | {f'`{post}`' if post else 'none'} | {shown} |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _line(name: str, cosine: float, humans: float) -> str:
    return f"| {name} | {cosine:.3f} | {humans:.3f} |"


if __name__ == "__main__":
    main()
