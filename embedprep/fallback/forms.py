"""The forms of a word that a list of rules leads to.

A rule is applied to the word and to each form that the rules before it have made; so a later rule
sees what an earlier one has put right, and with one rule more no form is lost.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from embedprep.fallback.rule import HASH, Form, Rule, written

LONGEST_WORD = 100
"""In characters. What is longer is an address, or noise, and has no other forms."""

MOST_FORMS = 60_000
"""Of one word, whose forms are numbered in 16 bits. Words have a few, words made for that have
some thousands: no rule is ever left out for it."""

_MOST_SIGNS = 10_000
"""For which it is kept in mind which rules they concern."""

_SIGNS = str.maketrans(
    string.ascii_uppercase, "A" * len(string.ascii_uppercase), string.ascii_lowercase
)
"""Leaves of an ASCII word what rules may need; which capital letter it is matters to none."""


class Forms:
    """What `rules` make of words.

    Without `capitals` forms of ASCII words that have any may be left out: where no key has a
    capital letter, they would be made for nothing.
    """

    def __init__(self, rules: Sequence[Rule], *, capitals: bool = True) -> None:
        self.rules = tuple(rules)
        self._capitals = capitals
        self._by_signs: dict[str, list[Rule]] = {}

    def of(self, word: str) -> dict[Form, Rule]:
        """The other forms of `word`, the best first, each with the last rule that led to it."""
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
        """For each other form of `word` the sets of rules that suffice for it.

        A set is a number, the sum of the `bits` of its rules by their names; rules that have none
        count in no set. No set holds another of the same form.
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
        """The rules that may change `word`, or what others make of it."""
        if len(word) > LONGEST_WORD or "\0" in word or HASH in word:  # of our own use
            return ()
        if not word.isascii():
            return self.rules
        # Most words have the same few signs, or none: most rules need not be asked.
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
    """Without those that hold another, and each once."""
    distinct = dict.fromkeys(routes)
    return [
        route
        for route in distinct
        if not any(other & route == other for other in distinct if other != route)
    ]
