"""The coverage report: its keys, its numbers, and that it is the same for the same inputs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import coverage as stage
from embedprep.provenance import Provenance

VECTORS = b"""the 1 2
cat 3 4
the 9 9
New York 5 6
dog 7 8
bird nan 1
fish 1
"""
VOCAB = {"[PAD]": 0, "[UNK]": 1, "the": 2, "cat": 3, "zebra": 4, "yak": 6, "New York": 7, "bird": 8}
COUNTS = {"the": 100, "cat": 10, "zebra": 1, "yak": 5, "[UNK]": 50, "dog": 1000}

KEYS = {
    "schema": None,
    "matrix": {"path", "rows", "dim", "dtype", "sha256_of_pieces"},
    "vectors": {"path", "format", "dim", "records", "bytes", "fingerprint"},
    "vocabulary": {"path", "format", "tokens", "rows"},
    "coverage": {"vocabulary", "text", "rows", "special"},
    "missing": {"token", "row", "count"},
    "fallback": None,
    "advice": None,
    "recommended": None,
    "pieces": None,
    "norms": {"found", "oov", "matching_oov_scale"},
    "post": None,
    "quantisation": None,
    "records": {"duplicates", "malformed"},
    "options": None,
    "versions": None,
    "run": {"seconds", "threads", "implementation"},
}
"""The contract. A key may be added here; none may go or change its name."""

ADDED = {
    "vectors": {
        "header",
        "separator",
        "ends_with_newline",
        "declared_records",
        "compression",
        "rows",
        "keys",
        "untrained",
    },
    "vocabulary": {"surface", "num_words", "counts", "words", "counted", "text"},
    "coverage": {"kinds", "by_rank"},
    "missing": {"kind"},
    "records": {"nonfinite", "spaced_keys", "untrained", "zero_rows"},
    "run": {"id"},
}


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    (workdir / "v.txt").write_bytes(VECTORS)
    (workdir / "vocab.json").write_text(json.dumps(VOCAB))
    (workdir / "counts.json").write_text(json.dumps(COUNTS))
    return workdir


def build(**options: Any) -> dict[str, Any]:
    """The published report of a build."""
    settings = {"vocab": "vocab.json", "output": "m.npy", "on_malformed": "skip"}
    embedprep.build("v.txt", **(settings | options))
    report: dict[str, Any] = json.loads(Path("m.coverage.json").read_bytes())
    return report


def without_run(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "run"}


# ---- keys


def test_the_keys_are_those_of_the_contract() -> None:
    report = build(counts="counts.json")
    assert list(report) == list(KEYS)
    for key, names in KEYS.items():
        value = report[key][0] if key in ("vectors", "missing") else report[key]
        if names is not None:
            assert set(value) == names | ADDED.get(key, set()), key
    assert report["schema"] == "embedprep.coverage/1"
    for share in ("vocabulary", "text"):
        assert set(report["coverage"][share]) == {"total", "found", "subword", "ratio"}
    assert {"exact", "oov", "padding", "unassigned"} <= set(report["coverage"]["rows"])


def test_options_and_versions_tell_how_to_repeat_it() -> None:
    report = build(seed=7, oov="normal", dtype="float16", dim=2)
    assert report["options"] == {
        "oov": "normal",
        "oov_scale": 0.25,
        "seed": 7,
        "num_words": None,
        "dtype": "float16",
        "post": [],
        "post_fit": "rows",
        "post_like": None,
        "dim": 2,
        "combine": "fill",
        "subwords": True,
        "compose": True,
        "vectors_format": None,
        "vectors_tokens": None,
        "vocab_format": None,
        "key_form": None,
        "pad_token": None,
        "unk_token": None,
        "special": [],
        "rows": None,
        "on_malformed": "skip",
        "on_duplicate": "first",
        "fallback": [],
        "min_gain": 0.001,
        "field": None,
        "split": None,
        "match_pieces": False,
        "pieces": "none",
    }
    assert report["versions"]["embedprep"] == embedprep.__version__
    assert report["versions"]["numpy"] == np.__version__


# ---- numbers


def test_every_number_by_hand() -> None:
    report = build(counts="counts.json")
    assert report["matrix"] | {"sha256_of_pieces": ""} == {
        "path": "m.npy", "rows": 9, "dim": 2, "dtype": "float32", "sha256_of_pieces": "",
    }  # fmt: skip
    [vectors] = report["vectors"]
    assert vectors | {"fingerprint": ""} == {
        "path": "v.txt",
        "format": "text",
        "compression": None,
        "header": False,
        "separator": "space",
        "ends_with_newline": True,
        "bytes": len(VECTORS),
        "fingerprint": "",
        "dim": 2,
        "records": 7,
        "declared_records": None,
        "rows": 3,
        "keys": "words",
        "untrained": [],
    }
    assert report["vocabulary"] == {
        "path": "vocab.json",
        "format": "token-map",
        "surface": "plain",
        "tokens": 8,
        "rows": 9,
        "num_words": None,
        "counts": "counts.json",
        "words": None,
        "counted": {"of_tokens": 4 / 6, "of_text": 166 / sum(COUNTS.values())},
        "text": None,
    }
    assert report["coverage"] == {
        # Padding and unknown do not count.
        "vocabulary": {"total": 6, "found": 3, "subword": 0, "ratio": 0.5},
        "text": {"total": 116, "found": 110, "subword": 0, "ratio": 110 / 116},
        "rows": {"exact": 3, "subword": 0, "partial": 0, "oov": 4, "padding": 1, "unassigned": 1},
        "special": {"tokens": 2, "oov": 1},
        "kinds": [{"kind": "other", "tokens": 3, "occurrences": 6}],
        "by_rank": {
            "order": "count",
            "top": [
                {
                    "rank": 6,
                    "vocabulary": {"total": 6, "found": 3, "subword": 0, "ratio": 0.5},
                    "text": {"total": 116, "found": 110, "subword": 0, "ratio": 110 / 116},
                }
            ],
        },
    }
    assert report["missing"] == [
        {"token": "yak", "row": 6, "count": 5, "kind": "other"},
        {"token": "zebra", "row": 4, "count": 1, "kind": "other"},
        {"token": "bird", "row": 8, "count": 0, "kind": "other"},
    ]
    assert (report["fallback"], report["advice"], report["recommended"]) == ([], [], None)
    assert report["records"] == {
        **dict.fromkeys(("duplicates", "malformed", "nonfinite", "spaced_keys"), 1),
        "untrained": 0,
        "zero_rows": 0,
    }


@pytest.mark.parametrize(
    ("content", "described"),
    [
        (b"2 2\nthe 1 2\ncat 3 4\n", {"header": True, "declared_records": 2, "records": 2}),
        (b"the\t1\t2\ncat\t3\t4\n", {"header": False, "separator": "tab"}),
        (b"the 1 2\ncat 3 4", {"ends_with_newline": False, "separator": "space"}),
    ],
)
def test_how_the_vector_file_is_laid_out(content: bytes, described: dict[str, Any]) -> None:
    Path("v.txt").write_bytes(content)
    [vectors] = build()["vectors"]
    assert vectors | described == vectors


def test_the_checksum_is_over_the_rows() -> None:
    report = build()
    rows = np.load("m.npy").astype("<f4")
    one_piece = hashlib.sha256(rows.tobytes()).digest()
    assert report["matrix"]["sha256_of_pieces"] == hashlib.sha256(one_piece).hexdigest()


def test_rows_are_what_the_provenance_says() -> None:
    report = build()
    provenance = embedprep.open("m.npy").provenance
    by_name = {code.label: int((provenance == code).sum()) for code in Provenance}
    rows = report["coverage"]["rows"]
    assert rows == {name: by_name[name] for name in rows}
    assert sum(rows.values()) == report["matrix"]["rows"]
    matrix = np.load("m.npy")
    for row, code in enumerate(provenance):
        zeros = code in (Provenance.PADDING, Provenance.UNASSIGNED)
        assert zeros == (not matrix[row].any()), f"row {row}"


def test_without_counts_the_text_is_null_and_missing_goes_by_id() -> None:
    report = build()
    assert report["coverage"]["text"] is None
    assert [entry["row"] for entry in report["missing"]] == [4, 6, 8]
    assert {entry["count"] for entry in report["missing"]} == {None}


def test_missing_tokens_of_one_count_go_by_id() -> None:
    report = build(vocab=["a", "b", "c", "d"], counts=counts_file({"a": 1, "c": 2, "d": 2}))
    assert [entry["token"] for entry in report["missing"]] == ["c", "d", "a", "b"]


def counts_file(counts: dict[str, int]) -> str:
    Path("some.tsv").write_text("".join(f"{token}\t{n}\n" for token, n in counts.items()))
    return "some.tsv"


def test_counts_as_lines_and_as_json_are_the_same() -> None:
    assert build(counts=counts_file(COUNTS))["coverage"] == build(counts="counts.json")["coverage"]


def test_a_tokenizer_that_counted_needs_no_counts_file() -> None:
    config = {
        "num_words": None,
        "oov_token": "<OOV>",
        "word_counts": json.dumps({"the": 100, "zebra": 1}),
        "word_index": json.dumps({"<OOV>": 1, "the": 2, "zebra": 3}),
    }
    Path("vocab.json").write_text(json.dumps({"class_name": "Tokenizer", "config": config}))
    coverage = build()["coverage"]
    assert {key: coverage[key] for key in ("vocabulary", "text", "rows", "special")} == {
        "vocabulary": {"total": 2, "found": 1, "subword": 0, "ratio": 0.5},
        "text": {"total": 101, "found": 100, "subword": 0, "ratio": 100 / 101},
        "rows": {"exact": 1, "subword": 0, "partial": 0, "oov": 2, "padding": 1, "unassigned": 0},
        "special": {"tokens": 1, "oov": 1},
    }


def test_the_report_names_a_thousand_and_counts_them_all() -> None:
    report = build(vocab=[f"madeup{i}" for i in range(1100)])
    assert len(report["missing"]) == stage.MISSING_LISTED == 1000
    assert report["coverage"]["vocabulary"] == {"total": 1100, "found": 0, "subword": 0, "ratio": 0}


def test_nothing_to_find_is_found() -> None:
    report = build(vocab=["[PAD]", "[UNK]"])
    assert report["coverage"]["vocabulary"] == {"total": 0, "found": 0, "subword": 0, "ratio": 1.0}
    assert report["missing"] == []


def test_a_token_at_two_rows_counts_once_with_two_rows() -> None:
    report = build(vocab=["the", "cat", "the", "zebra", "zebra"])
    assert report["coverage"]["vocabulary"] == {
        "total": 3,
        "found": 2,
        "subword": 0,
        "ratio": 2 / 3,
    }
    assert report["coverage"]["rows"] == {
        "exact": 3,
        "subword": 0,
        "partial": 0,
        "oov": 2,
        "padding": 0,
        "unassigned": 0,
    }
    assert [entry["token"] for entry in report["missing"]] == ["zebra"]


@pytest.mark.parametrize(
    ("vocab", "rows"),
    [
        # Row 0 of a map that begins at 1 is padding; a row within that has no token is not.
        (
            {"the": 1, "cat": 3},
            {"exact": 2, "subword": 0, "partial": 0, "oov": 0, "padding": 1, "unassigned": 1},
        ),
        (
            ["", "[UNK]", "the"],
            {"exact": 1, "subword": 0, "partial": 0, "oov": 1, "padding": 1, "unassigned": 0},
        ),
        (
            {"the": 2, "cat": 3},
            {"exact": 2, "subword": 0, "partial": 0, "oov": 0, "padding": 0, "unassigned": 2},
        ),
        (
            ["the", "<pad>"],
            {"exact": 1, "subword": 0, "partial": 0, "oov": 0, "padding": 1, "unassigned": 0},
        ),
        (
            ["the", "pad"],
            {"exact": 1, "subword": 0, "partial": 0, "oov": 1, "padding": 0, "unassigned": 0},
        ),
    ],
    ids=str,
)
def test_padding_and_holes_are_zeros(vocab: Any, rows: dict[str, int]) -> None:
    assert build(vocab=vocab)["coverage"]["rows"] == rows


def test_padding_is_zeros_even_when_the_file_has_a_vector_for_it() -> None:
    Path("v.txt").write_bytes(b"[PAD] 1 2\nthe 3 4\n[UNK] 5 6\n")
    report = build(vocab=["[PAD]", "[UNK]", "the"])
    assert np.load("m.npy").tolist() == [[0, 0], [5, 6], [3, 4]]
    assert report["coverage"]["vocabulary"]["total"] == 1


@pytest.mark.parametrize(
    ("num_words", "rows", "total"), [(None, 9, 6), (4, 4, 2), (5, 5, 3), (1, 1, 0), (10**9, 9, 6)]
)
def test_num_words_keeps_the_ids_below(num_words: int | None, rows: int, total: int) -> None:
    whole = build()
    matrix = np.load("m.npy")
    report = build(num_words=num_words)
    assert np.array_equal(np.load("m.npy"), matrix[:rows])
    assert report["coverage"]["vocabulary"]["total"] == total
    assert whole["coverage"]["vocabulary"]["total"] == 6


def test_num_words_auto_asks_the_tokenizer() -> None:
    config = {"num_words": 3, "word_index": json.dumps({"the": 1, "cat": 2, "dog": 3})}
    Path("vocab.json").write_text(json.dumps({"class_name": "Tokenizer", "config": config}))
    report = build(num_words="auto")
    assert np.load("m.npy").tolist() == [[0, 0], [1, 2], [3, 4]]
    assert report["vocabulary"]["num_words"] == 3
    assert build()["matrix"]["rows"] == 4


def test_float16_holds_the_rounded_values() -> None:
    Path("v.txt").write_bytes(b"the 0.1 65504\ncat 1e-9 -2.5\n")
    report = build(dtype="float16")
    expected = np.array([[0.1, 65504], [1e-9, -2.5]], np.float32).astype(np.float16)
    assert np.array_equal(np.load("m.npy")[2:4], expected)
    assert report["matrix"]["dtype"] == "float16"


# ---- the same for the same inputs

VARIATIONS: list[dict[str, Any]] = [
    {},
    {"threads": 1},
    {"threads": 4},
    {"durable": False},
    {"clobber": True},
]


@pytest.mark.parametrize("change", VARIATIONS, ids=str)
@pytest.mark.parametrize("pure", ["0", "1"], ids=["native", "pure"])
def test_everything_but_the_run_is_the_same(
    change: dict[str, Any], pure: str, implementation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(counts="counts.json")
    matrix = Path("m.npy").read_bytes()
    monkeypatch.setenv("EMBEDPREP_PURE", pure)
    second = build(counts="counts.json", **change)
    assert Path("m.npy").read_bytes() == matrix
    assert without_run(second) == without_run(first)
    assert first["run"]["implementation"] == implementation
    assert first["run"]["id"] != second["run"]["id"]
    assert second["run"]["threads"] == change.get("threads", first["run"]["threads"])


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"oov": "zeros"},
        {"oov_scale": 0.1},
        {"dtype": "float16"},
        {"num_words": 5},
        {"on_duplicate": "last"},
    ],
    ids=str,
)
def test_what_changes_the_rows_changes_the_checksum_and_the_options(
    change: dict[str, Any],
) -> None:
    first, second = build(), build(**change)
    assert first["matrix"]["sha256_of_pieces"] != second["matrix"]["sha256_of_pieces"]
    assert first["options"] | change == second["options"]
