"""Numbers as files write them: with the digits 0 to 9, or without their digits.

GoogleNews and ConceptNet Numberbatch write `#` for each digit, other files `0`, so all numbers of
one length share a vector. Often they do so only in runs of two or more, so `mp3` and `4` stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from embedprep.fallback.rule import HASH, Form, others

_DIGIT = re.compile(r"\d")
"""A decimal digit of any script."""
_RUN = re.compile(r"\d{2,}")

_YEARS = range(1900, 2030)


def digits_ascii(word: str) -> tuple[Form, ...]:
    """Replace each digit by the ASCII digit of the value that Unicode gives it."""
    if word.isascii():
        return ()
    return others(word, _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), word))


def digits_as(sign: str) -> Callable[[str], tuple[Form, ...]]:
    """Return a rule that writes this sign for digits: first only in runs, then for all."""

    def forms(word: str) -> tuple[Form, ...]:
        if word.isalpha() or not _DIGIT.search(word):
            return ()
        runs = _RUN.sub(lambda run: sign * len(run[0]), word)
        return others(word, runs, _DIGIT.sub(sign, word))

    return forms


digits_hash, digits_zero = digits_as(HASH), digits_as("0")


def is_hashes(key: bytes) -> bool:
    """Whether this is `#` alone: a number without its digits, or else punctuation."""
    return not key.strip(b"#")


@cache
def witnesses(digits: int) -> list[bytes]:
    """Return numbers of one digit, or of several.

    A file that contains one of them writes such numbers with their digits.
    """
    if digits == 1:
        return [str(number).encode() for number in range(10)]
    return [str(number).encode() for number in (*range(10, 100), *_YEARS)]
