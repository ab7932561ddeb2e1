"""Rows of zeros are found, and as good as not: every build counts them."""

from __future__ import annotations

from pathlib import Path

import pytest

import embedprep
from embedprep.report.wording import record_meaning


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_records_of_zeros_are_counted_apart(dtype: str, workdir: Path) -> None:
    (workdir / "v.txt").write_text("the 0 1\nof 0 0\nin -0.0 0e9\ncat 1 0\nunwanted 0 0\n")
    matrix, report = embedprep.build(
        "v.txt", ["the", "of", "in", "cat", "absent"], oov="zeros", dtype=dtype
    )
    assert matrix.any(axis=1).tolist() == [True, False, False, True, False]
    assert report.counts.rows["exact"] == 4
    assert report.records["zero_rows"] == 2
    assert record_meaning("zero_rows") == "rows found, but zero: their records are all zeros"
    assert "found, but zero" in str(report)


def test_the_files_count_their_own_rows(workdir: Path) -> None:
    (workdir / "a.txt").write_text("the 0 0\nof 1.5 1\n")
    (workdir / "b.txt").write_text("the 2 2.5\nin 0 0\n")
    matrix, report = embedprep.build(["a.txt", "b.txt"], ["the", "of", "in"], oov="zeros")
    assert matrix.tolist() == [[0, 0], [1.5, 1], [0, 0]]
    assert report.records["zero_rows"] == 2


def test_the_second_reading_counts_too(workdir: Path) -> None:
    (workdir / "v.txt").write_text("the 0 0\nof 1.5 1\nin 0 0\n")
    _, report = embedprep.build("v.txt", ["The", "of", "in"], fallback=("lower",), oov="zeros")
    assert report.records["zero_rows"] == 2
