"""Remake the sample files: `python sample_data/make.py [glove.6B.50d.txt]`.

`corpus.txt` is written by hand; everything else here comes from it and from the published
vectors. The same inputs give the same bytes. Needs the package `tokenizers`; without an argument
the vectors are looked for where `python -m benchmarks.data --quick` puts them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus.txt"
VECTORS = HERE.parent / "benchmarks" / "data" / "glove.6B.50d.txt"

# What the `Tokenizer` of Keras strips by default.
KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
OOV_TOKEN = "<OOV>"

# The published file is sorted by frequency. The sample has its beginning, and of the other records
# those that the corpus needs; it stops early, so that a first run has something to report besides
# contractions.
MOST_FREQUENT = 3_000
RECORDS_READ = 60_000


def main() -> None:
    """Write the two tokenizers and the vectors."""
    documents = CORPUS.read_text(encoding="utf-8").split("\n\n")
    sequences = [keras_words(document) for document in documents]
    write("keras_tokenizer.json", keras_tokenizer(sequences))
    write("tokenizer.json", word_level_tokenizer(documents))
    vectors = Path(sys.argv[1]) if len(sys.argv) > 1 else VECTORS
    wanted = {word for sequence in sequences for word in sequence}
    (HERE / "glove.sample.txt").write_bytes(b"".join(sample(vectors, wanted)))


def write(name: str, text: str) -> None:
    """Write one text file beside this script, the same bytes on every system."""
    (HERE / name).write_text(text, encoding="utf-8", newline="\n")


def keras_words(text: str) -> list[str]:
    """The words that Keras' `Tokenizer` sees: lower case, an apostrophe does not end a word."""
    spaces = str.maketrans(KERAS_FILTERS, " " * len(KERAS_FILTERS))
    return [word for word in text.lower().translate(spaces).split(" ") if word]


def keras_tokenizer(sequences: list[list[str]]) -> str:
    """What `Tokenizer(oov_token="<OOV>")` returns from `to_json()` once it has seen the text.

    The more frequent word has the smaller id, the earlier one among equals; 1 is the unknown
    word, 0 is nobody's. The dictionaries inside are JSON in a string.
    """
    counts = Counter(word for sequence in sequences for word in sequence)
    # `dict.fromkeys` rather than `set`: Keras counts in the order of a set, which changes from
    # run to run.
    documents = Counter(word for sequence in sequences for word in dict.fromkeys(sequence))
    by_count = [word for word, _ in counts.most_common()]
    index = {word: row for row, word in enumerate([OOV_TOKEN, *by_count], start=1)}
    config = {
        "num_words": None,
        "filters": KERAS_FILTERS,
        "lower": True,
        "split": " ",
        "char_level": False,
        "oov_token": OOV_TOKEN,
        "document_count": len(sequences),
        "word_counts": json.dumps(counts),
        "word_docs": json.dumps(documents),
        "index_docs": json.dumps({index[word]: count for word, count in documents.items()}),
        "index_word": json.dumps({row: word for word, row in index.items()}),
        "word_index": json.dumps(index),
    }
    return json.dumps({"class_name": "Tokenizer", "config": config})


def word_level_tokenizer(documents: list[str]) -> str:
    """A Hugging Face tokenizer with one id for each word and each punctuation mark."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.trainers import WordLevelTrainer

    tokenizer = Tokenizer(WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    trainer = WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(documents, trainer)
    return tokenizer.to_str(pretty=True) + "\n"


def sample(vectors: Path, wanted: Iterable[str]) -> Iterator[bytes]:
    """The records of `vectors` that are frequent or wanted, as they stand and in their order."""
    keys = {word.encode() for word in wanted}
    with vectors.open("rb") as lines:
        for number, line in enumerate(islice(lines, RECORDS_READ)):
            if number < MOST_FREQUENT or line.partition(b" ")[0] in keys:
                yield line


if __name__ == "__main__":
    main()
