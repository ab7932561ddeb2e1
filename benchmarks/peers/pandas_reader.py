"""pandas reads the whole file, the wanted rows are gathered from it."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def build(vectors: str, index: dict[str, int]) -> NDArray[np.float32]:
    """`read_csv` with everything switched off that would change a key."""
    table = pd.read_csv(
        vectors,
        sep=" ",
        header=None,
        index_col=0,
        quoting=csv.QUOTE_NONE,
        na_filter=False,
        keep_default_na=False,
    )
    matrix = np.zeros((max(index.values()) + 1, table.shape[1]), np.float32)
    records = table.index.get_indexer(pd.Index(list(index)))
    rows = np.fromiter(index.values(), np.int64, len(index))
    found = records >= 0
    matrix[rows[found]] = table.to_numpy()[records[found]]
    return matrix
