"""What a check has seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Of one check."""

    check: str
    ok: bool
    seen: str


class Wrong(Exception):  # noqa: N818  (no error of the program: what a check has found)
    """Raised by a check: what is not as it should be."""
