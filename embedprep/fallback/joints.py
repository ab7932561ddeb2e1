"""Hyphens, underscores and spaces: the joints between the parts of a compound word.

The same name is `new-york` in one file, `New_York` in GoogleNews and `new york` in a third.
"""

from __future__ import annotations

from collections.abc import Callable

from embedprep.fallback.rule import Form, others

JOINTS = (
    "-_ "
    "\u00a0\u202f\u3000"  # spaces: no-break, narrow no-break, ideographic
    "\u2010\u2011\u2012\u2013"  # hyphen, non-breaking hyphen, figure dash, en dash (Navier-Stokes)
    "\ufe63\uff0d"  # small and fullwidth hyphen
)


def exchange(joint: str) -> Callable[[str], tuple[Form, ...]]:
    """Return a rule that writes every joint of a word as this one.

    A joint at an end joins nothing: it is a sign (`-5`), a dash or a mark of some tokenizer. A word
    with one stays unchanged.
    """
    other = frozenset(JOINTS) - {joint}

    def forms(word: str) -> tuple[Form, ...]:
        if word.isalnum() or other.isdisjoint(word) or word[0] in JOINTS or word[-1] in JOINTS:
            return ()
        exchanged = word
        for one in other.intersection(word):
            exchanged = exchanged.replace(one, joint)
        return others(word, exchanged)

    return forms
