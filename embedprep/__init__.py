"""From a tokenizer's vocabulary and pre-trained vectors to one aligned matrix.

matrix, coverage = embedprep.build(vectors="glove.txt", vocab="vocab.json")
matrix = embedprep.open("embeddings.npy")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"  # first: modules below need it while this one is being imported

if TYPE_CHECKING:
    from embedprep.api import build, build_all, count, index, open
    from embedprep.conversion import convert
    from embedprep.counting import CountedText
    from embedprep.diff import Difference, compare
    from embedprep.doctor import Examination, examine
    from embedprep.errors import (
        CoverageError,
        EmbedprepError,
        InputError,
        OutputError,
        UsageError,
    )
    from embedprep.explain import Explanation
    from embedprep.matrix.found_again import tables
    from embedprep.matrix.matrix import EmbeddingMatrix
    from embedprep.provenance import Provenance
    from embedprep.report import CoverageReport
    from embedprep.updating import Updated, update
    from embedprep.verification import Verification, verify

__all__ = [
    "CountedText",
    "CoverageError",
    "CoverageReport",
    "Difference",
    "EmbeddingMatrix",
    "EmbedprepError",
    "Examination",
    "Explanation",
    "InputError",
    "OutputError",
    "Provenance",
    "Updated",
    "UsageError",
    "Verification",
    "__version__",
    "build",
    "build_all",
    "compare",
    "convert",
    "count",
    "examine",
    "index",
    "open",
    "tables",
    "update",
    "verify",
]

_HOME = {
    "build": "api",
    "build_all": "api",
    "compare": "diff",
    "convert": "conversion",
    "count": "api",
    "CountedText": "counting",
    "Difference": "diff",
    "examine": "doctor",
    "Examination": "doctor",
    "Explanation": "explain",
    "index": "api",
    "open": "api",
    "EmbeddingMatrix": "matrix.matrix",
    "Provenance": "provenance",
    "CoverageReport": "report",
    "tables": "matrix.found_again",
    "Updated": "updating",
    "update": "updating",
    "Verification": "verification",
    "verify": "verification",
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    # Imported on first use: `embedprep --help` must not wait for NumPy.
    if name not in __all__:
        raise AttributeError(f"module 'embedprep' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(f"embedprep.{_HOME.get(name, 'errors')}"), name)
