"""The kind of each missing token.

Comes in: the missing tokens with their words, and the words that were found. Goes out: for each
missing token one of `KINDS`. The spelling decides, so the kind may be a guess: `2pac` passes for a
number, and a rare name for a misspelling of a common one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from embedprep.coverage.counting import NOT_EXAMINED
from embedprep.coverage.misspelling import neighbours
from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.model import Surface

KINDS: dict[str, str] = {
    # Not words: their spelling means nothing.
    "byte fragment": "part of a character: a token of a byte-level tokenizer",
    "piece": "from inside a word",
    # Known, not guessed: the file has the word, and a fallback rule would find it.
    "case": "the vector file has it in another case",
    "accent": "the vector file has it with other accents or in another Unicode normal form",
    # No letters or digits at all, which identify all later kinds.
    "emoji": "emoji and emoticons",
    "punctuation": "only punctuation, symbols or white space",
    # Their signs, letters and digits would make them compounds; an address may be all digits.
    "url or e-mail": "URL, domain, e-mail address, @handle or #hashtag",
    "number": "digits with signs and units, such as -1,000.5, 10:30, 1990-95, 3rd or $5bn",
    # No splitting or stripping helps with a file that is in another script.
    "non-latin script": "neither in Latin script nor in the one of most words found",
    # From a sign inside to signs at the ends: the former may have the latter as well.
    "possessive": "the possessive of a noun, such as year's or boys'",
    "contraction": "with an apostrophe, such as doesn't, it's or l'eau",
    "compound": "parts joined by - _ / . or another sign, camelCase, letters with digits",
    "attached punctuation": "a word and the punctuation beside it, such as end. or (see",
    # Letters alone: only their appearance is left.
    "likely misspelling": "one letter more, less or other than a word found, or two swapped",
    "other": "none of these: names, rare words, words of other languages",
    NOT_EXAMINED: "rarer than the missing tokens that were looked at, of which there are many",
}
"""The kinds with their meanings. A token is of the first kind that fits, in this order."""

RULES_FOR: dict[str, tuple[str, ...]] = {
    "case": ("lower", "title", "upper"),
    "accent": ("nfc", "nfkc", "accents"),
    "number": ("digits-ascii", "digits-hash", "digits-zero"),
    "possessive": ("possessive",),
    "contraction": ("quotes", "contraction"),
    "compound": ("hyphen", "underscore", "space", "compound"),
    "attached punctuation": ("strip-punctuation",),
}
"""The fallback rules that are made for a kind."""


def kinds_of(
    tokens: Sequence[str],
    words: Sequence[str | None],
    surface: Surface,
    found: Sequence[str],
    *,
    case: NDArray[np.bool_],
    accent: NDArray[np.bool_],
) -> list[str]:
    """Return one of `KINDS` for each missing token.

    `tokens[i]` is the token as the vocabulary spells it, with the marks of `surface`. `words[i]` is
    its word without them, as text; None for a piece. `found` are the words that have a vector, the
    most frequent first. `case[i]` and `accent[i]` say if the vector file has the word in that other
    form.
    """
    expected = frozenset({"LATIN", *_script_of_most(found)})
    kinds = []
    for token, word, in_other_case, with_other_accents in zip(
        tokens, words, case.tolist(), accent.tolist(), strict=True
    ):
        if _is_fragment(token, word, surface):
            kinds.append("byte fragment")
        elif word is None:
            kinds.append("piece")
        elif in_other_case:
            kinds.append("case")
        elif with_other_accents:
            kinds.append("accent")
        else:
            kinds.append(_by_spelling(word[:_LOOKED_AT], expected))

    unexplained = [i for i, kind in enumerate(kinds) if kind == "other"]
    meant = neighbours([words[i] or "" for i in unexplained], found)
    for i in np.flatnonzero(meant >= 0).tolist():
        kinds[unexplained[i]] = "likely misspelling"
    return kinds


def _is_fragment(token: str, word: str | None, surface: Surface) -> bool:
    """Whether the bytes of the token are not whole UTF-8."""
    if token.startswith("<0x") and re.fullmatch(_BYTE, token):
        return True
    if token.isascii() or (word is not None and "\ufffd" not in word):
        return False
    content = byte_alphabet.to_bytes(token) if surface.writes_bytes else None
    if content is None:
        return re.search(_SURROGATE, token) is not None
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


_LOOKED_AT = 100
"""How many characters of a word tell its kind: a longer one is an address, or noise."""

_BYTE = "<0x[0-9A-Fa-f]{2}>"
_SURROGATE = "[\ud800-\udfff]"


def _by_spelling(word: str, expected: frozenset[str]) -> str:
    """Return the kind of a word, or of its beginning, by its spelling alone; `other` for letters
    alone.
    """
    if not word.isascii() and not word.isalpha():
        word = re.sub(_SIGN, _unless_mark, word)
    letters_alone = word.isalpha()
    if letters_alone and word.islower():
        foreign = not word.isascii() and _is_foreign(word, expected)
        return "non-latin script" if foreign else "other"
    from embedprep.coverage.signs import by_capitals, by_parts, by_signs

    if not letters_alone and (kind := by_signs(word)):
        return kind
    if not word.isascii() and _is_foreign(word, expected):
        return "non-latin script"
    return (by_capitals(word) if letters_alone else by_parts(word)) or "other"


# except the character that turns a sign into a keycap or an emoji
_SIGN = r"[^\w\x00-\x7f\u20e3\ufe0f]"


def _unless_mark(sign: re.Match[str]) -> str:
    """Remove accents, vowel signs and joiners, which are characters, but no letters to `re`."""
    return "" if unicodedata.category(sign[0]) in ("Mn", "Mc", "Me", "Cf") else sign[0]


def _is_foreign(word: str, expected: frozenset[str]) -> bool:
    """Whether more than half of its letters are in none of the `expected` scripts."""
    if expected.isdisjoint(scripts := set(map(_script, word))):
        return scripts != {None}
    if scripts <= expected:  # fast; only a word of several scripts needs counting
        return False
    letters = Counter(map(_script, word))
    del letters[None]
    return 2 * sum(letters[script] for script in expected) < letters.total()


_FOUND_LOOKED_AT = 1_000


def _script_of_most(words: Sequence[str]) -> list[str]:
    """Return the script of most of `words`, from a spread-out sample; empty without any.

    In a Russian vocabulary a Cyrillic word is nothing special.
    """
    step = 1 + len(words) // _FOUND_LOOKED_AT
    scripts = Counter(filter(None, map(_script_of_word, words[::step])))
    return [script for script, _ in scripts.most_common(1)]


def _script_of_word(word: str) -> str | None:
    """Return the script of the first letter."""
    return next((script for c in word if (script := _script(c))), None)


@lru_cache(maxsize=1 << 16)
def _script(character: str) -> str | None:
    """Return the script of a letter; None for any other character.

    Unicode names begin with it, after forms such as fullwidth or mathematical letters are undone.
    """
    if not character.isalpha():
        return None
    plain = unicodedata.normalize("NFKC", character)[0]
    script = unicodedata.name(plain, "").partition(" ")[0]
    return _WRITTEN_TOGETHER.get(script, script) or None


_WRITTEN_TOGETHER = {
    "HIRAGANA": "CJK",
    "KATAKANA": "CJK",
    "KATAKANA-HIRAGANA": "CJK",
    "IDEOGRAPHIC": "CJK",
    "MODIFIER": "",  # letters of no script, such as the modifier apostrophe
}
