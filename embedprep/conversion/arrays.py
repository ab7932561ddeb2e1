"""Keys and rows in the forms that other programs need: text, a tensor, JSON."""

from __future__ import annotations

import numpy as np

from embedprep.containers import AtomicFile
from embedprep.containers.layout import MATRIX
from embedprep.containers.safetensors import framed
from embedprep.conversion.keys import either, not_text, not_without
from embedprep.conversion.sinks import Chunks, Table

refuses_in_list = either(not_text, not_without({}))


def tokens_of(table: Table) -> list[str]:
    """Return the keys as text."""
    return [key.decode() for key in table.keys]


def write_tensor(table: Table, chunks: Chunks, file: AtomicFile, *, mean_row: bool = False) -> None:
    """Write a safetensors file with only the rows.

    `mean_row` adds the mean of all rows after them.
    """
    shape = [len(table.keys) + mean_row, table.dim]
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * shape[0] * shape[1]]}
    file.write(framed({"__metadata__": {"format": "np"}, MATRIX: tensor}))
    total = np.zeros(table.dim)
    for _, rows in chunks:
        file.write(rows.astype("<f4", copy=False).tobytes())
        total += rows.sum(axis=0, dtype=np.float64)
    if mean_row:
        file.write((total / len(table.keys)).astype("<f4").tobytes())
