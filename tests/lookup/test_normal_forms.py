"""A key in another normal form is the same word, and goes before any fallback rule."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep.lookup.normal_forms import equivalents

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    ("file", "token"), [(DECOMPOSED, COMPOSED), (COMPOSED, DECOMPOSED)], ids=["NFD", "NFC"]
)
@pytest.mark.parametrize("fallback", [(), ("accents",), ("nfc", "accents"), "auto"])
def test_the_same_word_in_another_normal_form(
    file: str, token: str, fallback: str, workdir: Path
) -> None:
    (workdir / "v.txt").write_text(f"cafe 9.5 9\n{file} 1.5 1\nthe 2.5 2\n", encoding="utf-8")
    matrix, report = embedprep.build("v.txt", ["the", token], fallback=fallback, oov="zeros")
    assert matrix.tolist() == [[2.5, 2], [1.5, 1]]
    assert report.counts.rows["exact"] == 2


def test_the_exact_spelling_goes_first_wherever_it_stands(workdir: Path) -> None:
    (workdir / "v.txt").write_text(
        f"{DECOMPOSED} 1.5 1\n{COMPOSED} 2.5 2\nthe 3.5 3\n", encoding="utf-8"
    )
    matrix, _ = embedprep.build("v.txt", [COMPOSED, DECOMPOSED], oov="zeros")
    assert matrix.tolist() == [[2.5, 2], [1.5, 1]]
    matrix, _ = embedprep.build("v.txt", [COMPOSED], oov="zeros")
    assert matrix.tolist() == [[2.5, 2]]


def test_a_later_file_with_the_exact_spelling_is_better(workdir: Path) -> None:
    (workdir / "a.txt").write_text(f"{DECOMPOSED} 1.5 1\nthe 3.5 3\n", encoding="utf-8")
    (workdir / "b.txt").write_text(f"{COMPOSED} 2.5 2\nthe 4.5 4\n", encoding="utf-8")
    matrix, _ = embedprep.build(["a.txt", "b.txt"], ["the", COMPOSED], oov="zeros")
    assert matrix.tolist() == [[3.5, 3], [2.5, 2]]


@given(st.text("e\u0301\u00e9\u0323\u1eb9\uac00\u1100\u1161\u212babA\u030a", max_size=6))
def test_the_others_are_equivalent_and_none_is_the_word(word: str) -> None:
    others = [other.decode() for other in equivalents(word.encode())]
    assert word not in others
    assert len(others) == len(set(others)) <= 2
    for other in others:
        assert unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", word)
    expected = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")} - {word}
    assert set(others) == expected


def test_words_that_have_no_other_form() -> None:
    assert equivalents(b"the") == []
    assert equivalents("中文".encode()) == []
    assert equivalents(b"caf\xe9") == []
    assert equivalents("é".encode() * 2000) == []
