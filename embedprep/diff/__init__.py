"""What differs between two matrices: `embedprep.compare` and `embedprep diff`.

In reading order: `pairing` finds the rows of the same token, `rows` compares their vectors,
`difference` is what is known in the end, `settings` are the inputs and options, `comparing` puts
it together, `table` shows it.
"""

from __future__ import annotations

from embedprep.diff.comparing import compare
from embedprep.diff.difference import Difference

__all__ = ["Difference", "compare"]
