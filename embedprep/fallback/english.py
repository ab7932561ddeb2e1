"""Apostrophes in English, and the possessive."""

from __future__ import annotations

from embedprep.fallback.rule import Form, others

IS_OR_HAS = frozenset({
    "it", "he", "she", "that", "this", "there", "here",
    "what", "who", "where", "how", "when", "why", "let",
})  # fmt: skip
"""After them `'s` is a verb, or `us`, and the word a contraction."""

APOSTROPHES = frozenset("'\u2019")

CLITICS = frozenset(
    mark + ending for mark in APOSTROPHES for ending in ("s", "m", "re", "ve", "ll", "d", "t")
)
"""What the Penn Treebank takes off a word is a word of its own."""


def possessive(word: str) -> tuple[Form, ...]:
    """The noun, of `year's` as of `boys'`; the apostrophe may be a curly one.

    A number may be a plural: `1990's` is first `1990s`, then `1990`.
    """
    if word.isalnum() or len(word) < 3:
        return ()
    noun, ending = word[:-2], word[-2:]
    if ending[0] in "sS" and ending[1] in APOSTROPHES:
        return ((word[:-1],),)
    if ending[0] not in APOSTROPHES or ending[1] not in "sS" or not noun[-1].isalnum():
        return ()
    if noun.lower() in IS_OR_HAS:
        return ()
    return others(word, noun + ending[1], noun) if noun[-1].isdigit() else ((noun,),)
