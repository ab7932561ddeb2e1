"""Everything known about one token, or one row, of a matrix.

Its JSON keys are a contract: keys are added, never renamed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from embedprep.errors import printable
from embedprep.explain.naming import Form


@dataclass(frozen=True)
class Neighbour:
    """A token with a vector, and the cosine of its vector with the one in question."""

    token: str
    row: int
    cosine: float


@dataclass(frozen=True)
class Spelling:
    """A token with a vector whose spelling is close."""

    token: str
    row: int
    edits: int
    """Insertions, deletions, substitutions and swaps of neighbouring characters."""


@dataclass(frozen=True)
class Term:
    """A token of a sum."""

    sign: int
    """1 or -1."""
    token: str
    """As the tokenizer spells it."""
    row: int


@dataclass(frozen=True)
class Explanation:
    """The result of `EmbeddingMatrix.explain`; `str()` of it is what the command prints."""

    asked: str | int
    """A token as it was given, or a row."""
    token: str | None
    """The tokenizer's spelling; None if the vocabulary lacks the token, or no token has the row."""
    rows: tuple[int, ...]
    """The rows of the token, ascending; empty if the vocabulary lacks it."""
    also: tuple[Form, ...]
    """Other tokens that the argument could mean: the same word with or without a mark."""
    provenance: str | None
    """The label of the `Provenance` of the first of `rows`."""
    oov: str
    """The `--oov` rule that filled rows without a vector."""
    keys: tuple[str, ...]
    """The key of the vector, or the keys of the mean, unless it is the word itself."""
    files: tuple[str, ...]
    """The vector files that gave the row, or some columns of it."""
    file_keys: tuple[str, ...]
    """The kind of the keys of each of these files: words, or pieces with which marks."""
    record: int | None
    """The record of its file, from 0; None if the row comes from none, or from several."""
    line: int | None
    """The line of the record in a text file, from 1."""
    norm: float | None
    """The Euclidean norm."""
    count: int | None
    """How often a token without a vector occurs, if the report lists it."""
    kind: str | None
    """The kind of a token without a vector, if the report lists it."""
    neighbours: tuple[Neighbour, ...]
    """The nearest other tokens with a vector; empty if the token has none."""
    spellings: tuple[Spelling, ...]
    """Tokens with a close spelling, if the token has no vector, or the vocabulary lacks it."""
    advice: tuple[tuple[str, str], ...]
    """Fallback rules that would find a vector, and the key that each finds, as the report says."""
    recommended: tuple[str, ...]
    """For a token without a vector: the rules that the report recommends for all such tokens."""
    post: tuple[str, ...] = ()
    """The steps of `--post` that the vector went through."""

    @property
    def has_vector(self) -> bool:
        """Whether a vector file gave the row, wholly or partly."""
        return bool(self.rows) and self.provenance not in ("oov", "padding", "unassigned")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __repr__(self) -> str:
        asked = printable(str(self.asked))
        rows = ", ".join(map(str, self.rows[:3])) + ", ..." * (len(self.rows) > 3)
        where = f"row {rows}: {self.provenance}" if self.rows else "not in the vocabulary"
        return f"<Explanation '{asked}', {where}>"

    def __str__(self) -> str:
        from embedprep.explain.table import table

        return table(self)
