"""Where things stand in a file is a claim of the file: it is never believed past its end."""

from __future__ import annotations

import numpy as np
import pytest

from embedprep.containers.layout import Region

FILE = np.arange(24, dtype=np.uint8)


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_an_array_is_what_stands_at_its_place(rows: int) -> None:
    region = Region(24 - 8 * rows, np.dtype("<i4"), (rows, 2))
    assert region.of(FILE).shape == (rows, 2)
    assert region.of(FILE).tobytes() == FILE.tobytes()[region.offset :]


@pytest.mark.parametrize(
    ("offset", "shape"),
    [
        (1, (3, 2)),
        (16, (2, 2)),
        (24, (1, 1)),
        (25, (0, 2)),
        (0, (2**62, 4)),  # in 64 bits this has no bytes
        (0, (10**30, 300)),
    ],
)
def test_an_array_that_ends_behind_the_file_is_truncated(
    offset: int, shape: tuple[int, ...]
) -> None:
    """Also one that was whole when the file was opened, and is no more when it is mapped."""
    with pytest.raises(ValueError, match="truncated"):
        Region(offset, np.dtype("<i4"), shape).of(FILE)
