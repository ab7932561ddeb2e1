"""A binary word2vec file in the habit of the published GoogleNews vectors.

A million records, each the key, one space and 300 float32, with no line break behind it. The keys
of GloVe stand among as many phrases of two of them as are missing; GoogleNews has such phrases,
with an underscore.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks import glove
from benchmarks.files import make_once, publish
from benchmarks.wide import CHUNK_ROWS, DIM, SEED, Rows

RECORDS = 1_000_000
SHA256 = "c435602cf4035a7edda8a1160037032cd76b71eb164ff254f19371e6baf1a711"


def make(path: Path) -> None:
    """Make and check the file: 1.2 GB."""
    make_once(path, SHA256, lambda path: publish(path, _chunks()))


def _chunks() -> Iterator[bytes]:
    import numpy as np

    rows = Rows()
    keys = _keys()
    yield b"%d %d\n" % (RECORDS, DIM)
    for start in range(0, RECORDS, CHUNK_ROWS):
        values = rows[np.arange(start, start + CHUNK_ROWS) % glove.RECORDS].astype("<f4")
        some = keys[start : start + CHUNK_ROWS]
        yield b"".join(
            key.encode() + b" " + row.tobytes() for key, row in zip(some, values, strict=True)
        )


def _keys() -> list[str]:
    rng = random.Random(SEED)
    keys = dict.fromkeys(glove.keys())
    words = list(keys)
    while len(keys) < RECORDS:
        keys["_".join(rng.choices(words, k=2))] = None
    everything = list(keys)
    rng.shuffle(everything)
    return everything
