"""Compounds: words whose vector may be the mean of the vectors of their parts.

Each character of a word is replaced by a letter for its kind, and regular expressions over these
letters find the parts. The kinds are Unicode's categories, which a pattern over the word cannot
name.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice, pairwise

from embedprep.fallback.rule import HASH, Form
from embedprep.fallback.unicode_forms import LONGEST

MOST_PARTS = 8
"""The most parts of a compound: a word of more is an address, a sentence or noise, and its mean
says nothing.
"""

Span = tuple[int, int]

_LETTER = "[Ulo]"
_FINER = re.compile(
    rf"(?<={_LETTER})(?=d)|(?<=d)(?={_LETTER})"  # between letters and digits
    rf"|(?<={_LETTER}l)(?=U{_LETTER})"  # camel case, but neither iPhone nor PhD
)
_CAMEL = re.compile(rf"{_LETTER}lU{_LETTER}")
_SAYS_SOMETHING = re.compile(r"[Ulodx$]")

_CLITIC = re.compile(r"['\u2019](?=(?:s|t|re|ve|ll|d|m)(?![^\W_]))", re.IGNORECASE)
"""An apostrophe that does not divide: the rules of English handle it better."""
_NO_REASON = "\ufdd1"
"""A code that Unicode reserves, so it is no reason to divide a word."""

_AROUND = string.punctuation.replace("$", "")
"""The signs at the end of a word that are no part of their own."""

_BY_CATEGORY = {"Lu": "U", "Lt": "U", "Ll": "l", "Nd": "d", "Sc": "$", "Sm": "+"}


class _Kinds(dict[int, str]):
    """The kinds of characters.

    U, l, o: an upper-case letter, a lower-case one, one of a script without case, or a mark. d: a
    digit. $, +: a currency sign, a mathematical one. The dot. The comma, also for the colon. Space:
    other punctuation or a space. x: everything else, which is no reason to divide a word.

    Filled as characters come: `str.translate` asks a dict far faster than a function.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character in ".,:":
            kind = "." if character == "." else ","
        elif category in _BY_CATEGORY:
            kind = _BY_CATEGORY[category]
        elif category[0] in "LM":
            kind = "o"
        else:
            kind = " " if category[0] in "PZ" or character.isspace() else "x"
        self[code] = kind
        return kind


_KINDS = _Kinds({ord(HASH): "d"})


def compound(word: str) -> tuple[Form, ...]:
    """Return the parts between joints and other punctuation, then a finer division.

    The finer one also cuts between letters and digits, and at capitals within (BlackBerry). If it
    cuts at capitals, its parts are tried in lower case, too.
    """
    core = word.strip(_AROUND)
    if core.isalpha() and (core.islower() or core.istitle() or core.isupper()):
        return ()  # nearly always, and much cheaper
    if len(word) > LONGEST:
        return ()
    kinds = _CLITIC.sub(_NO_REASON, word).translate(_KINDS)
    coarse, fine, in_lower_case = _divided(kinds)
    forms = [tuple([word[a:b] for a, b in spans]) for spans in (coarse, fine) if spans]
    if in_lower_case:
        forms.append(tuple([word[a:b].lower() for a, b in fine]))
    return tuple(dict.fromkeys(forms)) if len(forms) > 1 else tuple(forms)


@lru_cache(10_000)  # the other forms of a word, and words like it, have the same kinds
def _divided(kinds: str) -> tuple[Sequence[Span], Sequence[Span], bool]:
    """Return the parts, the finer parts, and whether these are tried in lower case, too.

    Parts are none unless they are several, but not too many.
    """
    parts = (m.span() for m in _part().finditer(kinds) if _SAYS_SOMETHING.search(m[0]))
    spans = list(islice(parts, MOST_PARTS + 1))
    if not _FINER.search(kinds):
        return _some(spans), (), False
    fine = _some(list(islice(_cut(kinds, spans), MOST_PARTS + 1)))
    return _some(spans), fine, bool(fine) and _CAMEL.search(kinds) is not None


@cache  # compiled on first use: many builds have no compound to divide
def _part() -> re.Pattern[str]:
    return re.compile(
        # The letters of an abbreviation, with its dots: U.S., e.g, but not example.com.
        rf"(?<![Ulod])(?:{_LETTER}\.)+{_LETTER}(?!{_LETTER})\.?"
        # A currency sign is a part, though not inside a name such as Ke$ha.
        r"|\$+"
        rf"|(?:[Ulodx]|(?<={_LETTER})\$(?={_LETTER})"
        # 1,000.50 and 10:30 are one part.
        r"|(?<=d)[.,](?=d)"
        # A sign such as + divides the words on both its sides, as in salt+pepper, unlike C++.
        r"|(?<![Ulod])\+|\+(?![Ulod]))+"
    )


def _some(spans: Sequence[Span]) -> Sequence[Span]:
    return spans if 2 <= len(spans) <= MOST_PARTS else ()


def _cut(kinds: str, spans: Sequence[Span]) -> Iterator[Span]:
    for start, end in spans:
        cuts = (start + m.start() for m in _FINER.finditer(kinds[start:end]))
        yield from pairwise([start, *islice(cuts, MOST_PARTS), end])
