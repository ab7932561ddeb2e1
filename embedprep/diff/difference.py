"""The difference between two matrices, as one record.

Its JSON keys are a contract: keys are added, never renamed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from embedprep.coverage.record import Share
from embedprep.errors import printable

SCHEMA = "embedprep.diff/1"

LISTED = 1000
"""How many tokens of each sort are named."""


@dataclass(frozen=True)
class Side:
    """One of the two matrices."""

    path: str
    rows: int
    dim: int
    dtype: str
    tokens: int
    """Rows that have a token."""
    vocabulary: Share
    """Its distinct tokens with a vector, as its report counts them."""
    text: Share | None
    """Their occurrences in your text, if these are known."""


@dataclass(frozen=True)
class Unpaired:
    """A token that only one of them has."""

    token: str
    row: int


@dataclass(frozen=True)
class Move:
    """A token of both."""

    token: str
    before: int
    """Its row."""
    after: int


@dataclass(frozen=True)
class Only:
    """The tokens that only one of them has; `tokens` are the first."""

    count: int
    tokens: tuple[Unpaired, ...]


@dataclass(frozen=True)
class Kept:
    """Tokens of both that something became of; `tokens` are the first."""

    count: int
    tokens: tuple[Move, ...]


@dataclass(frozen=True)
class Transition:
    """The tokens whose rows came from one thing before and from another after.

    Where both are the same, those with another vector.
    """

    before: str
    """A label of `Provenance`."""
    after: str
    count: int
    tokens: tuple[Move, ...]


@dataclass(frozen=True)
class Setting:
    """An input or option that differs; None where one of the two has none of it."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """The result of `embedprep.compare`; `str()` of it is a table."""

    before: Side
    after: Side
    incomparable: str | None
    """Why vectors cannot be compared; None where they are."""
    added: Only
    removed: Only
    moved: Kept
    """At another row, whether or not the vector is the same."""
    changed: Kept | None
    """With a vector that differs in at least one bit; None where they cannot be compared."""
    unchanged: int
    """At the same row with the same provenance, and, where they can be compared, vector."""
    found: Kept
    """Without a vector before, with one after."""
    lost: Kept
    """With a vector before, without one after."""
    transitions: tuple[Transition, ...]
    """The most frequent first."""
    settings: tuple[Setting, ...]

    @property
    def same(self) -> bool:
        """Whether both have the same vectors and provenance for the same tokens and rows."""
        return (
            self.changed is not None
            and self.unchanged == self.before.tokens
            and not (self.added.count or self.before.rows != self.after.rows)
        )

    def to_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "same": self.same, **asdict(self)}

    def to_json(self) -> str:
        """ASCII, so that any token survives any reader."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def __repr__(self) -> str:
        paths = f"{printable(self.before.path)} → {printable(self.after.path)}"
        added, removed = self.added.count, self.removed.count
        return (
            f"<Difference {paths}: {self.unchanged:,} tokens unchanged, {added:,} added, "
            f"{removed:,} removed, {self.found.count:,} found, {self.lost.count:,} lost>"
        )

    def __str__(self) -> str:
        from embedprep.diff.table import table

        return table(self)
