"""The table that a person sees, whole: a change to it must be meant."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from embedprep.report import CoverageReport
from embedprep.report.wording import percent

REPORT: dict[str, Any] = {
    "schema": "embedprep.coverage/1",
    "matrix": {
        "path": "wiki.h5",
        "rows": 20_001,
        "dim": 50,
        "dtype": "float32",
        "sha256_of_pieces": "ab",
    },
    "vectors": [
        {
            "path": "glove\x1b[2J.txt",
            "format": "text",
            "dim": 50,
            "records": 400_000,
            "bytes": 171_350_079,
            "fingerprint": "cd",
            "header": False,
            "separator": "space",
            "ends_with_newline": True,
            "declared_records": None,
            "compression": None,
            "rows": 19_987,
        }
    ],
    "vocabulary": {
        "path": "tokenizer.json",
        "format": "keras-tokenizer",
        "surface": "plain",
        "tokens": 20_000,
        "rows": 20_001,
        "num_words": None,
    },
    "coverage": {
        "vocabulary": {"total": 19_999, "found": 19_987, "subword": 0, "ratio": 0.99939},
        "text": {"total": 1_234_567, "found": 1_222_222, "subword": 0, "ratio": 0.99},
        "rows": {
            "exact": 19_900,
            "strip-punctuation": 87,
            "compound": 0,
            "subword": 0,
            "partial": 0,
            "oov": 13,
            "padding": 1,
            "unassigned": 0,
        },
        "special": {"tokens": 2, "oov": 1},
        "kinds": [
            {"kind": "other", "tokens": 5, "occurrences": 12_345},
            {"kind": "case", "tokens": 2, "occurrences": 0},
            *({"kind": f"k{i}", "tokens": 1, "occurrences": 0} for i in range(5)),
        ],
        "by_rank": {
            "order": "count",
            "top": [
                {
                    "rank": 100,
                    "vocabulary": {"total": 100, "found": 99, "subword": 0, "ratio": 0.99},
                    "text": {"total": 9, "found": 8, "subword": 0, "ratio": 8 / 9},
                }
            ],
        },
    },
    "missing": [
        {"token": "covid", "row": 17, "count": 12_345, "kind": "other"},
        {"token": "new\nline", "row": 18, "count": 900, "kind": "other"},
        {"token": "a" * 40, "row": 19, "count": 1, "kind": "other"},
        *({"token": f"t{i}", "row": 20 + i, "count": 0, "kind": "number"} for i in range(9)),
    ],
    "fallback": ["strip-punctuation", "compound"],
    "advice": [{"rule": "lower", "tokens": 2, "occurrences": 900, "examples": [["The", "the"]]}],
    "recommended": {
        "fallback": ["lower", "strip-punctuation", "compound"],
        "tokens": 2,
        "occurrences": 900,
        "share": 0.0729,
    },
    "records": {"duplicates": 3, "malformed": 0, "nonfinite": 12, "spaced_keys": 0},
    "options": {"oov": "normal"},
    "versions": {"embedprep": "0.1.0"},
    "run": {"id": "00", "seconds": 0.4, "threads": 2, "implementation": "native"},
}

TABLE = r"""
vocabulary  tokenizer.json  (keras-tokenizer, 20,000 tokens, 2 special)
vectors     glove\x1b[2J.txt  (text, 400,000 records of 50)
matrix      wiki.h5  (20,001 x 50 float32)

coverage             found            of
  vocabulary        19,987        19,999    99.9 %
  your text      1,222,222     1,234,567    99.0 %

rows
  exact                19,900  vector of the token itself
  strip-punctuation        87  without punctuation at the ends: "(word," -> word
  oov                      12  no vector: filled by --oov normal
  special                   1  special tokens, no vector: filled by --oov normal
  padding                   1  zeros

records
                         3  records of a wanted key that came before
                        12  records with nan or infinite values left out

missing (12; most frequent first)
  covid                             12,345 x
  new\nline                            900 x
  aaaaaaaaaaaaaaaaaaaaaaaaaaaaa…         1 x
  t0                                     0 x
  t1                                     0 x
  t2                                     0 x
  t3                                     0 x
  t4                                     0 x
  t5                                     0 x
  t6                                     0 x
  … and 2 more: embedprep inspect wiki.h5 --missing 12

by kind             tokens  in your text
  other                  5        12,345
  case                   2             0
  k0                     1             0
  k1                     1             0
  k2                     1             0
  k3                     1             0
  … and 1 more kind

text 99.0 % → 99.1 %, vocabulary 99.9 % → 99.9 %, with:
  --fallback lower,strip-punctuation,compound
"""

WITHOUT_COUNTS_OR_FILES = """
vocabulary  in memory  (token-list, 2 tokens)
vectors     standard input  (text, 2 records of 3)
matrix      in memory  (2 x 3 float16)

coverage             found            of
  vocabulary             1             2    50.0 %
  your text        unknown: --text FILE tells how much of it is found

rows
  exact                  1  vector of the token itself
  oov                    1  no vector: filled by --oov zeros

missing (1; in order of their ids)
  zebra

by kind             tokens
  other                  1

vocabulary 50.0 % → 100.0 %, with:
  --fallback upper
"""

NOTHING_MISSING = """
vocabulary  in memory  (token-list, 2 tokens)
vectors     standard input  (text, 2 records of 3)
matrix      in memory  (2 x 3 float16)

coverage             found            of
  vocabulary             2             2   100.0 %
  your text        unknown: --text FILE tells how much of it is found

rows
  exact                  2  vector of the token itself
"""


def small() -> dict[str, Any]:
    report = copy.deepcopy(REPORT)
    report["matrix"] |= {"path": None, "rows": 2, "dim": 3, "dtype": "float16"}
    report["vectors"][0] |= {"path": "-", "dim": 3, "records": 2}
    report["vocabulary"] |= {"path": None, "format": "token-list", "tokens": 2, "rows": 2}
    report["coverage"] = {
        "vocabulary": {"total": 2, "found": 1, "subword": 0, "ratio": 0.5},
        "text": None,
        "rows": {"exact": 1, "subword": 0, "partial": 0, "oov": 1, "padding": 0, "unassigned": 0},
        "special": {"tokens": 0, "oov": 0},
        "kinds": [{"kind": "other", "tokens": 1, "occurrences": None}],
        "by_rank": {"order": "id", "top": []},
    }
    report["missing"] = [{"token": "zebra", "row": 1, "count": None, "kind": "other"}]
    report["fallback"] = []
    report["recommended"] = {"fallback": ["upper"], "tokens": 1, "occurrences": None, "share": 1.0}
    report["records"] = dict.fromkeys(report["records"], 0)
    report["options"] = {"oov": "zeros"}
    return report


def complete() -> dict[str, Any]:
    report = small()
    report["coverage"]["vocabulary"] = {"total": 2, "found": 2, "subword": 0, "ratio": 1.0}
    report["coverage"]["rows"] |= {"exact": 2, "oov": 0}
    report["coverage"]["kinds"] = []
    report["missing"] = []
    report["recommended"] = None
    return report


@pytest.mark.parametrize(
    ("report", "table"),
    [
        (REPORT, TABLE),
        (small(), WITHOUT_COUNTS_OR_FILES),
        (complete(), NOTHING_MISSING),
    ],
    ids=["all there is", "little", "nothing missing"],
)
def test_the_table(report: dict[str, Any], table: str) -> None:
    assert str(CoverageReport.from_json(json.dumps(report), "r.json")) == table.strip("\n")


def test_json_there_and_back() -> None:
    report = CoverageReport.from_json(json.dumps(REPORT), "r.json")
    again = CoverageReport.from_json(report.to_json(), "r.json")
    assert again == report
    assert str(again) == str(report)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0.0 %"),
        (1e-9, "< 0.1 %"),
        (0.000499, "< 0.1 %"),
        (0.0005, "0.1 %"),
        (0.5, "50.0 %"),
        (0.9994, "99.9 %"),
        (0.9995, "> 99.9 %"),
        (1 - 1e-12, "> 99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_percent_never_rounds_something_missing_away(ratio: float, text: str) -> None:
    assert percent(ratio) == text


WIDE = """
missing (12; most frequent first)
  x                                  1,000 x
  日本語                             1,001 x
  한국어                            12,345 x
  e\u0301te\u0301                                1,003 x
  \u0e44\u0e21\u0e48                                 1,004 x
  😀                                 1,005 x
  字字字字字字字字字字字字字字…      1,006 x
  ééééééééééééééééééééééééééééé…     1,007 x
  a\\x1b[31m                          1,008 x
  … and 2 more: embedprep inspect 'my matrix.h5' --missing 12

by kind                    tokens        in your text
  attached punctuation  1,234,567  12,345,678,901,234
  other                         1                   2
"""


def test_every_table_is_aligned_whatever_is_in_it() -> None:
    report = copy.deepcopy(REPORT)
    tokens = [
        "x", "日本語", "한국어", "e\u0301te\u0301", "\u0e44\u0e21\u0e48", "😀", "字" * 40, "é" * 31,
        "a\x1b[31m",
    ]  # fmt: skip
    counts = [1000, 1001, 12_345, *range(1003, 1009)]
    report["matrix"]["path"] = "my matrix.h5"
    report["missing"] = [
        {"token": token, "row": 1, "count": count, "kind": "other"}
        for token, count in zip(tokens, counts, strict=True)
    ]
    report["coverage"]["kinds"] = [
        {"kind": "attached punctuation", "tokens": 1_234_567, "occurrences": 12_345_678_901_234},
        {"kind": "other", "tokens": 1, "occurrences": 2},
    ]
    assert WIDE.strip() in str(CoverageReport.from_json(json.dumps(report), "r.json"))


def test_auto_is_named_where_it_is_what_to_type() -> None:
    report = copy.deepcopy(REPORT) | {"fallback": []}
    shown = str(CoverageReport.from_json(json.dumps(report), "r.json"))
    assert shown.endswith("\n  --fallback auto    # lower,strip-punctuation,compound")


def test_pieces_of_words_have_their_own_advice() -> None:
    report = copy.deepcopy(REPORT) | {"recommended": None}
    report["coverage"]["kinds"][0]["kind"] = "piece"
    shown = str(CoverageReport.from_json(json.dumps(report), "r.json"))
    assert shown.endswith(
        "\n41.7 % of the missing tokens are pieces of words; each gets the mean of the\n"
        "words of your text that contain it, with:\n  --pieces mean --words FILE"
    )
    report["vocabulary"]["format"] = "huggingface-tokenizer"
    shown = str(CoverageReport.from_json(json.dumps(report), "r.json"))
    assert shown.endswith("  --pieces mean --text FILE")
    report["options"]["pieces"] = "mean"
    assert "--pieces" not in str(CoverageReport.from_json(json.dumps(report), "r.json"))


def test_its_repr_is_one_line() -> None:
    report = CoverageReport.from_json(json.dumps(REPORT), "r.json")
    assert repr(report) == (
        "<CoverageReport wiki.h5: 19,987 of 19,999 tokens (99.9 %), 99.0 % of the text>"
    )
    report = CoverageReport.from_json(json.dumps(small()), "r.json")
    assert repr(report) == "<CoverageReport in memory: 1 of 2 tokens (50.0 %)>"
