"""Where a row of the matrix came from: one code a row, stored with the matrix."""

from __future__ import annotations

import enum

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple


class Provenance(enum.IntEnum):
    """The codes are part of the files we write: add, never renumber. From `EXACT` on a row has a
    vector.
    """

    UNASSIGNED = 0
    """No token has this row; zeros."""
    PADDING = 1
    """The padding row; zeros."""
    OOV = 2
    """A token without a vector; filled by the out-of-vocabulary strategy."""
    EXACT = 3
    """The vector of the token's exact form."""
    SUBWORD = 4
    """The mean of the token's n-grams, of a fastText model that lacks the token."""
    PARTIAL = 5
    """Only some of the combined files have the token; the other columns are filled as for OOV."""
    PIECES = 6
    """The mean of the vectors of the words that contain this piece of a word."""
    COMPOSED = 7
    """The mean of the pieces into which the tokenizer of a model's table splits the token."""

    # The vector of another form of the token, by the fallback rule of this name; where several
    # rules led to the form, by the last of them.
    LOWER = 16
    TITLE = 17
    UPPER = 18
    NFC = 19
    NFKC = 20
    ACCENTS = 21
    QUOTES = 22
    DIGITS_HASH = 23
    DIGITS_ZERO = 24
    HYPHEN = 25
    UNDERSCORE = 26
    SPACE = 27
    POSSESSIVE = 28
    CONTRACTION = 29
    STRIP_PUNCTUATION = 30
    COMPOUND = 31
    DIGITS_ASCII = 32

    @property
    def label(self) -> str:
        """As reports and options name it."""
        return self.name.lower().replace("_", "-")

    @staticmethod
    def label_of(code: int) -> str:
        """The label of a stored code, also of one that only a later version knows."""
        try:
            return Provenance(code).label
        except ValueError:
            return f"code {code}"

    @classmethod
    def of_rule(cls, rule: str) -> Provenance:
        """The code of a fallback rule."""
        return cls[rule.upper().replace("-", "_")]


KEY_SEPARATOR = b"\0"
"""Between the keys whose mean a row is; no format holds it inside a key."""


class Origins(NamedTuple):
    """Where each row of a matrix came from."""

    provenance: NDArray[np.uint8]
    """A code of `Provenance` a row."""
    sources: NDArray[np.uint8]
    """Bit k is set where vector file k gave the row, or some columns of it."""
    records: NDArray[np.int64]
    """Which record of its file, from 0, in a text file its line; -1 where it is none of one."""
    keys: dict[int, bytes]
    """By row, ascending: the key whose vector it has, where that is not the word itself; keys
    whose mean it is are joined by `KEY_SEPARATOR`."""
