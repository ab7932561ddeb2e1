"""The traps of JSON: each is an error with its place, none an exception of the parser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import read


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 0, "b": 1, "a": 2}', "this key 2 times"),
        (b'{"model": {"vocab": {"a": 0, "a": 0}}}', "this key 2 times"),
        (b'{"word_index": "{\\"a\\": 0, \\"a\\": 1}"}', "this key 2 times"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "thousands of digits"),
        (b'[["a", ' + b"9" * 5000 + b"]]", "thousands of digits"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (b'{"a": 0, "b"', "not valid JSON"),
        (b'{"a": 0}\n{"b": 1}\n', "not valid JSON: Extra data"),
        (b'{"word_index": "{\\"a\\": "}', "in the JSON text inside 'word_index'"),
        (b'"{\\"a\\": "', "in the JSON text inside 'the outer string'"),
        (b'{"a": 0, "\xff": 1}', "not UTF-8"),
    ],
)
def test_a_trap_is_an_error(data: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(file)
    assert reason in caught.value.reason
    assert caught.value.remedy
    assert caught.value.path == str(file)


def test_a_repeated_key_is_named(tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text('{"the": 0, "cat": 1, "dog": 2, "cat": 3}')
    with pytest.raises(InputError) as caught:
        read(file)
    assert caught.value.token == "cat"


def test_broken_json_has_a_line(tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text('{\n"the": 0,\n"cat" 1}')
    with pytest.raises(InputError, match="line 3: not valid JSON") as caught:
        read(file)
    assert "--vocab-format lines" in caught.value.remedy


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_are_not_utf8_have_an_offset(mark: bytes, tmp_path: Path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_bytes(mark + b"the\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"not UTF-8: .* 0xe9") as caught:
        read(file)
    assert caught.value.byte == len(mark) + 7
    assert "iconv" in caught.value.remedy


def test_a_lone_surrogate_is_a_token_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text('{"\\ud800": 0, "a\\u0000": 1}')
    assert read(file).tokens == ("\ud800", "a\x00")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": 2, "a": 3}',
        '{"a:b": 1, "b": 2, "b": 3}',
        '{"\\u003a": 1, "b": 2, "b": 3}',
        '{"x\\u003Ay": 1, ":": 2, ":": 3, "c": 4}',
        '{"a": 1, "b": 2, "b": [3]}',
    ],
)
def test_no_colon_hides_a_repeated_key(text: str, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(text)
    with pytest.raises(InputError, match="2 times"):
        read(tmp_path / "v.json")


@pytest.mark.parametrize("text", ['{":": 1, "a::b": 2}', '{"\\u003a": 1, "b": 2}', '{"\\"": 1}'])
def test_colons_in_tokens(text: str, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(text)
    assert read(tmp_path / "v.json").tokens == tuple(json.loads(text))
