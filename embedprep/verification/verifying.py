"""All checks of one file, one after the other."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from embedprep.errors import printable
from embedprep.matrix import EmbeddingMatrix
from embedprep.verification import checks

SCHEMA = "embedprep.verification/1"


@dataclass(frozen=True)
class Finding:
    """What one check has seen."""

    check: str
    ok: bool
    seen: str


@dataclass(frozen=True)
class Verification:
    """All findings of a file; shows itself as a table."""

    path: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "ok": self.ok, **asdict(self)}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def __str__(self) -> str:
        lines = [
            f"{finding.check:<16}{'ok' if finding.ok else 'WRONG':<8}{printable(finding.seen)}"
            for finding in self.findings
        ]
        return "\n".join([printable(self.path), "", *lines])


def verify(path: str | os.PathLike[str], *, keras: bool = False) -> Verification:
    """Check a matrix that `build` wrote against what its report says of it.

    keras: load it into a layer of the installed Keras, too, and compare every row.

    Raises InputError for a file that cannot be opened as a matrix at all, UsageError without Keras.
    """
    matrix = EmbeddingMatrix(path)
    wanted = {**checks.CHECKS, **({"keras": checks.keras} if keras else {})}
    findings = tuple(_finding(name, check, matrix) for name, check in wanted.items())
    return Verification(matrix.path, findings)


def _finding(
    name: str, check: Callable[[EmbeddingMatrix], str], matrix: EmbeddingMatrix
) -> Finding:
    try:
        return Finding(name, True, check(matrix))
    except checks.Wrong as wrong:
        return Finding(name, False, str(wrong))
