"""The possessives and contractions of English."""

from __future__ import annotations

import pytest

from embedprep.fallback.english import IS_OR_HAS
from embedprep.fallback.table import RULES


def forms(rule: str, word: str) -> list[str]:
    """The forms; parts are divided by spaces."""
    return [" ".join(form) for form in RULES[rule].forms(word)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("year's", ["year"]),
        ("Year's", ["Year"]),
        ("YEAR'S", ["YEAR"]),
        ("year’s", ["year"]),
        ("boys'", ["boys"]),
        ("BOYS'", ["BOYS"]),
        ("boys’", ["boys"]),
        ("James'", ["James"]),
        ("James's", ["James"]),
        ("u.s.'s", ["u.s."]),
        ("U.S.’s", ["U.S."]),
        ("inc.'s", ["inc."]),
        ("yahoo!'s", ["yahoo!"]),
        ("C#'s", ["C#"]),
        ("c++'s", ["c++"]),
        ("(BBC)'s", ["(BBC)"]),
        ("dunkin''s", []),
        ("-'s", []),
        ("CD's", ["CD"]),
        ("1990's", ["1990s", "1990"]),
        ("80’s", ["80s", "80"]),
        ("1990S'", ["1990S"]),
        ("mother-in-law's", ["mother-in-law"]),
        ("New_York's", ["New_York"]),
        ("café's", ["café"]),
        ("one's", ["one"]),
        ("everybody's", ["everybody"]),
        ("it's", []),
        ("It’s", []),
        ("LET'S", []),
        ("who's", []),
        ("its", []),
        ("years", []),
        ("'s", []),
        ("''s", []),
        ("s'", []),
        ("'", []),
        ("rock'", []),
        ("don't", []),
        ("", []),
    ],
)
def test_possessive(word: str, expected: list[str]) -> None:
    assert forms("possessive", word) == expected


@pytest.mark.parametrize("word", sorted(IS_OR_HAS))
def test_an_s_after_an_apostrophe_is_either_a_noun_s_or_a_verb(word: str) -> None:
    for apostrophe in "'’":
        assert forms("possessive", f"{word}{apostrophe}s") == []
        assert forms("contraction", f"{word}{apostrophe}s")[0] == f"{word} 's"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("don't", ["do n't", "do not"]),
        ("don’t", ["do n't", "do not"]),
        ("Don't", ["Do n't", "Do not"]),
        ("DON'T", ["DO N'T", "DO n't", "DO NOT"]),
        ("DON’T", ["DO N'T", "DO n't", "DO NOT"]),
        ("Don'T", ["Do n't", "Do not"]),
        ("don'T", ["do n't", "do not"]),
        ("doesn't", ["does n't", "does not"]),
        ("haven't", ["have n't", "have not"]),
        ("couldn't", ["could n't", "could not"]),
        ("can't", ["can n't", "can not"]),
        ("won't", ["will n't", "will not"]),
        ("Won't", ["Will n't", "Will not"]),
        ("shan't", ["shall n't", "shall not"]),
        ("ain't", ["is n't", "is not"]),
        ("I'm", ["I 'm", "I am"]),
        ("i'm", ["i 'm", "i am"]),
        ("I'M", ["I 'M", "I 'm", "I AM"]),
        ("it's", ["it 's", "it is"]),
        ("That's", ["That 's", "That is"]),
        ("let's", ["let 's", "let us"]),
        ("they're", ["they 're", "they are"]),
        ("we've", ["we 've", "we have"]),
        ("would've", ["would 've", "would have"]),
        ("he'd", ["he 'd", "he would"]),
        ("she'll", ["she 'll", "she will"]),
        ("I'll", ["I 'll", "I will"]),
        ("y'all", ["you all"]),
        ("c'mon", ["come on"]),
        ("'tis", ["'t is", "it is"]),
        ("'Twas", ["'T was", "It was"]),
        ("cannot", ["can not"]),
        ("Cannot", ["Can not"]),
        ("gonna", ["gon na", "going to"]),
        ("GONNA", ["GON NA", "GOING TO"]),
        ("wanna", ["wan na", "want to"]),
        ("gotta", ["got ta", "got to"]),
        ("dunno", ["do n't know", "do not know"]),
        ("DUNNO", ["DO N'T KNOW", "DO n't KNOW", "DO NOT KNOW"]),
        ("kinda", ["kind of"]),
        ("n't", ["not"]),
        ("N'T", ["NOT"]),
        ("'ve", ["have"]),
        ("’re", ["are"]),
        ("'s", []),
        ("year's", []),
        ("boys'", []),
        ("o'clock", []),
        ("rock'n'roll", []),
        ("cann't", []),
        ("willn't", []),
        ("cant", []),
        ("wont", []),
        ("ill", []),
        ("well", []),
        ("can", []),
        ("", []),
    ],
)
def test_contraction(word: str, expected: list[str]) -> None:
    assert forms("contraction", word) == expected
