"""Keys and rows as other programs take them: text, a tensor, JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from embedprep.containers import AtomicFile
from embedprep.conversion.keys import either, not_text, not_without
from embedprep.conversion.records import Table

refuses_in_list = either(not_text, not_without({}))


def tokens_of(table: Table) -> list[str]:
    """The keys as text."""
    return [key.decode() for key in table.keys]


def write_tensor(table: Table, file: AtomicFile, *, mean_row: bool = False) -> None:
    """https://github.com/huggingface/safetensors#format: a length, a JSON header, the bytes.

    `mean_row` adds the mean of all rows behind them.
    """
    shape = [len(table.keys) + mean_row, table.dim]
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * shape[0] * shape[1]]}
    header = json.dumps({"__metadata__": {"format": "np"}, "embeddings": tensor}).encode()
    header += b" " * (-len(header) % 8)  # the bytes are to begin on a multiple of eight
    file.write(len(header).to_bytes(8, "little") + header)
    total = np.zeros(table.dim)
    for _, rows in table.chunks():
        file.write(rows.astype("<f4", copy=False).tobytes())
        total += rows.sum(axis=0, dtype=np.float64)
    if mean_row:
        file.write((total / len(table.keys)).astype("<f4").tobytes())


def write_json(file: AtomicFile, value: Any) -> None:
    """JSON as UTF-8."""
    file.write(json.dumps(value, ensure_ascii=False).encode())
