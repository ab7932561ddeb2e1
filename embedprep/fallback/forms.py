"""The forms of a word that a list of rules leads to.

A rule applies to the word and to each form that the rules before it have made. So a later rule sees
the corrections of an earlier one, and one more rule never loses a form.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping, Sequence

from embedprep.fallback.rule import HASH, Form, Rule, written
from embedprep.named_tuples import NamedTuple

LONGEST_WORD = 64
"""The longest word with other forms, in characters. A longer one is an address, or noise."""

MOST_FORMS = 64
"""The most other forms of one word. Words have a few; only a token full of quotes, joints, digits
and accents has more, and without a limit one of sixty characters would have thousands.
"""

MOST_CHARACTERS = 768
"""The most characters of all forms of one word together: the time is theirs."""

LONG_WORD = 32
"""The characters of the longest word that several rules may change one after the other."""

FORMS_A_WORD = 12
"""The most forms that are made of a word, on average: of ordinary words, 3 to 8. If a
vocabulary has more, only single rules change the words after those, or it would take many times as
long as another one.
"""

CHARACTERS_A_WORD = 96
"""The most characters of the forms of a word, likewise: of ordinary words, 30 to 40."""

FORMS_OF_FEW = 1 << 15
"""The forms that may be made in any case: a few words may have many."""

CHARACTERS_OF_FEW = 1 << 18
"""The characters that they may have in any case."""

_STEPS = (99, 2, 1)
"""How many rules may lead to a form, one after the other. As soon as that is too many forms, only
two may, or one: that is never too many.
"""

_MOST_SIGNS = 10_000
"""How many combinations of signs are remembered, with the rules that they concern."""

_SIGNS = str.maketrans(
    string.ascii_uppercase, "A" * len(string.ascii_uppercase), string.ascii_lowercase
)
"""Reduces an ASCII word to the signs that rules may need; no rule needs to know which capital it
is.
"""


_MadeBy = tuple[Rule, list[tuple[Form, Form]]]
"""A rule, and pairs of a form before it and one that it made of that."""


class Reached(NamedTuple):
    """The other forms of a word, the best first, and how rules led to them."""

    word: str
    forms: dict[Form, Rule]
    """Each form, with the last rule that led to it."""
    made_by: list[_MadeBy]

    def written(self) -> dict[Form, Rule]:
        """Return the forms as keys are spelt."""
        if self.word.isalpha():  # no digits
            return self.forms
        return {written(form): rule for form, rule in self.forms.items()}

    def routes(self, bits: Mapping[str, int]) -> dict[Form, list[int]]:
        """Return, for each form as keys are spelt, the sets of rules that suffice for it.

        A set is a number, the sum of the `bits` of its rules, by their names; rules without a bit
        count in no set. No set contains another one of the same form.
        """
        routes: dict[Form, list[int]] = {(self.word,): [0]}
        for rule, made in self.made_by:
            bit = bits.get(rule.name, 0)
            through: dict[Form, list[int]] = {}
            for base, form in made:
                through.setdefault(form, []).extend([route | bit for route in routes[base]])
            for form, ways in through.items():
                routes[form] = _smallest(routes[form] + ways if form in routes else ways)
        return {written(form): routes[form] for form in self.forms}


class Forms:
    """The forms that `rules` make of words.

    Without `capitals`, forms of ASCII words may be left out if they contain capitals: no key has a
    capital letter, so they would be useless.
    """

    def __init__(
        self, rules: Sequence[Rule], *, words: int | None = None, capitals: bool = True
    ) -> None:
        """`words` is the number of words, if all their forms together are limited."""
        self.rules = tuple(rules)
        number = math.inf if words is None else words
        self._most = FORMS_OF_FEW + FORMS_A_WORD * number
        self._most_characters = CHARACTERS_OF_FEW + CHARACTERS_A_WORD * number
        self._capitals = capitals
        self._by_signs: dict[str, list[Rule]] = {}
        self.made = 0
        """How many forms were made, those that were made again, or cut, included: the time is
        theirs.
        """
        self.characters = 0
        """How many characters the forms have together."""
        self.cut = 0
        """How many words had more forms than `MOST_FORMS`, or more characters in them, or may have
        had: several rules change them, after enough forms were made.
        """

    @property
    def enough(self) -> bool:
        """Whether as many forms were made as all words may have together, or as long ones."""
        return self.made >= self._most or self.characters >= self._most_characters

    def of(self, word: str) -> dict[Form, Rule]:
        """Return the other forms of `word`, the best first, with the last rule that led to each."""
        return self.reached(word).written()

    def reached(self, word: str) -> Reached:
        """Make the other forms of `word`, at most `MOST_FORMS`."""
        rules = self._concerned(word)
        alone = [rule.forms(word) for rule in rules]
        if not any(alone):  # nearly always, for a word in lower case
            return Reached(word, {}, [])
        cut = self.enough and sum(map(bool, alone)) > 1
        few = iter(_STEPS[-1:] if cut or len(word) > LONG_WORD else _STEPS)
        most, characters = next(few), 0
        self.cut += cut
        forms: dict[Form, Rule] = {}
        steps: dict[Form, int] = {(word,): 0}  # how many rules led to a form
        bases = list(steps.items())  # those that a rule may still change
        made_by: list[_MadeBy] = []
        for rule, of_word in zip(rules, alone, strict=True):
            made: list[tuple[Form, Form]] = []
            for base, before in bases:
                if before >= most:
                    continue
                others = rule.forms(base[0]) if before else of_word
                if not others:  # nearly always
                    continue
                for form in others:
                    made.append((base, form))
                    if form not in steps:
                        forms[form] = rule
                        characters += sum(map(len, form))
                        steps[form] = before + 1
                    elif before + 1 < steps[form]:
                        steps[form] = before + 1
                while most > 1 and (len(forms) > MOST_FORMS or characters > MOST_CHARACTERS):
                    self.cut += most == _STEPS[0]
                    most = next(few)
                    for form in [form for form, count in steps.items() if count > most]:
                        del steps[form], forms[form]
                    characters = sum(len(part) for form in forms for part in form)
            if made:
                self.made += len(made)
                made_by.append((rule, made))
                if most > 1:  # or only the word itself
                    bases = [one for one in steps.items() if len(one[0]) == 1 and one[1] < most]
        self.characters += characters
        return Reached(word, forms, made_by)

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
    if len(routes) == 1:
        return list(routes)
    distinct = dict.fromkeys(routes)
    return [
        route
        for route in distinct
        if not any(other & route == other for other in distinct if other != route)
    ]
