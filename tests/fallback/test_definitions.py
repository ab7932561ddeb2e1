"""The corners of rows, ranks, files and counts: a test for each sentence of the README."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import InputError

pytestmark = pytest.mark.usefixtures("workdir")


def build(
    files: list[str] | str, vocab: Any, **options: Any
) -> tuple[list[list[float]], embedprep.CoverageReport]:
    """The rows; a file is its content."""
    names = []
    for number, content in enumerate([files] if isinstance(files, str) else files):
        Path(f"{number}.tsv").write_text(content)
        names.append(f"{number}.tsv")
    settings = {"oov": "zeros", "vectors_format": "tsv"} | options
    matrix, coverage = embedprep.build(names, vocab, **settings)
    return matrix.tolist(), coverage


# ---- rows


def test_row_0_is_padding_where_the_vocabulary_names_no_other_token_for_it() -> None:
    _, coverage = build("a\t1\t1\n", {"a": 1, "b": 2}, oov="uniform")
    assert coverage.counts.rows["padding"] == 1
    _, coverage = build("a\t1\t1\n", ["", "a"], oov="uniform")
    assert coverage.counts.rows["padding"] == 1
    rows, coverage = build("a\t1\t1\n", ["a", "b"])
    assert (rows[0], coverage.counts.rows["padding"]) == ([1, 1], 0)


def test_num_words_beyond_the_ids_adds_no_rows() -> None:
    rows, _ = build("a\t1\t1\n", {"a": 1, "b": 2}, num_words=1_000)
    assert len(rows) == 3


# ---- ranks, files, parts


def test_a_better_form_in_a_later_file_replaces_a_lesser_one() -> None:
    files = ["paris\t1\t1\n", "PARIS\t2\t2\n"]
    assert build(files, ["Paris"], fallback="upper,lower")[0] == [[2, 2]]
    assert build(files, ["Paris"], fallback="lower,upper")[0] == [[1, 1]]


def test_a_mean_in_an_earlier_file_yields_to_another_spelling_in_a_later_one() -> None:
    files = ["new\t1\t1\nyork\t3\t3\n", "new_york\t9\t9\n"]
    assert build(files, ["new-york"], fallback="underscore,compound")[0] == [[9, 9]]


def test_the_parts_of_a_mean_are_of_one_file_which_may_be_the_later_one() -> None:
    files = ["new\t1\t1\n", "new\t5\t5\nyork\t7\t7\n"]
    assert build(files, ["new-york"], fallback="compound")[0] == [[6, 6]]


def test_a_part_that_occurs_twice_counts_twice() -> None:
    assert build("a\t1\t1\nb\t4\t4\n", ["a-b-a"], fallback="compound")[0] == [[2, 2]]


def test_the_parts_of_a_mean_have_no_other_forms() -> None:
    content = "new\t1\t1\nyork\t3\t3\n"
    assert build(content, ["New-York"], fallback="compound,lower")[0] == [[0, 0]]
    assert build(content, ["New-York"], fallback="lower,compound")[0] == [[2, 2]]


def test_joints_at_the_ends_join_nothing() -> None:
    content = "_a\t1\t1\na_\t2\t2\n_\t3\t3\n"
    assert build(content, ["-a", "a-", "-"], fallback="underscore")[0] == [[0, 0]] * 3


# ---- records that are of no use


@pytest.mark.parametrize("fallback", [(), "lower"])
def test_duplicates_are_counted_in_every_file_in_any_order(fallback: Sequence[str]) -> None:
    once, twice = "a\t1\t1\nq\t2\t2\n", "a\t3\t3\na\t4\t4\nz\t5\t5\nz\t6\t6\na\t7\t7\n"
    for files in ([once, twice], [twice, once]):
        _, coverage = build(files, ["a", "b"], fallback=fallback)
        assert coverage.records["duplicates"] == 2
        with pytest.raises(InputError, match="a second record of this key") as caught:
            build(files, ["a", "b"], on_duplicate="error", fallback=fallback)
        assert caught.value.token == "a"
    _, coverage = build([once, once], ["a"], on_duplicate="error", fallback=fallback)
    assert coverage.records["duplicates"] == 0


@pytest.mark.parametrize("bad", ["nan", "x"])
def test_a_damaged_record_that_is_left_out_gives_its_row_to_a_lesser_form(bad: str) -> None:
    content = f"q\t1\t1\nParis\t{bad}\t1\nparis\t2\t2\n"
    with pytest.raises(InputError):
        build(content, ["Paris"], fallback="lower")
    rows, coverage = build(content, ["Paris"], fallback="lower", on_malformed="skip")
    assert rows == [[2, 2]]
    assert coverage.counts.rows["lower"] == 1
    rows, coverage = build(content, ["PARIS", "x"], fallback="title", on_malformed="skip")
    assert rows == [[0, 0], [0, 0]]


def test_advice_may_count_a_record_that_turns_out_damaged() -> None:
    content = "q\t1\t1\nparis\tnan\t1\n"
    _, coverage = build(content, ["Paris"], on_malformed="skip")
    assert [advice.rule for advice in coverage.advice] == ["lower"]


# ---- pieces


def test_punctuation_without_a_mark_is_a_word() -> None:
    vocab = ["Ġthe", ",", "ing", "Ġ,"]
    Path("t.json").write_text(json.dumps({token: i for i, token in enumerate(vocab)}))
    rows, _ = build("the\t1\t1\n,\t2\t2\ning\t3\t3\n", "t.json")
    assert rows == [[1, 1], [2, 2], [0, 0], [2, 2]]


# ---- counts


def test_a_text_without_any_word_of_the_vocabulary_is_unknown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Path("counts.json").write_text('{"Paris": 0, "b": 0, "[UNK]": 3}')
    vocab = {"[UNK]": 0, "Paris": 1, "b": 2}
    _, coverage = build("paris\t1\t1\n", vocab, counts="counts.json")
    assert coverage.counts.text is None
    assert coverage.to_dict()["coverage"]["text"] is None
    assert "every word of the vocabulary is counted 0 times" in caplog.text
    # Distinct tokens decide then, also what is recommended.
    assert coverage.recommended is not None
    assert (coverage.recommended.fallback, coverage.recommended.share) == (("lower",), 0.5)


def test_zero_is_a_count_where_another_word_has_more() -> None:
    Path("counts.json").write_text('{"a": 0, "b": 2}')
    _, coverage = build("a\t1\t1\n", ["a", "b"], counts="counts.json")
    assert coverage.counts.text is not None
    assert (coverage.counts.text.total, coverage.counts.text.found) == (2, 0)


# ---- the fewest rules


@pytest.mark.parametrize(
    ("keys", "token", "rule"),
    [
        (["DOG’S", "dog's"], "Dog’s", "upper"),
        (["x y", "X-y"], "x–y", "space"),
    ],
)
def test_one_rule_is_recommended_where_one_is_enough(
    keys: list[str], token: str, rule: str
) -> None:
    content = "".join(f"{key}\t1\t1\n" for key in ["q", *keys])
    _, coverage = build(content, [token])
    assert coverage.recommended is not None
    assert coverage.recommended.fallback == (rule,)
    _, coverage = build(content, [token], fallback="auto")
    assert coverage.fallback == (rule,)
    assert coverage.counts.vocabulary.found == 1


def test_marks_that_a_script_may_leave_out_are_left_out() -> None:
    vocab = ["كِتَاب", "שָׁלוֹם", "हिंदी", "ไทย", "йод"]
    content = "".join(f"{key}\t1\t1\n" for key in ["كتاب", "שלום", "हद", "ไทย์", "иод"])
    rows, _ = build(content, vocab, fallback="all")
    assert np.array(rows)[:, 0].tolist() == [1, 1, 0, 0, 0]
