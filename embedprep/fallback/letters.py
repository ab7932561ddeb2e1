"""Upper and lower case, by the tables of Unicode: the same in every locale."""

from __future__ import annotations

import re
from functools import cache

from embedprep.fallback.english import APOSTROPHES
from embedprep.fallback.joints import JOINTS
from embedprep.fallback.rule import HASH, Form, others

_FIRST = re.compile(rf"[^\W_]|{HASH}")
_ELIDED = re.compile(r"[DdLlOo]['\u2019](?=[^\W\d_]{3})")
"""The beginning of a name such as O'Neill, D'Angelo or L'Oréal."""


def lower(word: str) -> tuple[Form, ...]:
    """Return the lower case; a sigma that ends the word becomes a final one (ς).

    `İ` becomes `i` and a combining dot, as in files made with Python, and then just `i`.
    """
    small = word.lower()
    if small == word:
        return ()
    return others(word, small, small.replace("i\u0307", "i")) if "İ" in word else ((small,),)


def upper(word: str) -> tuple[Form, ...]:
    large = word.upper()
    return () if large == word else ((large,),)


def title(word: str) -> tuple[Form, ...]:
    """Return the title case: each part capitalised (New-York, O'Neill), then only the first one.

    The first is that of a name, the second that of the beginning of a sentence (Well-known). A word
    without a capital then (3g) is no title.
    """
    if word.isalnum():
        forms = [word.capitalize()]
    else:
        forms = ["".join(map(_name, _joint().split(word))), _capitalised(word)]
    return others(word, *(form for form in forms if form != form.lower()))


@cache  # compiled on first use: many builds never need it
def _joint() -> re.Pattern[str]:
    return re.compile(f"([{re.escape(JOINTS)}])")


def _name(part: str) -> str:
    elided = _ELIDED.match(part) if part[1:2] in APOSTROPHES else None
    if elided is None:
        return _capitalised(part)
    return elided[0].capitalize() + part[elided.end() :].capitalize()


def _capitalised(word: str) -> str:
    """Capitalise the first letter, whatever punctuation comes before it."""
    if word[:1].isalnum():  # nearly always, and much cheaper
        return word.capitalize()
    first = _FIRST.search(word)
    start = first.start() if first else 0
    return word[:start] + word[start:].capitalize()
