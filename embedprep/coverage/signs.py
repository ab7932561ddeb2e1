"""The kind of a word, as far as its signs, digits and capitals show it.

Comes in: a word that is not of small letters alone. Goes out: one of `KINDS`, or None if these show
nothing. It has a module of its own, because in many builds no missing word needs it, and the
patterns take a while to compile.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from embedprep.fallback.english import possessive

# All patterns take linear time in the word, which may be a megabyte long: repetitions are
# possessive (`*+`), or cannot match what follows them.

_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u2600-\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f000-\U0001faff]"  # with skin tones and the letters that make flags
    "|[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u2328\u23cf\u24c2\u25aa-\u25fe"
    "\u2934\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299]\ufe0f"  # a plain sign without the selector
    "|[0-9#*]\ufe0f?\u20e3"
)
_EMOTICON = re.compile(r"[:;=][-'^o]?[()DPp3]+|[:;=]-[Oo/\\|*\[\]]|</?3+")
_NO_LETTERS = re.compile(r"[\W_]*+")

_ADDRESS = re.compile(
    r"""(?= [^@\#.:]*+ [@\#.:] ) ["'“\u2018(\[{<.,:;-]*+  # the first is there only to be fast
    (?: [a-z][a-z0-9+.-]*+://
      | (?: www\d?\. | mailto: ) \w
      | [^@\s]++ @ [^@\s.]++ \. [^@\s]
      | [@\#] [\d_]*+ [^\W\d_]
      | (?: [\w-]++ \. )+ (?: [a-z]{2,}+/ \w |
          # Words that seldom begin a sentence after a full stop without a space.
          (?: com|org|net|edu|gov|mil|info|biz|io|eu|uk|de|fr|nl|pl|ru|jp|cn|br|au ) (?!\w) )
    )""",
    re.VERBOSE | re.IGNORECASE,
)

_DIGIT = r"\d\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2089\u2150-\u215f\u2460-\u249b"
_NUMBER = re.compile(
    rf"""(?: [^\W\d_]{{1,3}} [$£€¥₹] )? [^\w\s]*+ [{_DIGIT}]
    [\W_{_DIGIT}]*+ (?: [x\u00d7et] (?= [-+]?\d ) [\W_{_DIGIT}]*+ )*+  # 4x4, 1e-5, the T of a date
    (?: [ap]\.m | [^\W\d_]{{0,3}}+ ) [\W_]*+  # 5bn, 3rd, 10km, 7p.m.
    """,
    re.VERBOSE | re.IGNORECASE,
)

# Begins with the apostrophe, which is fast to find, and looks back from there.
_CONTRACTION = re.compile(
    r"""['`\u00b4\u2018\u2019\uff07] (?:
        (?<= [^\W\d_] .) [^\W\d_]
      | (?<= \A .) (?: s|m|d|t|re|ve|ll|em|n|tis|twas|til|cause|bout ) \Z
      | (?: (?<= \A [a-z] .) | (?<= \A qu .) | (?<= [^\W\d_] in .) ) \Z  # l' and goin'
    )""",
    re.VERBOSE | re.IGNORECASE,
)

_AFTER_A_WORD = '.,;:!?)]}"\u201d\u00bb'

_CAMEL_CASE = re.compile("[a-zß-öø-ÿα-ωа-я][A-ZÀ-ÖØ-ÞΑ-ΩА-Я]|[A-Z]{2}[a-z]{2}")  # not the s of DVDs
_LETTERS_AND_ENDS = re.compile(rf"[\W_]*+[^\W{_DIGIT}_]++[\W_]*+")


def by_signs(word: str) -> str | None:
    """Return the kind of a word that signs and digits show, in any script."""
    return _first(_SIGNS, word)


def by_parts(word: str) -> str | None:
    """Return the kind of a word of letters and something else, in an expected script."""
    return _first(_PARTS, word)


def by_capitals(word: str) -> str | None:
    """Return the kind of a word of letters alone."""
    return "compound" if _is_camel_case(word) else None


def _is_emoji(word: str) -> bool:
    rest = _EMOJI.sub("", word)
    if rest != word and _NO_LETTERS.fullmatch(rest):
        return True
    return _EMOTICON.fullmatch(word) is not None


def _is_camel_case(word: str) -> bool:
    return not word.islower() and _CAMEL_CASE.search(word) is not None


def _is_compound(word: str) -> bool:
    return _LETTERS_AND_ENDS.fullmatch(word) is None or _is_camel_case(word)


def _is_possessive(word: str) -> bool:
    return bool(possessive(word.rstrip(_AFTER_A_WORD)))


def _has_sign_at_an_end(word: str) -> bool:
    return not (word[0].isalnum() and word[-1].isalnum())


_Kinds = tuple[tuple[str, Callable[[str], object]], ...]

_SIGNS: _Kinds = (
    ("emoji", _is_emoji),
    ("punctuation", _NO_LETTERS.fullmatch),
    ("url or e-mail", _ADDRESS.match),
    ("number", _NUMBER.fullmatch),
)
_PARTS: _Kinds = (
    ("possessive", _is_possessive),
    ("contraction", _CONTRACTION.search),
    ("compound", _is_compound),
    ("attached punctuation", _has_sign_at_an_end),
)


def _first(kinds: _Kinds, word: str) -> str | None:
    return next((kind for kind, fits in kinds if fits(word)), None)
