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
    SUBWORD = 4
    """The mean of the token's n-grams, of a fastText model that lacks the token."""
    PARTIAL = 5
    """Of vector files side by side, some have the token; the other columns are as for OOV."""
