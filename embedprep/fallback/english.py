"""Apostrophes in English, and the possessive."""

from __future__ import annotations

from embedprep.fallback.rule import Form, is_digit, others

IS_OR_HAS = frozenset({
    "it", "he", "she", "that", "this", "there", "here",
    "what", "who", "where", "how", "when", "why", "let",
})  # fmt: skip
"""The words after which `'s` is a verb, or `us`: these are contractions."""

APOSTROPHES = frozenset("'\u2019")

CLITICS = frozenset(
    mark + ending for mark in APOSTROPHES for ending in ("s", "m", "re", "ve", "ll", "d", "t")
)
"""The clitics, which the Penn Treebank cuts off a word as words of their own."""


def possessive(word: str) -> tuple[Form, ...]:
    """Return the noun of a possessive, in `year's` and in `boys'`; the apostrophe may be a curly
    one.

    A dot or an exclamation mark may belong to the noun: `inc.'s`, `Yahoo!'s`. A number may be a
    plural: `1990's` is first `1990s`, then `1990`.
    """
    if word.isalnum() or len(word) < 3:
        return ()
    noun, ending = word[:-2], word[-2:]
    if ending[0] in "sS" and ending[1] in APOSTROPHES:
        return ((word[:-1],),)
    if ending[0] not in APOSTROPHES or ending[1] not in "sS":
        return ()
    if noun.lower() in IS_OR_HAS or noun[-1] in APOSTROPHES or not _says_something(noun):
        return ()
    return others(word, noun + ending[1], noun) if is_digit(noun[-1]) else ((noun,),)


def _says_something(noun: str) -> bool:
    return any(character.isalnum() or is_digit(character) for character in noun)
