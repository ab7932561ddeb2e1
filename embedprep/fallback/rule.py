"""What a fallback rule is: another way to write a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

Form = tuple[str, ...]
"""One key to look for, or several whose vectors are averaged."""

HASH = "\ufdd0"
"""A digit that `digits-hash` has taken away, until all rules have been applied: then it is a `#`. A
rule that took it for punctuation would lose the number. Unicode keeps this code for such uses: it
is no character, and in no word.
"""


class Rule(NamedTuple):
    """A pure function from a word to other forms of it."""

    name: str
    """As `--fallback` names it."""
    meaning: str
    """One line for `--help` and reports, with an example."""
    forms: Callable[[str], Sequence[Form]]
    """The forms of a word, the best first; the word itself is never among them."""
    capitals: bool = False
    """Whether every form of an ASCII word has a capital letter, and all that others make of it."""
    needs: str | None = None
    """An ASCII word without any of these characters it leaves as it is, and whatever other rules
    make of such a word; of capital letters it needs all or none. None: it may change any."""


def written(form: Form) -> Form:
    """The form as a file has it."""
    return tuple([part.replace(HASH, "#") for part in form])


def is_digit(character: str) -> bool:
    return character.isdigit() or character == HASH


def others(word: str, *spellings: str) -> tuple[Form, ...]:
    """Each spelling once, in this order, but neither the word itself nor an empty one."""
    return tuple((other,) for other in dict.fromkeys(spellings) if other and other != word)
