"""Ids that would build a wrong or an absurd matrix are errors that name the token."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import Role, read
from embedprep.vocabulary.options import NOTHING_TOLD


@pytest.mark.parametrize(
    ("ids", "token", "reason"),
    [
        ('{"the": 0, "cat": true}', "cat", "true is not an id"),
        ('{"the": 0, "cat": 1.0}', "cat", "1.0 is not an id"),
        ('{"the": 0, "cat": 1e400}', "cat", "Infinity is not an id"),
        ('{"the": 0, "cat": null}', "cat", "null is not an id"),
        ('{"the": 0, "cat": "1"}', "cat", '"1" is not an id'),
        ('{"the": 0, "cat": -1}', "cat", "-1 is not an id: it is negative"),
        ('{"the": 0, "cat": 2147483648}', "cat", "beyond 2^31"),
        ('{"the": 0, "cat": 18446744073709551616}', "cat", "beyond 2^31"),
        ('{"the": 3, "dog": 0, "cat": 3}', "the", 'has the id 3, and so has the token "cat"'),
        ('{"a": 2000000000}', "a", "needs a matrix of 2000000001 rows, for only 1 tokens"),
        ('{"a": 1000}', "a", "needs a matrix of 1001 rows, for only 1 tokens"),
        ('{"0": "a", "-1": "b"}', "b", "-1 is not an id: it is negative"),
        ('{"1": "a", "01": "b"}', "a", 'has the id 1, and so has the token "b"'),
        (f'{{"1": "a", "{"9" * 5000}": "b"}}', "b", "is not an id"),
    ],
)
def test_an_absurd_id_is_an_error(ids: str, token: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text(ids)
    with pytest.raises(InputError) as caught:
        read(file)
    assert caught.value.token == token
    assert reason in caught.value.reason
    assert caught.value.remedy
    assert caught.value.path == str(file)


@pytest.mark.parametrize(
    "ids", ['{"the": 9000, "cat": 4000}', '{"the": 7, "cat": 7}', '{"a": 3000000000}']
)
def test_counts_instead_of_ids_are_pointed_to_their_option(ids: str, tmp_path: Path) -> None:
    file = tmp_path / "counts.json"
    file.write_text(ids)
    with pytest.raises(InputError) as caught:
        read(file)
    assert "--counts" in caught.value.remedy


def test_sparseness_is_allowed_up_to_ten_rows_a_token() -> None:
    ids = {f"token{i}": i for i in range(200)}
    assert read({**ids, "last": 2009}).n_rows == 2010
    with pytest.raises(InputError, match="needs a matrix of 2011 rows"):
        read({**ids, "last": 2010})
    assert read({"a": 999}).n_rows == 1000


@pytest.mark.parametrize("blank", ["", "same"])
def test_rows_without_a_token_of_their_own_are_as_sparse(blank: str, tmp_path: Path) -> None:
    """A few kilobytes, compressed, may be millions of blank lines."""
    lines = tmp_path / "vocab.txt.gz"
    lines.write_bytes(gzip.compress(b"the\ncat\n" + b"\n" * 100_000))
    told = NOTHING_TOLD._replace(format="lines")
    with pytest.raises(InputError, match="100002 rows, for only 2 tokens, if blank and repeated"):
        read(lines, told=told)
    assert read(lines, told=told._replace(rows=100_002)).n_rows == 100_002
    tokens = ["the", "cat", *[blank] * 2_000]
    with pytest.raises(InputError, match=r"needs a matrix of 2002 rows, for only [23] tokens"):
        read(tokens)
    assert read(tokens[:900]).n_rows == 900


@pytest.mark.parametrize("holder", [dict, lambda ids: {str(id): t for t, id in ids.items()}])
@pytest.mark.parametrize(
    ("ids", "padding_row"), [({"a": 1, "b": 2}, 0), ({"a": 0, "b": 1}, None), ({"a": 2}, None)]
)
def test_a_smallest_id_of_one_keeps_row_zero_for_padding(
    ids: dict[str, int], padding_row: int | None, holder: Any
) -> None:
    assert read(holder(ids)).padding_row == padding_row


def test_rows_ascend_whatever_the_order_of_the_file() -> None:
    vocabulary = read({"b": 5, "a": 3, "c": 0})
    assert vocabulary.tokens == ("c", "a", "b")
    assert vocabulary.rows.tolist() == [0, 3, 5]
    assert vocabulary.n_rows == 6


@pytest.mark.parametrize("counted", [True, False])
def test_a_part_of_a_vocabulary_stays_at_its_rows(counted: bool) -> None:
    counts = np.array([7, 8, 9, 10]) if counted else None
    whole = read({"the": 1, "cat": 2, "dog": 4, "[UNK]": 7})._replace(counts=counts)
    part = whole.only(np.array([0, 3]))
    assert (part.tokens, part.rows.tolist()) == (("the", "[UNK]"), [1, 7])
    assert part.roles.tolist() == [Role.WORD, Role.UNKNOWN]
    assert (part.n_rows, part.padding_row) == (whole.n_rows, whole.padding_row) == (8, 0)
    assert (None if part.counts is None else part.counts.tolist()) == ([7, 10] if counted else None)


def test_a_token_may_stand_at_several_places_of_a_list() -> None:
    vocabulary = read(["[UNK]", "[UNK]", "the", "the"])
    assert vocabulary.tokens == ("[UNK]", "[UNK]", "the", "the")
    assert vocabulary.roles.tolist() == [Role.UNKNOWN, Role.UNKNOWN, Role.WORD, Role.WORD]


@pytest.mark.parametrize("content", [[], {}, [""], {"": 0}, {"vocab": []}])
def test_a_vocabulary_without_tokens_is_an_error(content: Any, tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match="it has no token"):
        read(file)


@pytest.mark.parametrize("text", ["\n", "\n\n\n", "\ufeff"])
def test_blank_lines_alone_are_no_vocabulary(text: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="it has no token"):
        read(file)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (["a", None], "entry 1 of the list is null, not a string"),
        (["a", 5], "entry 1 of the list is 5, not a string"),
        ([["a", 1], ["b"]], 'entry 1 of the list is ["b"], not a token and its id'),
        ([["a", -1], ["b"]], 'entry 1 of the list is ["b"], not a piece and its score'),
        ([[1, "a"], ["b", 1]], 'entry 1 of the list is ["b"'),
        ({"0": "a", "1": None}, "the token of id 1 is null, not a string"),
    ],
)
def test_an_entry_of_the_wrong_type_is_named(content: Any, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("text", "line"),
    [("the 0\nof 1 and 2\nto 3\n", 2), ("the 0of 1\nand 2\n", 1)],
)
def test_two_records_on_a_line_are_no_token_with_spaces(
    text: str, line: int, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.txt"
    file.write_text(text)
    with pytest.raises(InputError, match="two records, or a token with spaces") as caught:
        read(file)
    assert caught.value.line == line


def test_a_token_with_spaces_and_a_number_is_one(tmp_path: Path) -> None:
    file = tmp_path / "tokens.txt"
    file.write_text("top 1 hit 0\nthe 1\nNew York 2\n")
    assert read(file).tokens == ("top 1 hit", "the", "New York")


@pytest.mark.parametrize(
    ("name", "text", "note"),
    [
        ("vocab.txt", "the\nof \n\tand\n", '2 of its tokens have white space around them, as "of '),
        ("tokens.txt", "the 0\nof  1\n", "1 of its tokens have white space around them"),
        ("vocab.txt", "the\nof\n\n\n", "its last 2 lines are blank"),
        ("vocab.txt", "@@UNKNOWN@@\nthe\n\n", "its last 1 lines are blank"),
        ("vocab.txt", "### TokenTextEncoder\n### Metadata: {}\nthe\n\n", "its last 1 lines"),
        ("ids.txt", "0\tthe\n1\t\n2\tof\n", "1 of its ids have no token, as 1"),
        ("vocab.txt", "the\nof\n", None),
        ("vocab.txt", "the\n \nof\n", None),
    ],
)
def test_what_a_file_may_not_mean_is_said(
    name: str, text: str, note: str | None, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text)
    notes = " ".join(read(file).notes)
    assert notes == "" if note is None else note in notes


def test_a_quote_too_few_does_not_make_one_record_of_two(tmp_path: Path) -> None:
    file = tmp_path / "vocab.csv"
    file.write_text('token,id\n"the",0\n",1\n"of",2\n"and",3\n')
    with pytest.raises(InputError, match="not a table"):
        read(file)
