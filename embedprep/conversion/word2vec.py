"""word2vec's two formats, as gensim and the C program write and read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep.conversion.keys import either, not_longer, not_without
from embedprep.conversion.sinks import Form
from embedprep.vectors.blocks import MAX_LINE_BYTES
from embedprep.vectors.detection import HEAD_BYTES

refuses_in_text = either(
    not_without(
        {b" ": "a space", b"\t": "a tab", b"\n": "a line break", b"\r": "a carriage return"}
    ),
    not_longer(MAX_LINE_BYTES // 2),  # the other half is for the values
)
# The first record shows what the file is, so its values must be in the part that is looked at.
refuses_in_binary = either(
    not_without({b" ": "a space", b"\n": "a line break"}), not_longer(HEAD_BYTES // 2)
)


def _header(count: int, dim: int) -> bytes:
    return b"%d %d\n" % (count, dim)


def _text(keys: list[bytes], rows: NDArray[np.float32]) -> list[bytes]:
    """Return a line per record, with the fewest digits that keep each float32."""
    texts = rows.astype("S").tolist()
    lines = (
        key + b" " + b" ".join(values) + b"\n" for key, values in zip(keys, texts, strict=True)
    )
    return [b"".join(lines)]


def _binary(keys: list[bytes], rows: NDArray[np.float32]) -> list[bytes]:
    """Return per record a key, a space and raw float32, without newlines."""
    values, size = np.ascontiguousarray(rows, "<f4").data.cast("B"), 4 * rows.shape[1]
    begins = range(0, len(values), size)
    parts = (
        part
        for key, begin in zip(keys, begins, strict=True)
        for part in (key, b" ", values[begin : begin + size])
    )
    return [b"".join(parts)]


TEXT, BINARY = Form(_header, _text), Form(_header, _binary)
