"""The forms of a word that a list of rules leads to.

A rule applies to the word and to each form that the rules before it have made. So a later rule sees
the corrections of an earlier one, and one more rule never loses a form.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from embedprep.fallback.rule import HASH, Form, Rule, written

LONGEST_WORD = 100
"""The longest word with other forms, in characters. A longer one is an address, or noise."""

MOST_FORMS = 60_000
"""The most forms of one word, because they are numbered in 16 bits. Words have a few, words made
for that have some thousands: no rule is ever left out because of it.
"""

_MOST_SIGNS = 10_000
"""How many combinations of signs are remembered, with the rules that they concern."""

_SIGNS = str.maketrans(
    string.ascii_uppercase, "A" * len(string.ascii_uppercase), string.ascii_lowercase
)
"""Reduces an ASCII word to the signs that rules may need; no rule needs to know which capital it
is.
"""


class Forms:
    """The forms that `rules` make of words.

    Without `capitals`, forms of ASCII words may be left out if they contain capitals: no key has a
    capital letter, so they would be useless.
    """

    def __init__(self, rules: Sequence[Rule], *, capitals: bool = True) -> None:
        self.rules = tuple(rules)
        self._capitals = capitals
        self._by_signs: dict[str, list[Rule]] = {}

    def of(self, word: str) -> dict[Form, Rule]:
        """Return the other forms of `word`, the best first, with the last rule that led to each."""
        forms: dict[Form, Rule] = {}
        bases = [word]
        for rule in self._concerned(word):
            made = []
            for base in bases:
                for form in rule.forms(base):
                    if form not in forms and form != (word,):
                        forms[form] = rule
                        if len(form) == 1:
                            made.append(form[0])
            bases += made
            if len(forms) > MOST_FORMS:
                break
        if word.isalpha():  # no digits
            return forms
        return {written(form): rule for form, rule in forms.items()}

    def routes(self, word: str, bits: Mapping[str, int]) -> dict[Form, list[int]]:
        """Return, for each other form of `word`, the sets of rules that suffice for it.

        A set is a number, the sum of the `bits` of its rules, by their names; rules without a bit
        count in no set. No set contains another one of the same form.
        """
        routes: dict[Form, list[int]] = {(word,): [0]}
        bases = [word]
        for rule in self._concerned(word):
            bit = bits.get(rule.name, 0)
            made = [
                (form, [route | bit for route in routes[base,]])
                for base in bases
                for form in rule.forms(base)
            ]
            for form, through in made:
                if form in routes:
                    routes[form] = _smallest(routes[form] + through)
                else:
                    routes[form] = through
                    if len(form) == 1:
                        bases.append(form[0])
            if len(routes) > MOST_FORMS:
                break
        del routes[word,]
        return routes if word.isalpha() else {written(form): ways for form, ways in routes.items()}

    def _concerned(self, word: str) -> Sequence[Rule]:
        """Return the rules that may change `word`, or the forms that others make of it."""
        if len(word) > LONGEST_WORD or "\0" in word or HASH in word:  # reserved for our own use
            return ()
        if not word.isascii():
            return self.rules
        # Most words have the same few signs, or none, so most rules need no check.
        signs = word.translate(_SIGNS)
        concerned = self._by_signs.get(signs)
        if concerned is None:
            concerned = [
                rule
                for rule in self.rules
                if (rule.needs is None or any(sign in rule.needs for sign in signs))
                and (self._capitals or not rule.capitals)
            ]
            if len(self._by_signs) < _MOST_SIGNS:
                self._by_signs[signs] = concerned
        return concerned


def _smallest(routes: Sequence[int]) -> list[int]:
    """Return the sets that contain no other, each once."""
    distinct = dict.fromkeys(routes)
    return [
        route
        for route in distinct
        if not any(other & route == other for other in distinct if other != route)
    ]
