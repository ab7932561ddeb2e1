"""Every letter and digit of a token is in the parts of each of its forms, whatever the rules."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from embedprep.fallback.accents import accents
from embedprep.fallback.forms import Forms
from embedprep.fallback.rule import Rule
from embedprep.fallback.table import RULES

SAMPLES = """
a B é ß ł İ ŉ ﬁ ² ½ Ⅳ 0 1984 7,349 3.5 १२ ٣ йод ガ हिंदी كَتَبَ שָׁ U.S. Yahoo! PlayStation
's ’s s' n't don't We're cannot - _ / . , : ' # ## $ £ % & + ( ) “ ❤ …
"""
WORDS = st.lists(
    st.one_of(
        st.sampled_from(SAMPLES.split()),
        st.just(" "),
        st.text("aB1'_-.", max_size=3),
        st.characters(exclude_categories=["Cs", "Cn"]),
    ),
    min_size=1,
    max_size=6,
).map("".join)

SOME_RULES = st.lists(st.sampled_from([*RULES.values()]), unique=True, max_size=6)


def told(text: str) -> str:
    """The letters and digits of `text`, all that rules may change taken as the same: case, accents,
    characters that are variants of others, digits.
    """
    for _ in range(3):  # the upper case of a variant may be one again
        text = unicodedata.normalize("NFKC", text).upper().lower().casefold()
        for form in accents(text):
            text = form[0]
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join("0" if c.isdecimal() else c for c in text)
    return "".join(c for c in text if c.isalnum() and unicodedata.category(c) != "Lm")


CLITIC = re.compile(r"(?i)['’`´ʼ]s(?![^\W_])")
CONTRACTION, HASH = RULES["contraction"], RULES["digits-hash"]


@given(word=WORDS, rules=SOME_RULES)
def test_no_rule_and_no_chain_loses_a_letter_or_a_digit(word: str, rules: list[Rule]) -> None:
    rules = [rule for rule in rules if rule is not CONTRACTION]  # a list, which a test has whole
    if HASH in rules:
        word = word.replace("#", "")  # then every one in a form is a digit
    whole = {told(word)}
    if RULES["possessive"] in rules:
        whole |= {told(word[: s.start()] + word[s.end() :]) for s in CLITIC.finditer(word)}
    for form in Forms(rules).of(word):
        text = "".join(form)
        assert told(text.replace("#", "0") if HASH in rules else text) in whole, form
