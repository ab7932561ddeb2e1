"""An examination of a vector file, and of what is odd about it: `embedprep doctor`.

In: a vector file.
Out: an `Examination`.
May import: sources, vectors, matching, report.

In reading order: `repeats`, `keys` and `norms` take in the records, `examination` is the result,
`published` knows the well-known files, `verdict` draws the conclusions, `table` shows them,
`examining` is the pass.
"""

from __future__ import annotations

from embedprep.doctor.examination import Examination
from embedprep.doctor.examining import examine

__all__ = ["Examination", "examine"]
