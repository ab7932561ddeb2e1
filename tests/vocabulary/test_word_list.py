"""The words of a text, from a file of any of four kinds."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedprep.errors import InputError
from embedprep.vocabulary.word_list import WordList, read_word_list
from tests.pasting import only_command, paste

# Nothing here touches the core.


def read(content: str | bytes, directory: Path) -> WordList:
    file = directory / "words"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_word_list(file)


def pairs(words: WordList) -> list[tuple[str, int]]:
    assert words.counts.dtype == np.int64
    names = [word.decode() for word in words.words]
    return list(zip(names, words.counts.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"the": 7, "café": 2, "of": 0}', [("the", 7), ("café", 2), ("of", 0)]),
        ('{"vocab": {"the": 7}}', [("the", 7)]),
        ('"{\\"the\\": 7}"', [("the", 7)]),
        ('["the", "of", "the"]', [("the", 2), ("of", 1)]),
        ('["the", ""]', [("the", 1)]),
        ("the\t7\ncafé\t2\n", [("the", 7), ("café", 2)]),
        ("the\t7\r\nof\t2", [("the", 7), ("of", 2)]),
        ("the\t7\nof\t2\nthe\t3\n", [("the", 10), ("of", 2)]),
        ("New York\t7\n\t2\n", [("New York", 7)]),
        ("the 7\nNew York 2\n", [("the", 7), ("New York", 2)]),
        ("the\nof\nNew York\n", [("the", 1), ("of", 1), ("New York", 1)]),
        ("\ufeffthe\r\n\r\nof\r\nthe\r\n", [("the", 2), ("of", 1)]),
        ("a\u2028b\n7\n", [("a\u2028b", 1), ("7", 1)]),
    ],
)
def test_words_with_their_counts(
    text: str, expected: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert pairs(read(text, tmp_path)) == expected


def test_compressed_like_other_inputs(tmp_path: Path) -> None:
    for compress in (gzip.compress, bz2.compress):
        assert pairs(read(compress(b"the\t7\nof\t2\n"), tmp_path)) == [("the", 7), ("of", 2)]


@pytest.mark.parametrize(
    ("content", "line", "token", "reason"),
    [
        ('{"the": 1, "of": -1}', None, "of", "-1 is not a count"),
        ('{"the": 1.5}', None, "the", "1.5 is not a count"),
        ('{"the": true}', None, "the", "true is not a count"),
        ('{"the": "1"}', None, "the", '"1" is not a count'),
        ('{"the": 1, "the": 1}', None, "the", "2 times"),
        ('["the", 1]', None, None, "entry 1 of the list is 1, not a word"),
        ('[["the", 5]]', None, None, 'entry 0 of the list is ["the", 5], not a word'),
        ('["\\ud800"]', None, "\ud800", "surrogate"),
        ('{"vocab": "\\"[1]\\""}', None, None, "neither a map nor a list of words"),
        ('{"a": 1', 1, None, "not valid JSON"),
        ("the\t1\nof\t-1\n", 2, "of", '"-1" is not a count'),
        ("the\t1.0\n", 1, "the", '"1.0" is not a count'),
        ("the\t1\nof\n", 2, "of", "no count on this line"),
        ("the\t1\n\nof\t1\n", 2, "", "no count on this line"),
        ("the 1\nof\n", 2, "of", "no count on this line"),
        ("the\nof 1\n", 1, "the", "no count on this line"),
        (f"a\t{2**53}\n" * 2, None, "a", "is not a count"),
        ("      7 the\n      2 of\n", 1, None, "the counts come before the words"),
        ("", None, None, "empty"),
        ("\n\n", None, None, "has no word"),
        ("{}", None, None, "has no word"),
        ('{"": 3}', None, None, "has no word"),
        (b"the\nof\n\0\0", 3, None, "NUL"),
        (b"\x80\x04\x95", None, None, "pickle"),
        (b"\x89PNG\r\n\x1a\n", None, None, "not UTF-8"),
        ("the\t1".encode("utf-16"), None, None, "UTF-16"),
    ],
)
def test_what_is_no_list_of_words_is_refused(
    content: str | bytes, line: int | None, token: str | None, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read(content, tmp_path)
    assert reason in caught.value.reason
    assert (caught.value.line, caught.value.token) == (line, token)
    assert caught.value.path == str(tmp_path / "words")
    assert caught.value.remedy


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_word_list(tmp_path / "words")


@pytest.mark.parametrize("after", ["", "      1 cat\n", "      4 New York\n"])
@pytest.mark.parametrize("before", ["", "      3 \n"])
def test_counts_in_front_are_turned_round_by_the_command(
    before: str, after: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read(f"{before}      7 the\n{after}", tmp_path)
    paste(only_command(str(caught.value)), tmp_path)
    expected = [b"the", *([after[8:-1].encode()] if after else [])]
    assert list(read_word_list(tmp_path / "words.fixed.txt").words) == expected


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0\t\n\r"), min_size=1, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(WORDS, st.integers(0, 99)), min_size=1, max_size=6))
def test_lines_and_a_map_say_the_same(tmp_path: Path, listed: list[tuple[str, int]]) -> None:
    total = dict.fromkeys((word for word, _ in listed), 0)
    for word, count in listed:
        total[word] += count
    # The first characters of a file may be a byte order mark, or look like JSON.
    lines = "first\t1\n" + "".join(f"{word}\t{count}\n" for word, count in listed)
    assert pairs(read(lines, tmp_path)) == [("first", 1), *total.items()]
    assert pairs(read(json.dumps(total), tmp_path)) == list(total.items())


@pytest.mark.parametrize(
    "text", ["The cat sat\nin a big hat.\n", "It was 1984\nthe cat sat down\nso it was"]
)
def test_a_text_is_told_where_it_goes(text: str, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(text)
    with pytest.raises(InputError, match="has lines of prose") as told:
        read_word_list(file)
    assert "--text" in told.value.remedy
