"""The words that are wanted: `{word: id}` as JSON, numbered from 1 in random order."""

from __future__ import annotations

import json
import random
from pathlib import Path

from benchmarks import glove
from benchmarks.files import publish

SEED = 6
SMALL = 20_000
SMALL_MADE_UP = 2_000
ALL = glove.RECORDS


def write(path: Path, tokens: int) -> None:
    """Write the vocabulary of `tokens` words to `path`."""
    chosen = words(tokens)
    # No tokenizer numbers its words in the order of somebody else's vector file.
    random.Random(SEED).shuffle(chosen)
    index = {word: row for row, word in enumerate(chosen, start=1)}
    publish(path, [json.dumps(index, ensure_ascii=False).encode()])


def words(tokens: int) -> list[str]:
    """All keys for `ALL`; for `SMALL` some from all over the file, and 2,000 it does not have."""
    keys = glove.keys()
    if tokens == ALL:
        return keys
    rng = random.Random(SEED)
    chosen = rng.sample(keys, SMALL - SMALL_MADE_UP)
    taken = set(keys)
    while len(chosen) < SMALL:
        word = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(7, 14)))
        if word not in taken:
            taken.add(word)
            chosen.append(word)
    return chosen
