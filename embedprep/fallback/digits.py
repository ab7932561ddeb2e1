"""Numbers without their digits: files in which all numbers of one length share a vector.

GoogleNews and ConceptNet Numberbatch write `#` for each digit, other files `0`; often only in runs
of two or more, so that `mp3` and `4` stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from embedprep.fallback.rule import Form, others

_DIGIT = re.compile(r"\d")
"""A decimal digit of any script."""
_RUN = re.compile(r"\d{2,}")


def digits_as(sign: str) -> Callable[[str], tuple[Form, ...]]:
    """A rule that writes this sign for digits: first for those in runs, then for every one."""

    def forms(word: str) -> tuple[Form, ...]:
        if word.isalpha() or not _DIGIT.search(word):
            return ()
        runs = _RUN.sub(lambda run: sign * len(run[0]), word)
        return others(word, runs, _DIGIT.sub(sign, word))

    return forms
