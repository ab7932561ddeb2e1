"""Rules one after the other: every form and every way to it, as a plain enumeration finds them."""

from __future__ import annotations

import itertools
import string
from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from embedprep.fallback import forms
from embedprep.fallback.forms import Forms
from embedprep.fallback.rule import Form, Rule, written
from embedprep.fallback.table import RULES

ALL = list(RULES.values())
WORDS = st.text(st.sampled_from("aBsdt3'’-_., né“i"), min_size=1, max_size=7)
ASCII = st.text(st.sampled_from("aBsSdtTnm39'-_.,/ i$+"), min_size=1, max_size=8)
SOME_RULES = st.lists(st.sampled_from(ALL), unique=True, max_size=5)


def one_after_the_other(word: str, rules: list[Rule]) -> list[Form]:
    """Each rule for all that there is before it, in order and without repetitions."""
    found = every_form(word, rules)
    assume(
        len(found) <= forms.MOST_FORMS
        and sum(map(len, map("".join, found))) <= forms.MOST_CHARACTERS
    )
    return found


def every_form(word: str, rules: list[Rule]) -> list[Form]:
    """The same, however many they are."""
    found: list[Form] = [(word,)]
    for rule in rules:
        made = [form for (base,) in (f for f in found if len(f) == 1) for form in rule.forms(base)]
        found = list(dict.fromkeys([*found, *made]))
    return list(map(written, found[1:]))


@given(word=WORDS, rules=SOME_RULES)
def test_forms_are_those_of_the_rules_in_their_order(word: str, rules: list[Rule]) -> None:
    assert list(Forms(rules).of(word)) == one_after_the_other(word, rules)


# Sparing ASCII words the rules that do not concern them must lose nothing, whatever the order.
@given(word=st.text(st.sampled_from("aBst1'`-_ .#"), max_size=7), rules=st.permutations(ALL))
def test_no_rule_is_spared_that_would_have_changed_something(word: str, rules: list[Rule]) -> None:
    assert list(Forms(rules).of(word)) == one_after_the_other(word, rules)


@given(word=WORDS, rules=SOME_RULES)
def test_routes_are_all_smallest_sets_of_rules(word: str, rules: list[Rule]) -> None:
    bits = {rule.name: 1 << k for k, rule in enumerate(rules)}
    expected: dict[Form, list[int]] = {}
    for size in range(len(rules) + 1):
        for chosen in itertools.combinations(rules, size):
            route = sum(bits[rule.name] for rule in chosen)
            for form in one_after_the_other(word, list(chosen)):
                if not any(known & route == known for known in expected.setdefault(form, [])):
                    expected[form].append(route)
    found = Forms(rules).reached(word).routes(bits)
    assert {form: sorted(routes) for form, routes in found.items()} == {
        form: sorted(routes) for form, routes in expected.items()
    }


@given(word=ASCII, rules=st.permutations(ALL))
def test_without_capitals_nothing_is_lost_that_has_none(word: str, rules: list[Rule]) -> None:
    bits = {rule.name: 1 << k for k, rule in enumerate(rules)}
    whole = Forms(rules).reached(word).routes(bits)
    without = Forms(rules, capitals=False).reached(word).routes(bits)
    for form, routes in whole.items():
        if not any(set(part) & set(string.ascii_uppercase) for part in form):
            assert sorted(without[form]) == sorted(routes), form


HOSTILE = st.text(
    st.sampled_from("“’Ößłİﬁﬃǅéñ１५_-‐$.'`\"aB1s\u0301"), min_size=1, max_size=forms.LONGEST_WORD
)


@given(word=HOSTILE, rules=st.permutations(ALL))
@example(word='“--“Öß‘Łß‘1’sİ&‐"ǅé-.$ñßİﬁ_\u0301ﬃ’s‘ﬃ‘"ŁŁb\u0301５', rules=ALL)
@example(word="“L’Été-Noir_1999’s”", rules=ALL)
def test_no_word_has_more_forms_than_are_stated(word: str, rules: list[Rule]) -> None:
    applied = 0

    def counted(rule: Rule) -> Rule:
        def of(base: str) -> Sequence[Form]:
            nonlocal applied
            applied += 1
            return rule.forms(base)

        return rule._replace(forms=of)

    made = Forms(list(map(counted, rules))).of(word)
    assert len(made) <= forms.MOST_FORMS
    assert applied <= 3 * len(rules) * forms.MOST_FORMS
    routes = Forms(rules).reached(word).routes({rule.name: 1 << k for k, rule in enumerate(rules)})
    assert list(routes) == list(made)


def test_a_word_of_too_many_forms_keeps_those_that_few_rules_make() -> None:
    made = Forms(ALL).of("“COVID-19’s”")
    assert len(every_form("“COVID-19’s”", ALL)) > forms.MOST_FORMS >= len(made)
    # One rule, and two.
    assert {("“covid-19’s”",), ("COVID-19’s",), ("COVID-19",), ("COVID", "19’s")} <= set(made)


def test_after_enough_forms_only_single_rules_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 0)
    word = "“L’Été-Noir_1999’s”"
    applied: list[tuple[str, str]] = []

    def counted(rule: Rule) -> Rule:
        def of(base: str) -> Sequence[Form]:
            applied.append((rule.name, base))
            return rule.forms(base)

        return rule._replace(forms=of)

    limited = Forms(list(map(counted, ALL)), words=0)
    made = limited.of(word)
    assert limited.cut == 1
    assert applied == [(rule.name, word) for rule in ALL]
    assert list(made) == list(
        dict.fromkeys(written(form) for rule in ALL for form in rule.forms(word))
    )


def test_long_forms_are_enough_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "CHARACTERS_OF_FEW", 0)
    word = "Abcdefghijklmnopqrst-Éa"
    length = sum(len(part) for form in Forms(ALL).reached(word).forms for part in form)
    for most, cut in ((length + 1, 0), (length, 1)):
        monkeypatch.setattr(forms, "CHARACTERS_A_WORD", most)
        limited = Forms(ALL, words=1)
        limited.of(word)
        assert limited.characters == length
        limited.of(word)
        assert limited.cut == cut


def test_of_a_long_word_only_single_rules_are_tried() -> None:
    word = "x" * (forms.LONG_WORD - 2) + "É's"
    both = ("x" * (forms.LONG_WORD - 3) + "e",)  # in lower case, and without the accent
    assert not any(len(form[0]) < len(word) - 2 for form in Forms(ALL).of(word))
    assert both in Forms(ALL).of(word[1:-2])
    single = {written(form) for rule in ALL for form in rule.forms(word)}
    assert set(Forms(ALL).of(word)) == single
