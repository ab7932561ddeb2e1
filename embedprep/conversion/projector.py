"""The two files of the TensorBoard Embedding Projector: vectors, and a label for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep.conversion.keys import either, not_text, not_without
from embedprep.conversion.sinks import Form

refuses = either(
    not_text,
    not_without({b"\t": "a tab", b"\n": "a line break", b"\r": "a carriage return"}),
)


def _header(_count: int, _dim: int) -> bytes:
    return b""


def _records(keys: list[bytes], rows: NDArray[np.float32]) -> tuple[bytes, bytes]:
    """Return lines of `words.tsv`, tabs between values, and of `words.metadata.tsv`, a key each."""
    lines = (b"\t".join(values) + b"\n" for values in rows.astype("S").tolist())
    return b"".join(lines), b"".join(key + b"\n" for key in keys)


FORM = Form(_header, _records)
