"""The arrays that our matrix files hold beside the matrix, in their order.

Writers and readers agree on them here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class StoredArray(NamedTuple):
    """One of them."""

    name: str
    type: type[np.generic]
    more_than_rows: int | None
    """Its length is so many more than the rows of the matrix; None says nothing of it."""

    def length(self, rows: int) -> int | None:
        return None if self.more_than_rows is None else rows + self.more_than_rows


STORED = (
    StoredArray("tokens", np.uint8, None),
    StoredArray("token_offsets", np.int64, 1),
    StoredArray("keys", np.uint8, None),
    StoredArray("key_offsets", np.int64, 1),
    StoredArray("provenance", np.uint8, 0),
    StoredArray("sources", np.uint8, 0),
    StoredArray("records", np.int64, 0),
)
REPORT = StoredArray("report", np.uint8, None)
"""JSON in UTF-8."""
SEAL = StoredArray("seal", np.uint8, None)
"""The last: a checksum of everything but the rows, of 32 bytes."""
