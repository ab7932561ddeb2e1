"""Case: lower, title, upper."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.fallback.table import RULES


def spellings(rule: str, word: str) -> list[str]:
    forms = RULES[rule].forms(word)
    assert all(len(form) == 1 for form in forms)
    return [form[0] for form in forms]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Paris", ["paris"]),
        ("paris", []),
        ("NATO-led", ["nato-led"]),
        ("ÉCOLE", ["école"]),
        ("İstanbul", ["i̇stanbul", "istanbul"]),
        ("ISPARTA", ["isparta"]),
        ("ΟΔΟΣ", ["οδος"]),
        ("ΣΑΣ-ΕΣΥ", ["σας-εσυ"]),
        ("ẞ", ["ß"]),
        ("Ǆ", ["ǆ"]),
        ("МОСКВА", ["москва"]),
        ("東京", []),
        ("1990S", ["1990s"]),
        ("", []),
    ],
)
def test_lower(word: str, expected: list[str]) -> None:
    assert spellings("lower", word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("paris", ["Paris"]),
        ("PARIS", ["Paris"]),
        ("Paris", []),
        ("new-york", ["New-York", "New-york"]),
        ("new_york", ["New_York", "New_york"]),
        ("new york", ["New York", "New york"]),
        ("New-York", ["New-york"]),
        ("al‑qaeda", ["Al‑Qaeda", "Al‑qaeda"]),
        ("well-known", ["Well-Known", "Well-known"]),
        ("o'neill", ["O'Neill", "O'neill"]),
        ("D’ANGELO", ["D’Angelo", "D’angelo"]),
        ("l'oréal", ["L'Oréal", "L'oréal"]),
        ("don't", ["Don't"]),
        ("i'm", ["I'm"]),
        ("o'er", ["O'er"]),
        ("'tis", ["'Tis"]),
        ("(paris)", ["(Paris)"]),
        ("1st", []),
        ("3d", []),
        ("élan", ["Élan"]),
        ("ǆip", ["ǅip"]),
        ("ßa", ["Ssa"]),
        ("ΟΔΟΣ", ["Οδος"]),
        ("мир", ["Мир"]),
        ("---", []),
        ("東京", []),
        ("", []),
    ],
)
def test_title(word: str, expected: list[str]) -> None:
    assert spellings("title", word) == expected


@given(st.text(string.ascii_letters + "-_ "))
def test_title_agrees_with_python_on_words_without_apostrophes(word: str) -> None:
    assert ([word.title(), *spellings("title", word)])[word.title() != word] == word.title()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("nato", ["NATO"]),
        ("NATO", []),
        ("e-mail", ["E-MAIL"]),
        ("straße", ["STRASSE"]),
        ("i\u0307", ["I\u0307"]),
        ("ﬁsh", ["FISH"]),
        ("москва", ["МОСКВА"]),
        ("दिल्ली", []),
        ("123", []),
        ("", []),
    ],
)
def test_upper(word: str, expected: list[str]) -> None:
    assert spellings("upper", word) == expected
