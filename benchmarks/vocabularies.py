"""The words that are wanted: `{word: id}` as JSON, numbered from 1 in random order."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

from benchmarks import glove, huge
from benchmarks.files import publish

SEED = 6
SMALL = 20_000
SMALL_MADE_UP = 2_000
ALL = glove.RECORDS
LARGE = 5_000_000
SEVERAL = 5
"""Vocabularies for one reading, of `SMALL` words each."""
FREQUENT = 20_000
"""The records of these come first in the file: half of the words of any tokenizer are theirs."""


def write(path: Path, tokens: int) -> None:
    """Write the vocabulary of `tokens` words to `path`."""
    _write(path, words(tokens))


def write_several(paths: Sequence[Path]) -> None:
    """Write one vocabulary of `SMALL` words to each path: as of tokenizers that were trained on
    texts of one language but of several subjects, so that any two share some thousand words.
    """
    keys = huge.keys(glove.keys())
    taken, each = set(keys), (SMALL - SMALL_MADE_UP) // 2
    for number, path in enumerate(paths, start=1):
        rng = random.Random(SEED + number)
        chosen = rng.sample(keys[:FREQUENT], each) + rng.sample(keys[FREQUENT:], each)
        _write(path, [*chosen, *_made_up(SMALL_MADE_UP, rng, taken)])


def _write(path: Path, chosen: list[str]) -> None:
    # No tokenizer numbers its words in the order of somebody else's vector file.
    random.Random(SEED).shuffle(chosen)
    index = {word: row for row, word in enumerate(chosen, start=1)}
    publish(path, [json.dumps(index, ensure_ascii=False).encode()])


def words(tokens: int) -> list[str]:
    """All keys for `ALL`; for `SMALL` some from all over the file, and 2,000 it does not have; for
    `LARGE` all of the huge file, and as many others as are missing.
    """
    keys = glove.keys()
    if tokens == ALL:
        return keys
    rng = random.Random(SEED)
    if tokens == LARGE:
        keys = huge.keys(keys)
        return [*keys, *_made_up(LARGE - len(keys), rng, set(keys))]
    chosen = rng.sample(keys, SMALL - SMALL_MADE_UP)
    return [*chosen, *_made_up(SMALL_MADE_UP, rng, set(keys))]


def _made_up(count: int, rng: random.Random, taken: set[str]) -> list[str]:
    """So many words that are not among the `taken`, and from then on are."""
    chosen: list[str] = []
    while len(chosen) < count:
        word = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(7, 14)))
        if word not in taken:
            taken.add(word)
            chosen.append(word)
    return chosen
