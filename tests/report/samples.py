"""Coverage reports and matrices to show, as they may come out of a build."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from embedprep.provenance import Provenance
from embedprep.report import CoverageReport
from embedprep.report.html import Unpublished

BIDI = "\u202egnirts"
LONG = "long" * 250_000
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "</script><b>", "</style>", BIDI,
    "\ud800", "nul\0", "\x1b[31m", "new\nline", "$x$", "_", "$\\frac{1", "&amp;", "{{ 7*7 }}", "%",
    "  spaces ", "\u200d", "\uffff", "שלום", "你好", "سلام", "e\u0301", "😀", "]]>", "<!--", "",
    LONG,
]  # fmt: skip


def rows(tokens: list[str], dim: int = 8, seed: int = 1) -> Unpublished:
    """A random matrix whose first row is padding and whose other rows are all found."""
    array = np.random.default_rng(seed).normal(size=(len(tokens) + 1, dim)).astype(np.float32)
    provenance = np.full(len(array), Provenance.EXACT, np.uint8)
    provenance[0] = Provenance.PADDING
    array[0] = 0
    return Unpublished(array, provenance, ["", *tokens])


def share(total: int, found: int, subword: int = 0) -> dict[str, float]:
    return {"total": total, "found": found, "subword": subword}


def report(
    missing: list[str] | None = None, *, counted: bool = True, **changes: Any
) -> CoverageReport:
    """A report with everything that a report can have; `changes` replace its first level."""
    tokens = [f"word{i}" for i in range(1200)] if missing is None else missing
    listed = [
        {
            "token": token,
            "row": 7000 + i,
            "count": 5000 - i if counted else None,
            "kind": KINDS[i % 3],
        }
        for i, token in enumerate(tokens[:1000])
    ]
    total, gone = 20_000, len(tokens)
    found = total - gone
    by_kind = [sum(i % 3 == kind for i in range(gone)) for kind in range(3)]
    document = {
        "schema": "embedprep.coverage/1",
        "matrix": {
            "path": "wiki.npy",
            "rows": 20_002,
            "dim": 300,
            "dtype": "float32",
            "sha256_of_pieces": "5a" * 32,
        },
        "vectors": [
            vectors("glove.6B.300d.txt"),
            vectors("domain vectors.vec", compression="gzip"),
        ],
        "vocabulary": {
            "path": "tokenizer.json",
            "format": "keras-tokenizer",
            "surface": "plain",
            "tokens": 20_001,
            "rows": 20_002,
            "num_words": 20_001,
        },
        "coverage": {
            "vocabulary": share(total, found, 120),
            "text": share(1_234_567, 1_234_567 - 103 * gone, 654) if counted else None,
            "rows": {
                "exact": found - 1357,
                "lower": 1111,
                "digits-hash": 101,
                "subword": 120,
                "pieces": 25,
                "partial": 0,
                "oov": gone + 1,
                "padding": 1,
                "unassigned": 0,
            },
            "special": {"tokens": 2, "oov": 1},
            "kinds": [
                {"kind": kind, "tokens": tokens, "occurrences": 11 * tokens if counted else None}
                for kind, tokens in zip(KINDS, by_kind, strict=True)
                if tokens
            ],
            "by_rank": {
                "order": "count" if counted else "id",
                "top": [
                    {
                        "rank": rank,
                        "vocabulary": share(rank, rank - rank * gone // total),
                        "text": share(60 * rank, 59 * rank) if counted else None,
                    }
                    for rank in (100, 1000, 10_000, 20_000)
                ],
            },
        },
        "missing": listed,
        "fallback": ["lower", "digits-hash"],
        "advice": [
            {
                "rule": rule,
                "tokens": gone // (4 + i),
                "occurrences": gone if counted else None,
                "examples": examples,
            }
            for i, (rule, examples) in enumerate(ADVICE)
        ]
        if gone
        else [],
        "recommended": {
            "fallback": ["lower", "digits-hash", "possessive", "accents"],
            "tokens": gone // 3,
            "occurrences": gone * 50 if counted else None,
            "share": 0.4321,
        }
        if gone
        else None,
        "records": {"duplicates": 13, "malformed": 0, "nonfinite": 2, "spaced_keys": 0},
        "options": {
            "oov": "normal",
            "oov_scale": 0.25,
            "seed": 0,
            "num_words": None,
            "dtype": "float32",
            "dim": None,
            "subwords": False,
            "on_duplicate": "first",
        },
        "versions": {"embedprep": "0.1.0", "numpy": "2.4.6", "python": "3.11.7"},
        "run": {
            "id": "a5be43485a68c8f0",
            "seconds": 3.45,
            "threads": 2,
            "implementation": "native",
        },
    }
    made: CoverageReport = CoverageReport.from_json(json.dumps(document | changes), "")
    return made


KINDS = ("other", "likely misspelling", "<b>")
ADVICE = (
    ("possessive", [["maren's", "maren"], ["dog's", "dog"]]),
    ("accents", [["café", "cafe"], ["naïve", "naive"], ["rôle", "role"]]),
    ("compound", [["mother-in-law", "mother + in + law"]]),
)


def vectors(path: str, compression: str | None = None) -> dict[str, Any]:
    return {
        "path": path,
        "format": "text",
        "dim": 300,
        "records": 400_000,
        "bytes": 1_037_962_819,
        "fingerprint": "13ea3df9" * 8,
        "header": False,
        "separator": "space",
        "ends_with_newline": True,
        "declared_records": None,
        "compression": compression,
        "rows": 18_765,
    }
