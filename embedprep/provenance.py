"""Where a row of the matrix came from: one code a row, stored with the matrix."""

from __future__ import annotations

import enum


class Provenance(enum.IntEnum):
    """The codes are part of the files we write: add, never renumber."""

    UNASSIGNED = 0
    """No token has this row; zeros."""
    PADDING = 1
    """The padding row; zeros."""
    OOV = 2
    """A token without a vector; filled by the out-of-vocabulary strategy."""
    EXACT = 3
    """The vector of the token's exact form."""
