"""Whether Keras sees the same rows as the file."""

from __future__ import annotations

import keras
import numpy as np

from embedprep.keras.embedding import embedding_layer
from embedprep.matrix.shared_table import Path, shared_table

_ROWS_AT_ONCE = 1 << 14


def description() -> str:
    """Describe the running version of Keras."""
    return f"Keras {keras.version()} on {keras.backend.backend()}"


def differing_row(path: Path) -> int | None:
    """Return the first id whose row in an `embedding_layer` differs in bits; None if none.

    A row of int8 may differ by the last bit of a division, which JAX multiplies by the inverse for.
    """
    # Whatever the user's keras.json says.
    layer = embedding_layer(path, mask_zero=False, dtype="float32")
    table = shared_table(path)
    rows = np.arange(table.identity.rows)
    most = 0 if table.matrix.scales is None else 1
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        expected = table.gather(rows[start : start + _ROWS_AT_ONCE]).astype(np.float32)
        ids = keras.ops.arange(start, start + len(expected), dtype="int32")
        found = np.asarray(keras.ops.convert_to_numpy(layer(ids)))
        bits, right = found.view(np.int32).astype(np.int64), expected.view(np.int32)
        wrong = (np.abs(bits - right) > most).any(axis=1)
        if wrong.any():
            return start + int(np.argmax(wrong))
    return None
