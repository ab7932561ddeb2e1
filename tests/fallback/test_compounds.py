"""Words that are the mean of their parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.fallback.compounds import MOST_PARTS
from embedprep.fallback.table import RULES

compound = RULES["compound"].forms


def forms(word: str) -> list[str]:
    """The forms; parts are divided by bars."""
    return ["|".join(form) for form in compound(word)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        # At joints.
        ("well-known", ["well|known"]),
        ("new_york", ["new|york"]),
        ("new york", ["new|york"]),
        ("Navier–Stokes", ["Navier|Stokes"]),
        ("word—word", ["word|word"]),
        ("state-of-the-art", ["state|of|the|art"]),
        ("-new--york-", ["new|york"]),
        # At other punctuation.
        ("and/or", ["and|or"]),
        ("AT&T", ["AT|T"]),
        ("word...word", ["word|word"]),
        ("end.Next", ["end|Next"]),
        ("user@example.com", ["user|example|com"]),
        ("col·lecció", ["col|lecció"]),
        ("ジョン・スミス", ["ジョン|スミス"]),
        ("salt+pepper", ["salt|pepper"]),
        ("c++/java", ["c++|java"]),
        ("50%-owned", ["50|owned"]),
        ("(foo)-[bar]", ["foo|bar"]),
        # At apostrophes, but for those of English clitics.
        ("rock'n'roll", ["rock|n|roll"]),
        ("l'homme", ["l|homme"]),
        ("qu’il", ["qu|il"]),
        ("don't", []),
        ("year’s", []),
        ("mother-in-law's", ["mother|in|law's"]),
        ("WE'LL-SEE", ["WE'LL|SEE"]),
        ("don't_care", ["don't|care"]),
        ("year’s_five", ["year’s|five"]),
        ("we_don't_know", ["we|don't|know"]),
        ("don't2", ["don|t2", "don|t|2"]),
        # At dots between words, but not those of abbreviations.
        ("google.co.uk", ["google|co|uk"]),
        ("x.com", ["x|com"]),
        ("fig.3", ["fig|3"]),
        ("U.S.", []),
        ("e.g", []),
        ("U.S.-based", ["U.S.|based"]),
        ("non-U.S", ["non|U.S"]),
        ("J.K.Rowling", ["J.K.|Rowling"]),
        # Numbers.
        ("1,000.50", []),
        ("3.5", []),
        ("10:30", []),
        ("3.5-mm", ["3.5|mm"]),
        ("3.5mm", ["3.5|mm"]),
        ("1,000-strong", ["1,000|strong"]),
        ("1990-91", ["1990|91"]),
        ("24/7", ["24|7"]),
        ("2010-05-03", ["2010|05|03"]),
        ("5bn", ["5|bn"]),
        ("covid19", ["covid|19"]),
        ("2000年", ["2000|年"]),
        ("mid-1990s", ["mid|1990s", "mid|1990|s"]),
        ("F-16s", ["F|16s", "F|16|s"]),
        # Currencies.
        ("£1", ["£|1"]),
        ("£1,000.50", ["£|1,000.50"]),
        ("5€", ["5|€"]),
        ("US$5bn", ["US|$|5bn", "US|$|5|bn"]),
        ("$$$", []),
        ("Ke$ha", []),
        # Camel case.
        ("BlackBerry", ["Black|Berry", "black|berry"]),
        ("YouTubeTV", ["You|Tube|TV", "you|tube|tv"]),
        ("javaScript", ["java|Script", "java|script"]),
        ("ÉcoleÉlan", ["École|Élan", "école|élan"]),
        ("BlackBerry-based", ["BlackBerry|based", "Black|Berry|based", "black|berry|based"]),
        ("#MeToo", ["Me|Too", "me|too"]),
        ("iPhone", []),
        ("PhD", []),
        ("DVDs", []),
        ("NATO", []),
        # Nothing to divide.
        ("word", []),
        ("Word", []),
        ("word.", []),
        ("(word)", []),
        ("c++", []),
        ("C#", []),
        ("हिंदी", []),
        ("東京", []),
        ("e\u0301te\u0301", []),
        ("I❤NY", []),
        ("---", []),
        ("+ +", []),
        ("a + b", ["a|b"]),
        ("a\tb", ["a|b"]),
        ("", []),
    ],
)
def test_compound(word: str, expected: list[str]) -> None:
    assert forms(word) == expected


def test_a_word_too_long_for_any_file_is_not_divided() -> None:
    assert forms("a" * 499 + "-" + "b" * 500) == ["a" * 499 + "|" + "b" * 500]
    assert forms("a" * 500 + "-" + "b" * 500) == []


def test_many_parts_are_too_many() -> None:
    assert forms("-".join("abcdefgh")) == ["|".join("abcdefgh")]
    assert forms("-".join("abcdefghi")) == []
    assert forms("a1b2c3d4") == ["|".join("a1b2c3d4")]
    assert forms("a1b2c3d4e") == []
    # The coarse division is one of eight, the fine one of nine.
    assert forms("a-b-c-d-e-f-g-h1") == ["a|b|c|d|e|f|g|h1"]
    assert forms("https://www.example.com/a/long/path/to?it=here") == []


@given(st.text(st.sampled_from("abcABC019-_ .,:'’/$£+#(éか\u0301")))
def test_the_parts_stand_in_the_word_in_this_order(word: str) -> None:
    for form in compound(word):
        assert 2 <= len(form) <= MOST_PARTS
        place = 0
        for part in form:
            assert any(character.isalnum() or character in "$£\u0301" for character in part)
            place = word.lower().index(part.lower(), place) + len(part)
