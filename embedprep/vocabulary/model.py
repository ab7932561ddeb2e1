"""What every vocabulary reader produces: tokens with their rows, roles and counts."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Role(enum.IntEnum):
    """What a token is for. Only `WORD` tokens count as types in the coverage."""

    WORD = 0
    PADDING = 1
    UNKNOWN = 2
    OTHER = 3


class Surface(enum.StrEnum):
    """How the tokenizer marks where words begin and end inside its tokens."""

    PLAIN = "plain"
    """A token is a word, as it stands."""
    BYTE_LEVEL = "byte-level"
    """Bytes written in a 256-character alphabet; `Ġ` (the space) begins a word (GPT-2)."""
    METASPACE = "metaspace"
    """`▁` begins a word (SentencePiece)."""
    WORDPIECE = "wordpiece"
    """`##` marks a piece from inside a word (BERT)."""
    WORD_END = "word-end"
    """`</w>` ends a word (the first BPE tokenizers)."""


class Marks(NamedTuple):
    """How the places of a word are spelt in its pieces; empty for a place without a mark.

    Where `inside` is a mark, a piece without it begins a word, with `begin` or not.
    """

    begin: str = ""
    inside: str = ""
    end: str = ""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Tokens in ascending order of their row.

    `tokens[i]` stands at row `rows[i]` of the matrix and has role `roles[i]` and, where the
    tokenizer file or a counts file tells it, occurred `counts[i]` times (0 when the file does
    not list it). A row below `n_rows` that is not in `rows` has no token.
    """

    format: str
    tokens: tuple[str, ...]
    rows: NDArray[np.int64]
    roles: NDArray[np.uint8]
    n_rows: int
    counts: NDArray[np.int64] | None = None
    surface: Surface = Surface.PLAIN
    verbatim: frozenset[str] = frozenset()
    """Tokens that the tokenizer matches as they stand, whatever `surface` says of the others."""
    marks: Marks | None = None
    """What the file declares; None for the usual marks of `surface`."""
    num_words: int | None = None
    """Keras `Tokenizer(num_words=…)`: only ids below it are ever emitted."""
    repeated: bool = False
    """Whether a token stands at several rows; only where a token's place is its id."""
    padding_row: int | None = None
    """A row that is padding although no token stands there (row 0 of a Keras `Tokenizer`)."""
    path: str | None = None

    def only(self, positions: NDArray[np.int64]) -> Vocabulary:
        """The vocabulary with the tokens at these positions alone, ascending, at their rows."""
        return replace(
            self,
            tokens=tuple(self.tokens[position] for position in positions.tolist()),
            rows=self.rows[positions],
            roles=self.roles[positions],
            counts=None if self.counts is None else self.counts[positions],
        )

    def below(self, limit: int) -> Vocabulary:
        """The vocabulary cut to the ids below `limit`, and to `limit` rows at most."""
        kept = int(np.searchsorted(self.rows, limit))
        return replace(
            self,
            tokens=self.tokens[:kept],
            rows=self.rows[:kept],
            roles=self.roles[:kept],
            n_rows=min(self.n_rows, limit),
            counts=None if self.counts is None else self.counts[:kept],
        )
