"""A fastText model that is mostly holes: 3 GB to read, little to store.

Its layout is that of `FastText::saveModel` (fasttext.cc, args.cc, dictionary.cc, densematrix.cc)
in version 12, its shape that of the published models: 2,000,000 buckets for n-grams of 3 to 6
characters. Rows that nobody asks for are zeros.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks import glove
from benchmarks.files import make_once, publishing
from benchmarks.wide import DIM, Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC, VERSION = 793_712_314, 12
# dim, ws, epoch, minCount, neg, wordNgrams, loss (negative sampling), model (skip-gram), bucket,
# minn, maxn, lrUpdateRate, t
BUCKETS = 2_000_000
ARGUMENTS = (DIM, 5, 5, 5, 5, 1, 2, 2, BUCKETS, 3, 6, 100, 1e-4)
NOT_PRUNED = -1
WORD = 0  # rather than a label
# One unknown word in thirty has an n-gram whose bucket is no hole: enough to see a wrong sum.
BUCKET_STEP = 1_000
# fastText writes one for each word. Nobody here reads them; `cat`, the floor, has to.
OUTPUT_ROWS = 100_000
SHA256 = "7bcdfbd590f66c9d48363d15e3387fd33e6cde81391793df18ce9e8f6e3742ca"


def make(path: Path, wanted: Iterable[str]) -> None:
    """Make and check the model; of its words the `wanted` ones have rows with numbers."""
    make_once(path, SHA256, lambda path: _write(path, wanted))


def _write(path: Path, wanted: Iterable[str]) -> None:
    import numpy as np

    words, numbers = glove.keys(), Rows()
    chosen = set(wanted)
    records = np.array([record for record, word in enumerate(words) if word in chosen])
    buckets = np.arange(0, BUCKETS, BUCKET_STEP)
    rows = np.concatenate([records, len(words) + buckets])
    values = numbers[np.concatenate([records, buckets % glove.RECORDS])]
    with publishing(path) as out:
        out.write(struct.pack("<2i12id", MAGIC, VERSION, *ARGUMENTS))
        _write_dictionary(out, words)
        _write_matrix(out, len(words) + BUCKETS, rows, values)
        _write_matrix(out, OUTPUT_ROWS, rows[:0], values[:0])


def _write_dictionary(out: IO[bytes], words: list[str]) -> None:
    """All entries are words, the most frequent first."""
    counts = range(len(words), 0, -1)
    out.write(struct.pack("<3i2q", len(words), len(words), 0, sum(counts), NOT_PRUNED))
    for word, count in zip(words, counts, strict=True):
        out.write(word.encode() + b"\0" + struct.pack("<qb", count, WORD))


def _write_matrix(
    out: IO[bytes], height: int, rows: NDArray[np.int64], values: NDArray[np.float32]
) -> None:
    """A matrix that is not quantised: `values` in `rows`, holes in all others."""
    out.write(struct.pack("<?2q", False, height, DIM))
    begin = out.tell()
    for row, content in zip(rows.tolist(), values.astype("<f4"), strict=True):
        out.seek(begin + row * content.nbytes)
        out.write(content.tobytes())
    out.seek(begin + height * DIM * 4)
    out.truncate()
