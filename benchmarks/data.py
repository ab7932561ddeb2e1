"""What the contestants read: two vector files and two vocabularies, made once.

Everything lies in `benchmarks/data/`, which git ignores. `python -m benchmarks.data` makes what
is missing and checks what is there.

- `glove.6B.50d.txt`  as published, 171 MB
- `glove.wide.txt`    400,000 x 300, 1.0 GB: the shape of `glove.6B.300d.txt`
- `vocab.20000.json`  18,000 words from all over the file and 2,000 that are not in it
- `vocab.400000.json` every key of the file
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks import glove
from benchmarks.files import publish, sha256

DATA = Path(__file__).parent / "data"
NARROW = DATA / "glove.6B.50d.txt"
WIDE = DATA / "glove.wide.txt"
SEED = 6

# The published 300-dimensional file has no package; its shape is what timing needs. Six blocks
# of the real numbers, each with the rows in another order, keep every digit and length real.
BLOCKS = 6
WIDE_SHA256 = "24a69fef81376225bbc900b15d9a43704e668bf3e260664da88ec5b6da1363d6"

SMALL = 20_000
SMALL_MADE_UP = 2_000
ALL = glove.RECORDS

CHUNK_ROWS = 2_000


def vocabulary_file(tokens: int) -> Path:
    """Where the vocabulary of `tokens` words lies."""
    return DATA / f"vocab.{tokens}.json"


def prepare(*, wide: bool) -> None:
    """Make and check all inputs, the wide file only if asked for."""
    glove.restore(NARROW)
    if wide:
        _make_wide()
    _write_vocabulary(SMALL, _small_vocabulary())
    _write_vocabulary(ALL, glove.keys())


def _make_wide() -> None:
    if WIDE.is_file() and sha256(WIDE) == WIDE_SHA256:
        return
    publish(WIDE, _wide_chunks())
    if sha256(WIDE) != WIDE_SHA256:
        WIDE.unlink()
        raise ValueError(f"{WIDE.name}: came out different from the file timed before")


def _wide_chunks() -> Iterator[bytes]:
    words, values = [], []
    with NARROW.open("rb") as lines:
        for line in lines:
            word, _, numbers = line.rstrip(b"\n").partition(b" ")
            words.append(word)
            values.append(numbers)
    shuffle = random.Random(SEED).shuffle
    blocks = []
    for _ in range(BLOCKS):
        block = values.copy()
        shuffle(block)
        blocks.append(block)
    rows = zip(words, *blocks, strict=True)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield b"".join(b" ".join(row) + b"\n" for row in chunk)


def _small_vocabulary() -> list[str]:
    rng = random.Random(SEED)
    known = glove.keys()
    words = rng.sample(known, SMALL - SMALL_MADE_UP)
    taken = set(known)
    while len(words) < SMALL:
        word = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(7, 14)))
        if word not in taken:
            taken.add(word)
            words.append(word)
    return words


def _write_vocabulary(tokens: int, words: list[str]) -> None:
    # No tokenizer numbers its words in the order of somebody else's vector file.
    random.Random(SEED).shuffle(words)
    index = {word: row for row, word in enumerate(words, start=1)}
    publish(vocabulary_file(tokens), [json.dumps(index, ensure_ascii=False).encode()])


def main() -> None:
    """Make and check everything, or with `--quick` everything but the wide file."""
    prepare(wide="--quick" not in sys.argv[1:])


if __name__ == "__main__":
    main()
