"""Everything that `doctor` learned about a vector file, as one record.

Its JSON keys are a contract: keys are added, never renamed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from embedprep.doctor.keys import Habits
from embedprep.doctor.norms import NormRange
from embedprep.doctor.published import Match
from embedprep.errors import printable
from embedprep.vectors import Fault

SCHEMA = "embedprep.doctor/1"


@dataclass(frozen=True)
class Kind:
    """Keys of one kind; the examples are the first ones, with escapes for what cannot be shown."""

    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Keys:
    """The keys of the records whose vector is finite."""

    empty: int
    absent: int
    """Records that no key finds: pieces from inside a word."""
    spaced: Kind
    odd: Kind
    """With white space other than the space, or control characters."""
    invalid_utf8: Kind
    special: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """A reason why a build with the default options would fail, as its error states it."""

    reason: str
    remedy: str
    line: int | None = None
    byte: int | None = None


@dataclass(frozen=True)
class Examination:
    """The result of `embedprep.examine`; `str()` of it is a table."""

    path: str
    format: str | None
    """None if the file could not be described."""
    compression: str | None
    bytes: int | None
    """The size of the file as stored, compressed or not. None if a stream broke off."""
    fingerprint: str | None
    header: bool | None
    separator: str | None
    ends_with_newline: bool | None
    dim: int
    declared_records: int | None
    complete: bool
    """Whether the file was read to its end. If not, the counts cover the part before."""
    records: int
    malformed: int
    nonfinite: int
    faults: tuple[Fault, ...]
    """The first malformed or non-finite record, and some of the others."""
    zero_rows: int
    duplicates: Kind
    """Records whose key came before; a key that repeats may be listed again."""
    untrained: Kind
    """Records whose vector was never trained, as far as a model's table shows it."""
    contents: tuple[str, ...]
    """The contents of the folder or file of a model."""
    keys: Keys
    habits: Habits
    norms: NormRange | None
    truncated: bool | None
    """None if nothing shows it."""
    truncated_reason: str
    published: Match | None
    problems: tuple[Problem, ...]
    advice: tuple[str, ...]
    build: str | None
    """The command that builds with the file; None if none can."""

    def to_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self)}

    def to_json(self) -> str:
        """ASCII, so that any key survives any reader."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def __repr__(self) -> str:
        count = len(self.problems)
        problems = "no problem" if not count else "1 problem" if count == 1 else f"{count} problems"
        return (
            f"<Examination {printable(self.path)}: {self.format or 'unknown format'}, "
            f"{self.records:,} records of {self.dim}, {problems}>"
        )

    def __str__(self) -> str:
        from embedprep.doctor.table import table

        return table(self)
