"""What the keys of a vector file are: words, or pieces of words as some tokenizer marks them.

Comes in: the tokenizer that belongs to the vectors, or how many of all keys have which mark. Goes
out: a `KeyConvention`, which spells a word or a piece as the file would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.vocabulary import Role, Surface, Vocabulary, byte_alphabet
from embedprep.vocabulary.model import Marks
from embedprep.vocabulary.special_tokens import ROLE_OF
from embedprep.vocabulary.surfaces import METASPACE_MARK, USUAL_MARKS, marks_of


@dataclass(frozen=True)
class KeyConvention:
    """How keys are spelt."""

    surface: Surface
    marks: Marks
    unknown: tuple[bytes, ...] = ()
    """The keys that stand for an unknown word, the likeliest first."""

    @property
    def are_words(self) -> bool:
        """Whether no key is known to be a piece: a key is a word, or may be one."""
        return self.marks == Marks()

    @property
    def marks_beginnings(self) -> bool:
        """Whether a key shows if it begins a word; otherwise it may show if it ends one."""
        return bool(self.marks.begin or self.marks.inside)

    def is_of(self, vocabulary: Vocabulary) -> bool:
        """Whether the tokens of `vocabulary` are spelt as these keys are."""
        comparable = vocabulary.surface is self.surface or not self.are_words
        if comparable and marks_of(vocabulary) == self.marks:
            return True
        # A list of tokens is of pieces by the same evidence as a file of vectors.
        unmarked = vocabulary.surface is Surface.PLAIN
        return unmarked and of_keys(list(map(_bytes, vocabulary.tokens))).surface is self.surface

    def word(self, text: bytes) -> bytes:
        """The key of a word, or of a piece that begins one, or ends it where ends are marked."""
        return self.marks.begin.encode() + self._written(text) + self.marks.end.encode()

    def part(self, text: bytes) -> bytes:
        """The key of any other piece."""
        return self.marks.inside.encode() + self._written(text)

    def has_mark(self, key: bytes) -> bool:
        """Whether `key` is spelt with a mark of these keys."""
        marks = (self.marks.begin, self.marks.inside)
        return key.startswith(tuple(mark.encode() for mark in marks if mark)) or (
            bool(self.marks.end) and key.endswith(self.marks.end.encode())
        )

    def _written(self, text: bytes) -> bytes:
        if self.surface.writes_bytes:
            return byte_alphabet.from_bytes(text).encode()
        if METASPACE_MARK in (self.marks.begin, self.marks.end):
            return text.replace(b" ", METASPACE_MARK.encode())
        return text

    @property
    def title(self) -> str:
        """For reports: `words`, or which pieces."""
        return self.surface.title


WORDS = KeyConvention(Surface.PLAIN, Marks())


@dataclass(frozen=True)
class AboutKeys:
    """What is known of the keys of a vector file before its vectors are read."""

    keys_are: KeyConvention
    first: tuple[bytes, ...]
    """The first few of them."""
    certain: bool
    """Whether it is known of all keys, or only of the first ones."""


_EVIDENCE = (
    # The surface, how many keys at least have its mark, and which share of all keys. A table of a
    # tokenizer has a third and more, one of Chinese a few hundredths. In a list of words the marks
    # are next to unknown, except for `Ġ`, which is a letter of Maltese, and a space.
    (Surface.BYTE_LEVEL, 2, 0.1),
    (Surface.METASPACE, 2, 0.02),
    (Surface.LEADING_SPACE, 2, 0.1),
    # Words have no mark in such a table, so that nothing is lost by one key that means otherwise.
    (Surface.WORDPIECE, 1, 0.02),
    (Surface.WORD_END, 2, 0.02),
    (Surface.METASPACE_SUFFIX, 2, 0.02),
)
"""In the order of `MARKS`."""

_USUAL_UNKNOWN = tuple(name.encode() for name, role in ROLE_OF.items() if role is Role.UNKNOWN)


def of_marks(counts: NDArray[np.int64], keys: int) -> KeyConvention:
    """What `keys` keys are, so many of which have each of `MARKS`."""
    most = int(np.argmax(counts))
    surface, least, share = _EVIDENCE[most]
    if counts[most] < max(least, share * keys):
        return WORDS
    likeliest = (b"[UNK]",) if surface is Surface.WORDPIECE else ()
    return KeyConvention(surface, USUAL_MARKS[surface], (*likeliest, *_USUAL_UNKNOWN))


def of_keys(keys: list[bytes]) -> KeyConvention:
    """What these keys are, which are all there are."""
    return of_marks(core.load().count_marks(keys), len(keys))


def of_tokenizer(vocabulary: Vocabulary, keys: list[bytes]) -> KeyConvention:
    """What the keys of a table are whose tokenizer has this vocabulary; `keys` are its tokens."""
    if marks_of(vocabulary) == Marks() and (shown := of_keys(keys)) != WORDS:
        return shown  # such as a conversion writes, whose tokenizer has every key for a word
    places = np.flatnonzero(vocabulary.roles == Role.UNKNOWN).tolist()
    unknown = tuple(_bytes(vocabulary.tokens[place]) for place in places)
    return KeyConvention(vocabulary.surface, marks_of(vocabulary), unknown)


def _bytes(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")
