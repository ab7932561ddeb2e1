"""The table of rules, and what holds for every rule and every string."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedprep.fallback.rule import Form, Rule, written
from embedprep.fallback.table import RULES
from embedprep.provenance import Provenance

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
TELLING = st.text(
    st.sampled_from(
        "aeostnmldrvSTIMcanot''’`\"´-_ \u00a0\u2010.,:;/#+$£€()019٣½éßæİςΣłйё\u0301か\u3099ﬁ"
    )
)
"""Words of characters that some rule looks at."""
WORDS = st.one_of(TELLING, st.text(), st.text(st.characters()), st.text(LETTERS))


def test_the_recommended_order() -> None:
    assert list(RULES) == [
        "nfc", "nfkc", "quotes", "digits-ascii", "lower", "title", "upper", "accents", "hyphen",
        "underscore", "space", "strip-punctuation", "possessive", "digits-hash", "digits-zero",
        "contraction", "compound",
    ]  # fmt: skip


@every_rule
def test_a_rule_has_its_own_name_and_code(rule: Rule) -> None:
    assert RULES[rule.name] is rule
    assert Provenance.of_rule(rule.name).label == rule.name


def test_every_code_of_a_rule_has_its_rule() -> None:
    assert {Provenance.of_rule(name) for name in RULES} == {c for c in Provenance if c >= 16}


@every_rule
def test_the_meaning_is_a_line_with_an_example_that_is_true(rule: Rule) -> None:
    assert rule.meaning.isprintable() or rule.name == "nfc"
    assert len(rule.meaning) < 70
    explanation, _, examples = rule.meaning.partition(": ")
    assert explanation
    for given_ in examples.split(", "):
        word, arrow, result = given_.partition(" -> ")
        assert arrow
        word = word.strip('"') if rule.name == "strip-punctuation" else word
        word = word.replace(" + ", "") if rule.name == "nfc" else word
        assert tuple(result.split(" + ")) == written(rule.forms(word)[0])


@every_rule
@given(word=WORDS)
@example(word="")
@example(word="\0")
@example(word="\ud800a\udc00")
@example(word="'")
@example(word="s")
@example(word="’s")
@example(word="-")
@example(word=".")
@example(word="ŉ")
def test_forms_are_other_whole_and_distinct(rule: Rule, word: str) -> None:
    forms = rule.forms(word)
    assert (word,) not in forms
    assert len(set(forms)) == len(forms)
    assert all(isinstance(form, tuple) and form and all(form) for form in forms)
    assert list(rule.forms(word)) == list(forms)


@every_rule
@given(word=st.one_of(st.text(LETTERS), st.text(st.characters(max_codepoint=127)), TELLING))
@example(word="cannot")
@example(word="BlackBerry")
@example(word="''")
@example(word="year's")
def test_an_ascii_word_stays_without_what_the_rule_needs(rule: Rule, word: str) -> None:
    if rule.needs is not None:
        assert not rule.forms("".join(c for c in word if c.isascii() and c not in rule.needs))


@every_rule
def test_every_character_that_a_rule_needs_is_enough(rule: Rule) -> None:
    if rule.needs is not None:
        ascii_needs = [c for c in rule.needs if c.isascii()]
        around = ("a{}a", "{}a", "a{}", "a{}s", "{0}{0}", "aa{}a")
        assert all(
            any(rule.forms(word.format(c)) for word in around) or c in SOME_NEED_MORE
            for c in ascii_needs
        )
    else:
        assert any(rule.forms(word) for word in ["nato", "NATO", "cannot", "BlackBerry"])


SOME_NEED_MORE = "-_ $+<=>^|~`" + string.digits
"""What a rule itself writes, signs that are symbols to Unicode, and digits, which may become #."""


@every_rule
@given(word=st.text(LETTERS, min_size=1))
def test_the_forms_of_letters_are_letters(rule: Rule, word: str) -> None:
    # No form needs what its word does not have.
    for form in rule.forms(word):
        assert len(form) > 1 or (form[0].isascii() and form[0].isalpha())


@pytest.mark.parametrize(
    "name", ["nfc", "nfkc", "accents", "upper", "hyphen", "underscore", "space"]
)
@given(word=WORDS)
def test_once_is_enough(name: str, word: str) -> None:
    if name == "upper" and word.upper().upper() != word.upper():
        return  # some ligatures, by the tables of Unicode
    for form in RULES[name].forms(word)[:1]:
        assert not RULES[name].forms(form[0])


@pytest.mark.parametrize("name", ["lower", "strip-punctuation", "digits-hash"])
@given(word=WORDS)
def test_once_is_enough_for_the_last_form(name: str, word: str) -> None:
    for form in RULES[name].forms(word)[-1:]:
        assert not RULES[name].forms(form[0])


HOSTILE = [
    *"a-_'.,#1+$ (éİΣか\u0301\ud800\0’`",
    *(
        "a.",
        ".a",
        "a.a.aa",
        "a-",
        "a'",
        "'s",
        "a1",
        "aB",
        "abC",
        "+a",
        "$a",
        "1,",
        "1.1",
        "é\u0301",
    ),
    *("\u0301\u0316", "(.", ").", "``", "''", "n't", "Σ.", "- ", "i\u0307", "e\u0308", "\ufdfa"),
]


@every_rule
@pytest.mark.parametrize(("start", "end"), [("", ""), ("é", "(")])
def test_a_hostile_word_is_nothing_special(rule: Rule, start: str, end: str) -> None:
    # A rule of more than linear time would be at it for minutes, or for ever.
    for unit in HOSTILE:
        word = start + unit * (20_000 // len(unit)) + end
        forms = rule.forms(word)
        assert (word,) not in forms
        assert sum(map(len, itertools.chain(*forms))) < 10 * len(word)


def composed(word: str) -> set[Form]:
    """What all rules together make of a word."""
    keys, forms = [word], set()
    for rule in RULES.values():
        made = {form for key in keys for form in rule.forms(key)}
        forms |= set(map(written, made))
        keys += sorted({form[0] for form in made if len(form) == 1}.difference(keys))
    return forms


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("(1990’s),", "####s"),
        ("“Can’t”", ("can", "n't")),
        ("CAFE\u0301S", "cafes"),
        ("new-york", "New_York"),
        ("«Saint–Étienne»", "saint-etienne"),
        ("Mother-in-law’s", ("mother", "in", "law")),
        ("ＵＳＡ", "usa"),
        ("«Ёлка»", "елка"),
        ("ΟΔΌΣ", "οδος"),
        ("#BlackLivesMatter", ("black", "lives", "matter")),
        ("covid-2019.", "covid-####"),
        ("straße", "STRASSE"),
        ("“", '"'),
    ],
)
def test_early_rules_feed_later_ones(word: str, form: str | Form) -> None:
    assert ((form,) if isinstance(form, str) else form) in composed(word)
