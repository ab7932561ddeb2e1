"""Vectors of 300 dimensions, made of the published ones of 50.

The published 300-dimensional file has no package; its shape is what timing needs. Six blocks of
the real numbers, each with the rows in another order, keep every digit and length real.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import glove
from benchmarks.files import make_once, publish

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 6
BLOCKS = 6
DIM = BLOCKS * glove.DIM
CHUNK_ROWS = 2_000
TEXT_SHA256 = "24a69fef81376225bbc900b15d9a43704e668bf3e260664da88ec5b6da1363d6"


def make_text(path: Path, published: Path) -> None:
    """Each line of the `published` text with the numbers of six lines."""
    make_once(path, TEXT_SHA256, lambda path: publish(path, _lines(published)))


class Rows:
    """The numbers of the text as float32: `rows[[3, 5]]` are those of two records, (2, 300)."""

    def __init__(self) -> None:
        import numpy as np

        self._published = np.asarray(glove.matrix())
        self._orders = [np.array(order) for order in _orders()]

    def __getitem__(self, records: NDArray[np.int64]) -> NDArray[np.float32]:
        import numpy as np

        return np.hstack([self._published[order[records]] for order in self._orders])


def _orders() -> list[list[int]]:
    """For each block and record, the published record whose numbers stand there."""
    shuffle = random.Random(SEED).shuffle
    orders = [list(range(glove.RECORDS)) for _ in range(BLOCKS)]
    for order in orders:
        shuffle(order)
    return orders


def _lines(published: Path) -> Iterator[bytes]:
    words, values = [], []
    with published.open("rb") as lines:
        for line in lines:
            word, _, numbers = line.rstrip(b"\n").partition(b" ")
            words.append(word)
            values.append(numbers)
    blocks = ([values[record] for record in order] for order in _orders())
    rows = zip(words, *blocks, strict=True)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        yield b"".join(b" ".join(row) + b"\n" for row in chunk)
