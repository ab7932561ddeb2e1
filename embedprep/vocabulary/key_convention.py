"""The kind of keys in a vector file: words, or pieces of words as some tokenizer marks them.

Comes in: the tokenizer that belongs to the vectors, or how many of all keys have which mark. Goes
out: a `KeyConvention`, which spells a word or a piece as the file would.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary import Role, Surface, Vocabulary, byte_alphabet
from embedprep.vocabulary.model import Marks
from embedprep.vocabulary.surfaces import METASPACE_MARK, USUAL_MARKS, marks_of


class KeyConvention(NamedTuple):
    """How keys are spelt."""

    surface: Surface
    marks: Marks
    unknown: tuple[bytes, ...] = ()
    """The keys for an unknown word, the likeliest first."""

    @property
    def are_words(self) -> bool:
        """Whether no key is known to be a piece, so that each key is, or may be, a word."""
        return self.marks == Marks()

    @property
    def are_plain(self) -> bool:
        """Whether a word is its own key."""
        return self.surface is Surface.PLAIN and self.are_words

    @property
    def marks_beginnings(self) -> bool:
        """Whether a key shows that it begins a word; otherwise it may show that it ends one."""
        return bool(self.marks.begin or self.marks.inside)

    def is_of(self, vocabulary: Vocabulary) -> bool:
        """Whether the tokens of `vocabulary` are spelt as these keys are."""
        comparable = vocabulary.surface is self.surface or not self.are_words
        if comparable and marks_of(vocabulary) == self.marks:
            return True
        # The same evidence shows pieces in a list of tokens and in a file of vectors.
        unmarked = vocabulary.surface is Surface.PLAIN
        return unmarked and of_keys(list(map(_bytes, vocabulary.tokens))).surface is self.surface

    def word(self, text: bytes) -> bytes:
        """Return the key of a word, or of a piece that begins one (ends one if ends are marked)."""
        return self.marks.begin.encode() + self._written(text) + self.marks.end.encode()

    def words(self, texts: list[bytes]) -> list[bytes]:
        """Return the key of each word: it itself in a list of words."""
        return texts if self.are_plain else list(map(self.word, texts))

    def part(self, text: bytes) -> bytes:
        """Return the key of any other piece."""
        return self.marks.inside.encode() + self._written(text)

    def has_mark(self, key: bytes) -> bool:
        """Whether `key` is spelt with a mark of these keys."""
        marks = (self.marks.begin, self.marks.inside)
        return key.startswith(tuple(mark.encode() for mark in marks if mark)) or (
            bool(self.marks.end) and key.endswith(self.marks.end.encode())
        )

    def is_part(self, key: bytes) -> bool:
        """Whether `key` reads as a piece from inside a word, whatever it was meant to be: `###`,
        a word of three signs, is the piece `#` where `##` is the mark.
        """
        if self.marks.inside:
            return key.startswith(self.marks.inside.encode())
        return not self.has_mark(key)

    def _written(self, text: bytes) -> bytes:
        if self.surface.writes_bytes:
            return byte_alphabet.from_bytes(text).encode()
        if METASPACE_MARK in (self.marks.begin, self.marks.end):
            return text.replace(b" ", METASPACE_MARK.encode())
        return text

    @property
    def title(self) -> str:
        """Name the kind of keys for reports: `words`, or which pieces."""
        return self.surface.title


WORDS = KeyConvention(Surface.PLAIN, Marks())


class AboutKeys(NamedTuple):
    """The keys of a vector file, as far as they are known before its vectors are read."""

    keys_are: KeyConvention
    first: tuple[bytes, ...]
    """The first few keys."""
    certain: bool
    """Whether the finding holds for all keys, or only for the first ones."""


_EVIDENCE = (
    # Surface, minimum number of keys with its mark, minimum share of all keys. In the table of a
    # tokenizer a third or more have it, in a Chinese one a few hundredths. Almost no word in a list
    # of words has a mark, except for `Ġ`, which is a letter of Maltese, and a space.
    (Surface.BYTE_LEVEL, 2, 0.1),
    (Surface.METASPACE, 2, 0.02),
    (Surface.LEADING_SPACE, 2, 0.1),
    # In such a table words have no mark, so a key that means something else costs nothing.
    (Surface.WORDPIECE, 1, 0.02),
    (Surface.WORD_END, 2, 0.02),
    (Surface.METASPACE_SUFFIX, 2, 0.02),
)
"""The evidence for each surface, in the order of `MARKS`."""


def _usual_unknown(surface: Surface) -> bytes:
    """The key of the unknown word in a table whose tokenizer is not at hand."""
    return b"[UNK]" if surface is Surface.WORDPIECE else b"<unk>"


def of_marks(counts: NDArray[np.int64], keys: int) -> KeyConvention:
    """Return the convention of `keys` keys, given how many of them have each of `MARKS`."""
    most = int(np.argmax(counts))
    surface, least, share = _EVIDENCE[most]
    if counts[most] < max(least, share * keys):
        return WORDS
    return KeyConvention(surface, USUAL_MARKS[surface], (_usual_unknown(surface),))


def of_keys(keys: list[bytes]) -> KeyConvention:
    """Return the convention of these keys, which are all the keys of the file."""
    return of_marks(core.count_marks(keys), len(keys))


def of_tokenizer(vocabulary: Vocabulary, keys: list[bytes]) -> KeyConvention:
    """Return the convention of a table whose tokenizer has this vocabulary, with tokens `keys`."""
    if marks_of(vocabulary) == Marks() and (shown := of_keys(keys)) != WORDS:
        return shown  # as in a conversion, whose tokenizer takes every key for a word
    places = np.flatnonzero(vocabulary.roles == Role.UNKNOWN).tolist()
    unknown = tuple(_bytes(vocabulary.tokens[place]) for place in places)
    return KeyConvention(vocabulary.surface, marks_of(vocabulary), unknown)


def _bytes(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")
