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


def test_a_word_whose_other_form_is_ascii(workdir: Path) -> None:
    kelvin = "\u212a"  # the sign, which is canonically the letter K
    (workdir / "v.txt").write_text("K 1.5 1\nthe 2.5 2\n", encoding="utf-8")
    matrix, _ = embedprep.build("v.txt", ["the", kelvin, "K"], oov="zeros")
    assert matrix.tolist() == [[2.5, 2], [1.5, 1], [1.5, 1]]


@given(
    st.lists(st.text("e\u0301\u00e9\u0323\u1eb9\uac00\u1100\u1161\u212babA\u030a\n", max_size=6))
)
def test_the_others_are_equivalent_and_none_is_the_word(words: list[str]) -> None:
    made = dict(equivalents([word.encode() for word in words]))
    for place, word in enumerate(words):
        others = [other.decode() for other in made.get(place, [])]
        expected = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")} - {word}
        assert set(others) == expected
        assert len(others) == len(expected)


def test_words_that_have_no_other_form() -> None:
    none = [b"the", "中文".encode(), b"caf\xe9", "é".encode() * 2000]
    assert list(equivalents(none)) == []
    assert list(equivalents([])) == []
    assert list(equivalents([*none, "é".encode()])) == [(4, [b"e\xcc\x81"])]
