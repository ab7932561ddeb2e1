"""Counts from a file of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import read, with_counts
from embedprep.vocabulary.counts import counts_in
from embedprep.vocabulary.word_list import read_word_list
from tests.pasting import only_command, paste


@pytest.mark.parametrize(
    "text",
    [
        '{"the": 7, "dog": 2, "cat": 0}',
        '"{\\"the\\": 7}"',
        "the\t7\ndog\t2\n",
        "the\t7\r\ndog\t2\r\n",
        "the 7\ndog 2",
        "the\t7\nNew York 3\ndog 2\n",
    ],
)
def test_tokens_that_are_not_listed_have_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "counts"
    file.write_text(text)
    vocabulary = with_counts(read({"the": 5, "cat": 1}), file)
    assert vocabulary.tokens == ("cat", "the")
    assert vocabulary.counts is not None
    assert vocabulary.counts.dtype == np.int64
    assert vocabulary.counts.tolist() == [0, 7]


@pytest.mark.parametrize(
    ("text", "line", "token", "reason"),
    [
        ('{"the": -1}', None, "the", "-1 is not a count"),
        ('{"the": 1, "dog": 1.5}', None, "dog", "1.5 is not a count"),
        ('{"the": true}', None, "the", "true is not a count"),
        ('{"the": "1"}', None, "the", '"1" is not a count'),
        ('{"the": 9007199254740993}', None, "the", "is not a count"),
        ('{"the": 1, "the": 1}', None, "the", "2 times"),
        ("the\t1\ndog\t-1\n", 2, "dog", '"-1" is not a count'),
        ("the\t1.0\n", 1, "the", '"1.0" is not a count'),
        ("the\t\u0661\n", 1, "the", "is not a count"),
        (f"the\t{'9' * 5000}\n", 1, "the", "is not a count"),
        ("dog\t1\nthe\t1\ndog\t2\n", 3, "dog", "counted twice"),
        ("the\t1\nthe\n", 2, "the", "no count on this line"),
        ("the\t1\n\ndog\t1\n", 2, "", "no count on this line"),
    ],
)
def test_what_is_not_a_count_is_named(
    text: str, line: int | None, token: str, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "counts"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        with_counts(read({"the": 0}), file)
    assert (caught.value.line, caught.value.token) == (line, token)
    assert reason in caught.value.reason
    assert caught.value.path == str(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cat\t1\n", "no token of the vocabulary"),
        ("{}", "no token of the vocabulary"),
        ('["the"]', "JSON, but not a map"),
        ('{"word_index": "\\"[1]\\""}', "JSON, but not a map"),
        ("", "empty"),
    ],
)
def test_a_file_of_something_else(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "counts"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        with_counts(read({"the": 0}), file)
    assert reason in caught.value.reason


def test_a_directory_has_no_counts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a directory, not a file"):
        with_counts(read(["the"]), tmp_path)


@pytest.mark.parametrize("lines", [True, False])
def test_counts_whose_sum_is_too_large(lines: bool, tmp_path: Path) -> None:
    counts = {f"w{number}": 2**53 for number in range(1_024)}
    file = tmp_path / "counts"
    text = "".join(f"{token}\t{count}\n" for token, count in counts.items())
    file.write_text(text if lines else json.dumps(counts))
    with pytest.raises(InputError, match="the counts add up to 9,223,372,036,854,775,808"):
        with_counts(read(list(counts)), file)
    counts.popitem()
    file.write_text(json.dumps(counts))
    known = with_counts(read(list(counts)), file).counts
    assert known is not None
    assert int(known.sum()) == 2**63 - 2**53


@pytest.mark.parametrize(
    "text", ["The cat sat\nin a big hat.\n", "It was 1984\nthe cat sat down\nso it was"]
)
def test_a_text_is_told_where_it_goes(text: str, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(text)
    with pytest.raises(InputError, match="has lines of prose") as told:
        with_counts(read({"the": 0}), file)
    assert "--text" in told.value.remedy


TABLES = {
    "CSV with names": 'word,count\nthe,9\n"New York, NY",4\nof,7\n',
    "CSV without names": 'the,9\n"New York, NY",4\nof,7\n',
    "semicolons": "the;9\nNew York, NY;4\nof;7\n",
    "an index": ',word,n\n0,the,9\n1,"New York, NY",4\n2,of,7\n',
    "counts first": "9\tthe\n4\tNew York, NY\n7\tof\n",
    "several numbers": "Word\tDocs\tFREQcount\nthe\t2\t9\nNew York, NY\t2\t4\nof\t2\t7\n",
    "ids first": "1\tthe\tthe\t9\n2\tNew York, NY\tx\t4\n3\tof\tof\t7\n",
    "numbers with points": 'token,freq\nthe,9.0\n"New York, NY",4.0\nof,7.0\n',
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("as_words", [False, True])
def test_the_command_keeps_tokens_and_counts(kind: str, as_words: bool, tmp_path: Path) -> None:
    def counted(file: Path) -> dict[str, int]:
        if as_words:
            listed = read_word_list(file)
            return dict(zip(map(bytes.decode, listed.words), listed.counts.tolist(), strict=True))
        return counts_in(file, ["the"])[0]

    file = tmp_path / "counts.csv"
    file.write_text(TABLES[kind])
    with pytest.raises(InputError, match="a table, and not lines") as caught:
        counted(file)
    paste(only_command(str(caught.value)), tmp_path)
    assert counted(tmp_path / "counts.fixed.txt") == {"the": 9, "New York, NY": 4, "of": 7}


def test_counts_before_words_are_turned(tmp_path: Path) -> None:
    file = tmp_path / "counts"
    file.write_text("      9 the\n      4 of\n")
    with pytest.raises(InputError, match="uniq -c") as caught:
        counts_in(file, ["the"])
    paste(only_command(str(caught.value)), tmp_path)
    assert counts_in(tmp_path / "counts.fixed.txt", ["the"])[0] == {"the": 9, "of": 4}


@pytest.mark.parametrize(
    "text",
    [
        "1,000\t9\na,b\t4\n",
        "a,b\t9\nc,d\t4\n",
        "1999\t9\n2000\t4\n",
        "1,2 9\n3,4 4\n",
        f"{'a,' * 100_000}\t9\n{'b,' * 100_000}\t4\n",
        f"{'a' * 200_000},\t9\n{'b' * 200_000},\t4\n",
    ],
)
def test_tokens_that_contain_delimiters_are_counted(text: str, tmp_path: Path) -> None:
    file = tmp_path / "counts"
    file.write_text(text)
    token = re.split("[\t ]", text)[0]
    assert counts_in(file, [token])[0][token] == 9
