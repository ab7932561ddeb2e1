"""The difference between two matrices: `embedprep.compare` and `embedprep diff`.

In: two published matrices.
Out: a `Difference`.
May import: containers, coverage, report, matrix.

In reading order: `pairing` finds the rows of the same token, `rows` compares their vectors,
`difference` is the result, `settings` are the inputs and options, `comparing` makes it, `table`
shows it.
"""

from __future__ import annotations

from embedprep.diff.comparing import compare
from embedprep.diff.difference import Difference

__all__ = ["Difference", "compare"]
