"""Joints within a word, and punctuation at its ends."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.fallback.table import RULES


def spellings(rule: str, word: str) -> list[str]:
    forms = RULES[rule].forms(word)
    assert all(len(form) == 1 for form in forms)
    return [form[0] for form in forms]


@pytest.mark.parametrize(
    ("word", "hyphen", "underscore", "space"),
    [
        ("new-york", [], ["new_york"], ["new york"]),
        ("new_york", ["new-york"], [], ["new york"]),
        ("new york", ["new-york"], ["new_york"], []),
        ("state-of-the-art", [], ["state_of_the_art"], ["state of the art"]),
        ("new\u00a0york", ["new-york"], ["new_york"], ["new york"]),
        ("new\u2010york", ["new-york"], ["new_york"], ["new york"]),
        ("new\u2011york", ["new-york"], ["new_york"], ["new york"]),
        ("Navier\u2013Stokes", ["Navier-Stokes"], ["Navier_Stokes"], ["Navier Stokes"]),
        ("new－york", ["new-york"], ["new_york"], ["new york"]),
        ("a_b-c d", ["a-b-c-d"], ["a_b_c_d"], ["a b c d"]),
        ("a--b", [], ["a__b"], ["a  b"]),
        ("word\u2014word", [], [], []),
        ("-5", [], [], []),
        ("_new_york", [], [], []),
        ("new-york-", [], [], []),
        ("new york ", [], [], []),
        ("-", [], [], []),
        ("--", [], [], []),
        ("word", [], [], []),
        ("don't", [], [], []),
        ("日本", [], [], []),
        ("", [], [], []),
    ],
)
def test_joints(word: str, hyphen: list[str], underscore: list[str], space: list[str]) -> None:
    assert spellings("hyphen", word) == hyphen
    assert spellings("underscore", word) == underscore
    assert spellings("space", word) == space


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("word.", ["word"]),
        ("(word)", ["word"]),
        ('"word,"', ["word"]),
        ("«mot»", ["mot"]),
        ("¿qué?", ["qué"]),
        ("「東京」", ["東京"]),
        ("हिंदी।", ["हिंदी"]),
        ("_word_", ["word"]),
        ("-5", ["5"]),
        ("5%", ["5"]),
        ("#MeToo", ["MeToo"]),
        ("@user:", ["user"]),
        ("Mr.", ["Mr"]),
        ("U.S.", ["U.S"]),
        ("(U.S.),", ["U.S.", "U.S"]),
        ("e.g.,", ["e.g.", "e.g"]),
        ("end.)", ["end"]),
        ("c++", []),
        ("(c++)", ["c++"]),
        ("C#", []),
        ("C#,", ["C#"]),
        ("$5", []),
        ("($5)", ["$5"]),
        ("£1,", ["£1"]),
        ("don't", []),
        ("rock'n'roll", []),
        ("'tis", ["tis"]),
        ("'s", []),
        ("’LL", []),
        ("...", []),
        ("##", []),
        ("—", []),
        ("", []),
    ],
)
def test_strip_punctuation(word: str, expected: list[str]) -> None:
    assert spellings("strip-punctuation", word) == expected


PUNCTUATION = "".join(
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)).startswith("P") and chr(code) != "#"
)


@given(st.text(min_size=1))
def test_strip_punctuation_is_strip_of_all_punctuation(word: str) -> None:
    core = word.strip(PUNCTUATION)
    if "#" not in word and "'" not in word and "\u2019" not in word:
        assert spellings("strip-punctuation", word)[-1:] == [core] * (core not in ("", word))
