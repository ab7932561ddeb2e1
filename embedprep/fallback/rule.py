"""A fallback rule: another way to write a word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from embedprep.named_tuples import NamedTuple

Form = tuple[str, ...]
"""One key to look up, or several whose vectors are averaged."""

HASH = "\ufdd0"
"""The placeholder for a digit that `digits-hash` has removed; after all rules, it becomes a `#`. A
rule that took `#` for punctuation would lose the number. Unicode reserves this code for such uses:
it is no character, and in no word.
"""


class Rule(NamedTuple):
    """A pure function from a word to other forms of it."""

    name: str
    """The name of the rule in `--fallback`."""
    meaning: str
    """The meaning in one line for `--help` and reports, with an example."""
    forms: Callable[[str], Sequence[Form]]
    """The function that returns the forms of a word, the best first, and never the word itself."""
    capitals: bool = False
    """Whether every form of an ASCII word, and all that other rules make of it, has a capital
    letter.
    """
    needs: str | None = None
    """The characters that the rule needs. It does not change an ASCII word without any of them, nor
    what other rules make of such a word. It needs all capital letters or none. None: it may change
    any word.
    """


def written(form: Form) -> Form:
    """Return the form as it is written in a file."""
    return tuple([part.replace(HASH, "#") for part in form])


def is_digit(character: str) -> bool:
    return character.isdigit() or character == HASH


def others(word: str, *spellings: str) -> tuple[Form, ...]:
    """Return each spelling once, in this order, except the word itself and empty ones."""
    if len(spellings) == 1:  # nearly always, and much cheaper
        [other] = spellings
        return ((other,),) if other and other != word else ()
    return tuple((other,) for other in dict.fromkeys(spellings) if other and other != word)
