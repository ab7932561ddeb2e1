"""The result of every vocabulary reader: tokens with their rows, roles and counts."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple


class Role(enum.IntEnum):
    """The purpose of a token. The coverage counts only `WORD` tokens."""

    WORD = 0
    PADDING = 1
    UNKNOWN = 2
    OTHER = 3


class Surface(enum.StrEnum):
    """The convention by which a vocabulary marks where words begin and end inside its tokens."""

    PLAIN = "plain"
    """A token is a word, exactly as spelt."""
    BYTE_LEVEL = "byte-level"
    """Bytes written in a 256-character alphabet; `Ġ` (the space) begins a word (GPT-2)."""
    METASPACE = "metaspace"
    """`▁` begins a word, and is a space further on (SentencePiece)."""
    WORDPIECE = "wordpiece"
    """`##` marks a piece from inside a word (BERT)."""
    WORD_END = "word-end"
    """`</w>` ends a word (the first BPE tokenizers)."""
    BYTE_LEVEL_WORD_END = "byte-level-word-end"
    """Bytes written in the alphabet without spaces, and `</w>` ends a word (CLIP)."""
    METASPACE_SUFFIX = "metaspace-suffix"
    """`▁` ends a word (SentencePiece's `treat_whitespace_as_suffix`)."""
    LEADING_SPACE = "leading-space"
    """A plain space begins a word: pieces exactly as in a text (RWKV, decoded dumps)."""
    UNMARKED = "unmarked"
    """Pieces of words without any mark: a piece looks like a word."""
    BYTE_LEVEL_UNMARKED = "byte-level-unmarked"
    """The same in the byte alphabet: the spaces were removed before the bytes were written."""

    @property
    def writes_bytes(self) -> bool:
        """Whether the tokens are spelt in the byte alphabet."""
        return self.value.startswith("byte-level")

    @property
    def marks_nothing(self) -> bool:
        """Whether these are pieces that look like words."""
        return self in (Surface.UNMARKED, Surface.BYTE_LEVEL_UNMARKED)

    @property
    def title(self) -> str:  # type: ignore[override]  # not the method of strings
        """The convention in a few words, for reports."""
        return _TITLES[self]


_TITLES = {
    Surface.PLAIN: "words",
    Surface.BYTE_LEVEL: "pieces, byte-level (Ġ begins a word)",
    Surface.METASPACE: "pieces, Metaspace (▁ begins a word)",
    Surface.WORDPIECE: "pieces, WordPiece (## continues a word)",
    Surface.WORD_END: "pieces, ends marked (</w> ends a word)",
    Surface.BYTE_LEVEL_WORD_END: "pieces, byte alphabet (</w> ends a word)",
    Surface.METASPACE_SUFFIX: "pieces, Metaspace as suffix (▁ ends a word)",
    Surface.LEADING_SPACE: "pieces, plain spaces (a space begins a word)",
    Surface.UNMARKED: "pieces, unmarked (nothing tells pieces from words)",
    Surface.BYTE_LEVEL_UNMARKED: "pieces, byte alphabet, unmarked (nothing tells them from words)",
}


class Position(enum.IntEnum):
    """The position of a token in a word, as far as the marks of its vocabulary show it."""

    WORD = 0
    """The token is a word of a list, or a piece that begins a word (ends one if ends are
    marked).
    """
    INSIDE = 1
    """The token has a mark that it continues a word: `##ing`."""
    UNMARKED = 2
    """The token lacks the mark that words have: byte-level `ing`; `th` where `the</w>` ends a
    word.
    """
    UNKNOWN = 3
    """The vocabulary has pieces but no marks: the token may be a word or a part of one."""
    VERBATIM = 4
    """The token is itself: a special token, or one that the tokenizer matches exactly as spelt."""
    FRAGMENT = 5
    """The token is a byte or a part of a character, and so no text."""


class Marks(NamedTuple):
    """The marks of each position of a piece in a word; empty for a position without a mark.

    If `inside` is a mark, a piece without it begins a word, with `begin` or not.
    """

    begin: str = ""
    inside: str = ""
    end: str = ""


class Counted(NamedTuple):
    """How much of a vocabulary a counts file covers."""

    of_tokens: float
    """The share of the ordinary tokens that the file lists."""
    of_text: float
    """The share of all occurrences in the file that belong to these tokens."""


class Vocabulary(NamedTuple):
    """Tokens in ascending order of their row.

    `tokens[i]` is in row `rows[i]` of the matrix and has role `roles[i]`. It occurred `counts[i]`
    times if the tokenizer file or a counts file says so (0 if the file does not list it). A row
    below `n_rows` that is not in `rows` has no token.
    """

    format: str
    tokens: tuple[str, ...]
    rows: NDArray[np.int64]
    roles: NDArray[np.uint8]
    n_rows: int
    counts: NDArray[np.int64] | None = None
    surface: Surface = Surface.PLAIN
    verbatim: frozenset[str] = frozenset()
    """Tokens that the tokenizer matches exactly as spelt, whatever `surface` says of the others."""
    marks: Marks | None = None
    """The marks that the file declares; None for the usual marks of `surface`."""
    num_words: int | None = None
    """The limit of Keras' `Tokenizer(num_words=…)`, which only ever emits ids below it."""
    repeated: bool = False
    """Whether a token has several rows; only possible if a token's position is its id."""
    padding_row: int | None = None
    """A row that is padding although it has no token (row 0 of a Keras `Tokenizer`)."""
    path: str | None = None
    splits: Mapping[str, Any] | None = None
    """The settings by which a tokenizer of Keras splits a text into words, as its file has them."""
    notes: tuple[str, ...] = ()
    """Assumptions where the file says nothing, one sentence each."""
    counted: Counted | None = None
    """The coverage of the counts, if they come from another file."""

    def only(self, positions: NDArray[np.int64]) -> Vocabulary:
        """Return the vocabulary with only the tokens at these ascending positions."""
        return self._replace(
            tokens=tuple(self.tokens[position] for position in positions.tolist()),
            rows=self.rows[positions],
            roles=self.roles[positions],
            counts=None if self.counts is None else self.counts[positions],
        )

    def below(self, limit: int) -> Vocabulary:
        """Return the vocabulary cut to the ids below `limit`, and to `limit` rows at most."""
        kept = int(np.searchsorted(self.rows, limit))
        return self._replace(
            tokens=self.tokens[:kept],
            rows=self.rows[:kept],
            roles=self.roles[:kept],
            n_rows=min(self.n_rows, limit),
            counts=None if self.counts is None else self.counts[:kept],
        )
