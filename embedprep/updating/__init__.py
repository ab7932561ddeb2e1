"""The matrix for another vocabulary, built as an earlier one was, and where it can be of its rows.

Comes in: a published matrix, whose report has the options and inputs of its build. Goes out: what
a build from scratch would give, to the byte.
"""

from embedprep.updating.updating import Updated, update

__all__ = ["Updated", "update"]
