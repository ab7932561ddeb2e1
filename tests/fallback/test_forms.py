"""Rules one after the other: every form and every way to it, as a plain enumeration finds them."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedprep.fallback import forms
from embedprep.fallback.forms import Forms
from embedprep.fallback.rule import Form, Rule, written
from embedprep.fallback.table import RULES

pytestmark = pytest.mark.parametrize("implementation", ["reference"], indirect=True)

ALL = list(RULES.values())
WORDS = st.text(st.sampled_from("aBsdt3'’-_., né“i"), min_size=1, max_size=7)
ASCII = st.text(st.sampled_from("aBsSdtTnm39'-_.,/ i$+"), min_size=1, max_size=8)
SOME_RULES = st.lists(st.sampled_from(ALL), unique=True, max_size=5)


def one_after_the_other(word: str, rules: list[Rule]) -> list[Form]:
    """Each rule for all that there is before it, in order and without repetitions."""
    found: list[Form] = [(word,)]
    for rule in rules:
        made = [form for (base,) in (f for f in found if len(f) == 1) for form in rule.forms(base)]
        found = list(dict.fromkeys([*found, *made]))
    return list(map(written, found[1:]))


@given(word=WORDS, rules=SOME_RULES)
@settings(deadline=None)
def test_forms_are_those_of_the_rules_in_their_order(word: str, rules: list[Rule]) -> None:
    assert list(Forms(rules).of(word)) == one_after_the_other(word, rules)


# Sparing ASCII words the rules that do not concern them must lose nothing, whatever the order.
@given(word=st.text(st.sampled_from("aBst1'`-_ .#"), max_size=7), rules=st.permutations(ALL))
@settings(deadline=None)
def test_no_rule_is_spared_that_would_have_changed_something(word: str, rules: list[Rule]) -> None:
    assert list(Forms(rules).of(word)) == one_after_the_other(word, rules)


@given(word=WORDS, rules=SOME_RULES)
@settings(deadline=None)
def test_routes_are_all_smallest_sets_of_rules(word: str, rules: list[Rule]) -> None:
    bits = {rule.name: 1 << k for k, rule in enumerate(rules)}
    expected: dict[Form, list[int]] = {}
    for size in range(len(rules) + 1):
        for chosen in itertools.combinations(rules, size):
            route = sum(bits[rule.name] for rule in chosen)
            for form in one_after_the_other(word, list(chosen)):
                if not any(known & route == known for known in expected.setdefault(form, [])):
                    expected[form].append(route)
    found = Forms(rules).routes(word, bits)
    assert {form: sorted(routes) for form, routes in found.items()} == {
        form: sorted(routes) for form, routes in expected.items()
    }


@given(word=ASCII, rules=st.permutations(ALL))
@settings(deadline=None)
def test_without_capitals_nothing_is_lost_that_has_none(word: str, rules: list[Rule]) -> None:
    bits = {rule.name: 1 << k for k, rule in enumerate(rules)}
    whole = Forms(rules).routes(word, bits)
    without = Forms(rules, capitals=False).routes(word, bits)
    for form, routes in whole.items():
        if not any(set(part) & set(string.ascii_uppercase) for part in form):
            assert sorted(without[form]) == sorted(routes), form


def test_a_word_of_very_many_forms_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_FORMS", 5)
    word = "“L’Été-Noir_1999’s”"
    assert 5 < len(Forms(ALL).of(word)) < 50
    assert 5 < len(Forms(ALL).routes(word, {})) < 50
