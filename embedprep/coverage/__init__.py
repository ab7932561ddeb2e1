"""Stage 6: how good the matrix is. The only place that counts.

`measuring` is the way in, `record` what comes out; the latter alone is imported here, because to
read a report back takes nothing else.
"""

from __future__ import annotations

from embedprep.coverage.record import (
    MISSING_LISTED,
    Counts,
    Coverage,
    MatrixInfo,
    Run,
    Share,
    VectorsInfo,
    VocabularyInfo,
)

__all__ = [
    "MISSING_LISTED",
    "Counts",
    "Coverage",
    "MatrixInfo",
    "Run",
    "Share",
    "VectorsInfo",
    "VocabularyInfo",
]
