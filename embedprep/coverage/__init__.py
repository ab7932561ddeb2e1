"""Stage 6: how good the matrix is. The only place that counts.

In: the vocabulary, the origin of each row, the censuses.
Out: one record, `Coverage`, with a versioned JSON.
May import: fallback, vocabulary, vectors, lookup, matching.

`measuring` is the way in, `record` is what comes out; only the latter is imported here, because
reading a report back needs nothing else.
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
