"""The records of a vector file: their counts, and errors about bad ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.vectors import Fault, Hits, Vectors


class Policy(NamedTuple):
    """How to treat bad records."""

    on_malformed: Literal["error", "skip"] = "error"
    on_duplicate: Literal["first", "last", "error"] = "first"


@dataclass
class Records:
    """The counts of the records of a vector file."""

    total: int = 0
    duplicates: int = 0
    """How many records have a wanted key that an earlier record had."""
    malformed: int = 0
    """How many records have the wrong width, or are wanted and have a value that is not a
    number.
    """
    nonfinite: int = 0
    """How many wanted records have a value that is nan, infinite or beyond float32."""
    undecodable: int = 0
    """How many of the malformed records have the right width."""
    duplicates_of_forms: int = 0
    """How many of the duplicates have a key that is the exact form of no token."""
    spaced_keys: int = 0
    """How many records have a key that contains the separator."""
    zero_rows: int = 0
    """How many rows the file filled with zeros alone: found, but useless."""
    untrained: list[bytes] = field(default_factory=list)
    """The wanted keys whose vectors were never trained. Only the table's own vocabulary gets them.
    """

    def add(self, hits: Hits) -> None:
        """Count a chunk; the caller counts its duplicates."""
        self.total += hits.records
        self.spaced_keys += hits.spaced_keys
        self.malformed += hits.malformed + len(hits.undecodable)
        self.undecodable += len(hits.undecodable)
        self.nonfinite += len(hits.nonfinite)

    def add_wanted(self, again: Records) -> None:
        """Count the unused records of another reading of the same file, for other forms."""
        self.duplicates += again.duplicates_of_forms
        self.duplicates_of_forms += again.duplicates_of_forms
        self.malformed += again.undecodable
        self.undecodable += again.undecodable
        self.nonfinite += again.nonfinite
        self.zero_rows += again.zero_rows


def fault_problem(vectors: Vectors, fault: Fault | None, policy: Policy) -> InputError | None:
    """Return the error for the first bad record of a chunk, unless such records are skipped."""
    if fault is None or policy.on_malformed == "skip":
        return None
    return InputError(
        fault.reason,
        ("Repair or delete the line" if vectors.has_lines else "Download or export it again")
        + ", or leave such records out with --on-malformed skip.",
        path=vectors.path,
        line=fault.line,
        byte=fault.byte,
    )


def duplicate_problem(path: str, line: int | None, key: bytes) -> InputError:
    """Return the error for a second record of a key, when duplicates are not allowed."""
    return InputError(
        "a second record of this key",
        "Keep one with --on-duplicate first or --on-duplicate last.",
        path=path,
        line=line,
        token=key.decode("utf-8", "replace"),
    )


def check_count(vectors: Vectors, total: int, policy: Policy) -> None:
    """Raise if the number of records differs from the one that the file's header promises."""
    problem = count_problem(vectors.declared_records, total)
    if problem is not None and policy.on_malformed == "error":
        raise InputError(*problem, path=vectors.path)


def count_problem(declared: int | None, total: int) -> tuple[str, str] | None:
    """Return reason and remedy if the header promises another number of records."""
    if declared is None or total == declared:
        return None
    fewer = total < declared
    return (
        f"the header promises {declared} records, the file has {total}"
        + (": it is truncated" if fewer else ""),
        ("Download or copy it again, or use" if fewer else "Correct the header, or use")
        + " what is there with --on-malformed skip.",
    )
