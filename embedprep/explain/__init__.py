"""Why a row is what it is: `EmbeddingMatrix.explain`, its neighbours, and analogies.

In: an opened matrix, and a token or a row.
Out: an `Explanation`.
May import: vocabulary, containers, coverage, report.

In reading order: `parts` is the open file and finds a token in it, `naming` says which token an
argument means, `nearest` and `spelling` are the two searches, `explanation` is the result,
`explaining` and `analogies` make it, `table` shows it.
"""

from __future__ import annotations

from embedprep.explain.analogies import nearest_to, parse, terms
from embedprep.explain.explaining import explain
from embedprep.explain.explanation import Explanation
from embedprep.explain.parts import Parts

__all__ = ["Explanation", "Parts", "explain", "nearest_to", "parse", "terms"]
