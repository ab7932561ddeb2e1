"""Texts that are not UTF-8, and the commands that make them so."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.sources import encodings
from embedprep.vocabulary import read
from tests.pasting import paste

WORDS = "the\ncafé\nnaïve\nétude\n"


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    return caught.value


def first_command(error: InputError) -> str:
    return error.remedy.splitlines()[1].strip()


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_the_command_writes_the_same_words_as_utf8(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "words of mine.txt"
    path.write_bytes(WORDS.encode(encoding))
    paste(first_command(refusal(path)), tmp_path)
    assert read(tmp_path / "words of mine.fixed.txt").tokens == tuple(WORDS.split())


def test_a_compressed_file_is_unpacked_by_the_command(tmp_path: Path) -> None:
    path = tmp_path / "words.txt.gz"
    path.write_bytes(gzip.compress(WORDS.encode("latin-1")))
    paste(first_command(refusal(path)), tmp_path)
    assert read(tmp_path / "words.fixed.txt").tokens == tuple(WORDS.split())


def test_a_damaged_byte_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("the\ncafé\xff\n".encode("latin-1").replace(b"\xe9", "é".encode()))
    error = refusal(path)
    assert error.byte == 9
    paste(error.remedy.splitlines()[-1].strip(), tmp_path)
    assert read(tmp_path / "words.fixed.txt").tokens == ("the", "café")


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("naïve café", "latin-1", "CP1252"),
        ("“naïve”", "cp1252", "CP1252"),
        ("na\x81ve", "latin-1", "LATIN1"),  # CP1252 has no such byte
        ("привет мир", "cp1251", encodings.UNKNOWN),
        ("你好", "gbk", encodings.UNKNOWN),
    ],
)
def test_the_likely_encoding(text: str, encoding: str, expected: str) -> None:
    assert encodings.of_letters(text.encode(encoding)) == expected


def test_a_text_of_unknown_encoding_asks_for_its_name(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("привет\nмир\n".encode("cp1251"))
    assert "with the name of its encoding for ENCODING" in refusal(path).remedy
