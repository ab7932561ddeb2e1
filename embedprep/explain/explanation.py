"""Everything known about one token, or one row, of a matrix.

Its JSON keys are a contract: keys are added, never renamed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from embedprep.explain.naming import Form


@dataclass(frozen=True)
class Neighbour:
    """A token with a vector, and the cosine of its vector with the one in question."""

    token: str
    row: int
    cosine: float


@dataclass(frozen=True)
class Spelling:
    """A token with a vector that is spelt nearly so."""

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
    """As the tokenizer spells it; None where the vocabulary lacks it, or no token has the row."""
    rows: tuple[int, ...]
    """Where the token stands, ascending; empty where the vocabulary lacks it."""
    also: tuple[Form, ...]
    """Other tokens that the argument could mean: the same word with or without a mark."""
    provenance: str | None
    """The label of the `Provenance` of the first of `rows`."""
    oov: str
    """The `--oov` rule that filled rows without a vector."""
    keys: tuple[str, ...]
    """The key whose vector it is, or those whose mean it is, where that is not the word itself."""
    files: tuple[str, ...]
    """The vector files that gave the row, or some columns of it."""
    file_keys: tuple[str, ...]
    """The kind of the keys of each of these files: words, or pieces with which marks."""
    record: int | None
    """Which record of its file the row is, from 0; None where it is none, or of several."""
    line: int | None
    """The same in a text file, from 1."""
    norm: float | None
    """Euclidean."""
    count: int | None
    """How often a token without a vector occurs, where the report lists it."""
    kind: str | None
    """The kind of a token without a vector, if the report lists it."""
    neighbours: tuple[Neighbour, ...]
    """The nearest of those with a vector, itself left out; empty where it has none."""
    spellings: tuple[Spelling, ...]
    """For a token without a vector, and for one that the vocabulary lacks."""
    advice: tuple[tuple[str, str], ...]
    """Fallback rules that would find a vector, and the key that each finds, as the report says."""
    recommended: tuple[str, ...]
    """For a token without a vector: the rules that the report recommends for all such tokens."""

    @property
    def has_vector(self) -> bool:
        """Whether a vector file gave the row, wholly or partly."""
        return bool(self.rows) and self.provenance not in ("oov", "padding", "unassigned")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        from embedprep.explain.table import table

        return table(self)
