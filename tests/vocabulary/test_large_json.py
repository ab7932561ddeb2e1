"""A large map token → id is read by a faster parser, and nobody can tell by what is read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedprep.errors import InputError
from embedprep.vocabulary import json_text, read

# Pieces of strings as JSON spells them, few enough for keys to be repeated.
CHARACTERS = st.sampled_from([
    *("a", "b", ":", ",", "é", "猫", "\U0001f600", "\x7f", "\u2028"),
    *(r"\"", r"\\", r"\/", r"\n", r"\u0022", r"\u003a", r"\u005c", r"\u0000", r"\u0061"),
    *(r"\ud83d\ude00", r"\ud800", r"\ude00", "\ud800", "\t", r"\x", "\0"),
])  # fmt: skip
KEYS = st.lists(CHARACTERS, max_size=3).map("".join)
NUMBERS = st.one_of(
    st.integers(0, 99).map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["-0", "0.0", "-0.0", "1e2", "1E400", "0.1", "01", "1.", "+1", "-", "9" * 5000])
    | st.floats(allow_nan=False, allow_infinity=False).map(str),
)
VALUES = (
    st.integers(0, 99).map(str)
    | NUMBERS
    | st.sampled_from(
        ["NaN", "-Infinity", "true", "null", '"a"', "{}", '{"a": 1}', "[1]", '["\\""]', ""]
    )
)
SPACE = st.sampled_from(["", "", " ", "\n\t", "\r\n", "\u00a0", "\ufeff"])


@st.composite
def maps(draw: st.DrawFn, values: st.SearchStrategy[str] = VALUES) -> str:
    """A JSON map, or what nearly is one; the first value is a number."""
    members = draw(st.lists(st.tuples(KEYS, values), max_size=5))
    space = [draw(SPACE) for _ in range(4)]
    pairs = [("a", "1"), *members]
    text = ",".join(f'{space[1]}"{key}"{space[2]}:{space[3]}{value}' for key, value in pairs)
    return space[0] + "{" + text + draw(st.sampled_from(["}", "}", "}", "", "}}", "},", "} \n"]))


def outcome(text: str, large: int) -> str:
    """The value with its types and order, or the error with all that it says."""
    with mock.patch.object(json_text, "_LARGE", large):
        try:
            return repr(json_text.decode(text))
        except InputError as error:
            return repr(error)


@given(text=maps() | maps(NUMBERS) | maps(st.integers(0, 99).map(str)))
@example(text='{"a": 18446744073709551616}')
@example(text='{"a": 1, "b": -0}')
@example(text='{"a": 1, "\\ud800": 2}')
@example(text='{"a": 1, "\\u0061": 2}')
@example(text='{"a": "x", "a": 1}')
@example(text='{"a": 1, "a": [2]}')
@example(text='{"a\\\\": 1, "b\\"": 2, "\\\\\\"": 3}')
@example(text='{"a": 1' + ', "b": 1' * 2 + "}")
def test_both_parsers_say_the_same(text: str) -> None:
    assert outcome(text, large=0) == outcome(text, large=sys.maxsize)


def test_a_key_given_twice_is_seen_beside_keys_that_end_in_a_backslash() -> None:
    text = r'{"a\\": 1, "b\\": 2, "c": 3, "c": 4}'
    assert outcome(text, large=0) == outcome(text, large=sys.maxsize)
    with pytest.raises(InputError, match="2 times"):
        json_text.decode(text)


@given(members=st.dictionaries(st.text(), st.integers(0, 2**31), min_size=1), ascii=st.booleans())
def test_every_map_to_ids_is_read_at_once(members: dict[str, int], ascii: bool) -> None:
    text = json.dumps(members, ensure_ascii=ascii)
    pairs = mock.Mock(side_effect=AssertionError("the list of all pairs was made"))
    with (
        mock.patch.object(json_text, "_LARGE", 0),
        mock.patch.object(json_text, "_distinct", pairs),
    ):
        assert list(json_text.decode(text).items()) == list(members.items())


def test_it_is_imported_for_a_large_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "orjson", None)
    file = tmp_path / "vocab.json"
    file.write_text(json.dumps({"the": 1, "cat": 2}))
    assert read(file).tokens == ("the", "cat")
    file.write_text(json.dumps({f"token {number}": number for number in range(60_000)}))
    with pytest.raises(ImportError):
        read(file)


def test_a_large_file_with_a_key_twice(tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    many = ", ".join(f'"token {number}": {number}' for number in range(60_000))
    file.write_text("{" + many + ', "token 7": 60000}')
    with pytest.raises(InputError, match="2 times") as caught:
        read(file)
    assert caught.value.token == "token 7"


def test_a_large_file_is_read_in_the_order_of_its_ids(tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    tokens = [f'"{number}"\\' for number in range(60_000)]
    file.write_text(json.dumps({token: tokens.index(token) for token in reversed(tokens[:99])}))
    small = read(file)
    file.write_text(json.dumps(dict(zip(reversed(tokens), range(59_999, -1, -1), strict=True))))
    large = read(file)
    assert list(large.tokens) == tokens
    assert large.tokens[:99] == small.tokens
    assert large.rows.tolist() == list(range(60_000))
