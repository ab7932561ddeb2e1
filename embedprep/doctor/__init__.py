"""What a vector file is, and what is odd about it: `embedprep.examine` and `embedprep doctor`.

In reading order: `repeats`, `keys` and `norms` take in the records, `examination` is what is
known in the end, `verdict` draws the conclusions, `table` shows them, `examining` is the pass.
"""

from __future__ import annotations

from embedprep.doctor.examination import Examination
from embedprep.doctor.examining import examine

__all__ = ["Examination", "examine"]
