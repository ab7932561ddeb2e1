"""The single-key forms of a word, from whatever a rule has made of it."""

from __future__ import annotations

from embedprep.fallback.rule import Form


def others(word: str, *spellings: str) -> tuple[Form, ...]:
    """Each spelling once, in this order, but neither the word itself nor an empty one."""
    return tuple((other,) for other in dict.fromkeys(spellings) if other and other != word)
