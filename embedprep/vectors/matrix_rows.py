"""Rows of a matrix in a file: only the needed ones, in one forward pass.

It does not use a memory map: the pages of a map count as memory of this process, and if someone
shortens the file, reading past its end kills the process.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from embedprep.vectors.forward import Forward

_AT_ONCE = 4 << 20
"""The most bytes read at once."""
_GAP = 64 << 10
"""The largest gap that is faster to read than to skip."""


def gather(
    forward: Forward, offset: int, row_bytes: int, wanted: NDArray[np.int64]
) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
    """Yield the rows `wanted`, ascending and distinct, of a matrix that begins at `offset`.

    Yields indices into `wanted` and the bytes of their rows, shape (rows, row_bytes), which are
    valid only until the next ones are requested. Afterwards `forward` is after the last of them.
    """
    if len(wanted) == 0:
        return
    apart = np.diff(wanted) * row_bytes > _GAP
    piece = wanted * row_bytes // _AT_ONCE
    first = np.flatnonzero(np.concatenate([[True], apart | (np.diff(piece) > 0)]))
    last = np.append(first[1:], len(wanted))
    buffer = memoryview(bytearray(_AT_ONCE + row_bytes))
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        lowest, highest = int(wanted[begin]), int(wanted[end - 1])
        forward.skip_to(offset + lowest * row_bytes, "its matrix")
        part = buffer[: (highest - lowest + 1) * row_bytes]
        if forward.read_into(part) < len(part):
            raise forward.cut_off("its matrix")
        rows = np.frombuffer(part, np.uint8).reshape(-1, row_bytes)
        yield slice(begin, end), rows[wanted[begin:end] - lowest]
