"""A matrix as a Parquet file: row i is id i, as other programs read it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.conversion import token_table
from embedprep.errors import InputError, OutputError, UsageError
from tests.cli.here import run_here

parquet = pytest.importorskip("pyarrow.parquet")

WORDS = [f"w{number}" for number in range(40)]
VOCAB = ["<pad>", *WORDS[:30], "W31", "absent", "zero"]
FOUND = range(1, 32)


@pytest.fixture(autouse=True)
def matrix(workdir: Path) -> np.ndarray[Any, Any]:
    rows = np.random.default_rng(3).standard_normal((40, 5)).astype(np.float32)
    lines = [
        f"{word} {' '.join(map(repr, row))}" for word, row in zip(WORDS, rows.tolist(), strict=True)
    ]
    Path("v.txt").write_text("\n".join([*lines, "zero 0 0 0 0 0", ""]))
    return embedprep.build("v.txt", VOCAB, "m.npy", fallback="lower")[0]


def table(*options: str, source: str = "m.npy") -> dict[str, list[Any]]:
    ended = run_here("convert", source, "t.parquet", *options)
    assert ended.code == 0, ended.err
    columns: dict[str, list[Any]] = parquet.read_table("t.parquet").to_pydict()
    return columns


@pytest.mark.parametrize("at_once", [7, 1 << 14])
def test_every_row_is_there(
    at_once: int, matrix: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_table, "_ROWS_AT_ONCE", at_once)
    found = table()
    assert list(found) == ["id", "token", "provenance", "key", "vector"]
    assert found["id"] == list(range(len(VOCAB)))
    assert found["token"] == VOCAB
    assert found["provenance"] == ["padding", *["exact"] * 30, "lower", "oov", "exact"]
    assert found["key"] == [*[None] * 31, "w31", None, None]
    assert np.array_equal(np.array(found["vector"], np.float32), matrix)


@pytest.mark.parametrize("at_once", [1, 100, 1 << 23])
def test_neighbours(
    at_once: int, matrix: np.ndarray[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_table, "_AT_ONCE", at_once)
    found = table("--neighbours", "4")["neighbors"]
    opened = embedprep.open("m.npy")
    for row in FOUND:
        expected = opened.neighbours(row, 4)
        assert [VOCAB[id] for id in found[row]["ids"]] == [token for token, _ in expected]
        cosines = [1 - distance for distance in found[row]["distances"]]
        assert np.allclose(cosines, [cosine for _, cosine in expected], atol=1e-6)
    assert [found[row] for row in (0, 32, 33)] == [{"ids": [], "distances": []}] * 3


def test_more_neighbours_than_rows() -> None:
    for vocabulary in (["w1", "absent"], ["w1", "w2"], ["absent"]):
        embedprep.build("v.txt", vocabulary, "few.npy")
        found = table("--neighbours", "9", source="few.npy")["neighbors"]
        others = sum(word != "absent" for word in vocabulary) - 1
        assert [len(one["ids"]) for one in found] == [
            0 if word == "absent" else others for word in vocabulary
        ]


def test_every_row_has_a_place_on_the_plane_of_those_found(matrix: np.ndarray[Any, Any]) -> None:
    found = table("--xy")
    vectors = matrix - matrix[FOUND].mean(axis=0, dtype=np.float64)
    main = np.linalg.svd(vectors[FOUND])[2][:2]
    for name, direction in zip("xy", main, strict=True):
        expected = vectors @ direction
        column = np.array(found[name])
        assert np.allclose(column * np.sign(column @ expected), expected, atol=1e-5)


def test_duckdb_finds_provenances_and_neighbours() -> None:
    duckdb = pytest.importorskip("duckdb")
    listed = table("--neighbours", "4", "--xy")["neighbors"][1]["ids"]
    counts = "select provenance, count(*) from 't.parquet' group by provenance"
    assert dict(duckdb.sql(counts).fetchall()) == {"padding": 1, "exact": 31, "lower": 1, "oov": 1}
    nearest = """
        with word as (select vector as its from 't.parquet' where token = 'w0')
        select id from 't.parquet', word where id between 1 and 31 and token != 'w0'
        order by list_cosine_similarity(vector, its) desc limit 4
    """
    assert [id for (id,) in duckdb.sql(nearest).fetchall()] == listed
    unnested = "select unnest(neighbors.ids) from 't.parquet' where token = 'w0'"
    assert [id for (id,) in duckdb.sql(unnested).fetchall()] == listed


def test_polars_reads_every_column(matrix: np.ndarray[Any, Any]) -> None:
    polars = pytest.importorskip("polars")
    columns = table("--neighbours", "4", "--xy")
    read = polars.read_parquet("t.parquet")
    assert read.to_dict(as_series=False).keys() == columns.keys()
    assert np.array_equal(read["vector"].to_numpy(), matrix)
    assert read["neighbors"].to_list() == columns["neighbors"]
    assert read.filter(polars.col("provenance") == "oov")["token"].to_list() == ["absent"]


def test_counts_of_the_tokens() -> None:
    embedprep.build("v.txt", {"w1": 0, "w2": 2, "absent": 3}, "gap.npy")
    Path("counts.tsv").write_text("w1\t7\nabsent\t3\nother\t9\n")
    assert table("--counts", "counts.tsv", source="gap.npy")["count"] == [7, None, 0, 3]


def test_other_types_and_containers() -> None:
    for output in ("half.h5", "half.safetensors"):
        half, _ = embedprep.build("v.txt", VOCAB, output, dtype="float16")
        found = table("--xy", "--neighbours", "2", source=output)
        assert np.array_equal(np.array(found["vector"], np.float32), half.astype(np.float32))


def test_rows_without_a_token_and_odd_tokens() -> None:
    embedprep.build("v.txt", {"w1": 0, "a\ud800": 2}, "odd.npy")
    assert table(source="odd.npy")["token"] == ["w1", None, "a\\xed\\xa0\\x80"]


def test_no_rows() -> None:
    embedprep.build("v.txt", ["w1"], "m.npy", num_words=1)
    assert table()["token"] == ["w1"]


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"vocab": ["w1"]}, UsageError, "a .parquet has every row of a matrix"),
        ({"vectors_tokens": "t.json"}, UsageError, "a .parquet has every row of a matrix"),
        ({"neighbours": -1}, UsageError, "--neighbours cannot be '-1'"),
        ({"vectors": "v.txt"}, InputError, "not a matrix"),
        ({"vectors": "few.npy", "xy": True}, UsageError, "at least 3 rows of 2 values"),
        ({"output": "t.npy", "xy": True}, UsageError, "are columns of a .parquet"),
        ({"output": "t.npy", "neighbours": 3}, UsageError, "are columns of a .parquet"),
        ({"output": "t.npy", "counts": "c.tsv"}, UsageError, "are columns of a .parquet"),
        ({"counts": "v.txt"}, InputError, "v.txt"),
        ({"counts": "t.parquet"}, UsageError, "t.parquet"),
        ({"output": "old.parquet", "clobber": False}, OutputError, "exist"),
    ],
)
def test_what_cannot_be(options: dict[str, Any], error: type[Exception], reason: str) -> None:
    embedprep.build("v.txt", ["w1", "w2"], "few.npy")
    Path("old.parquet").write_text("old")
    before = sorted(os.listdir())
    with pytest.raises(error) as caught:
        embedprep.convert(**{"vectors": "m.npy", "output": "t.parquet"} | options)
    assert reason in str(caught.value)
    assert sorted(os.listdir()) == before
    assert Path("old.parquet").read_text() == "old"


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_table, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs pyarrow"):
        embedprep.convert("m.npy", "t.parquet")
