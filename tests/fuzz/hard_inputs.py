"""Inputs that once broke something, or are known to be hard: one file each, by target."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).with_name("regressions")


def hard_inputs(target: str) -> list[Path]:
    """Those of one target."""
    return sorted(path for path in (FOLDER / target).iterdir() if not path.name.startswith("."))
