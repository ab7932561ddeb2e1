"""An update, and beside it the same from scratch: equal, or a test is red."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.updating.updating import Taken

Files = dict[str, bytes | dict[str, Any]]


def published(stem: str, ending: str) -> Files:
    """What was written, but for what differs between any two runs; it is removed."""
    files: Files = {}
    for name in sorted(os.listdir()):
        if name.startswith(stem + "."):
            content = Path(name).read_bytes()
            if name.endswith(".coverage.json"):
                report = json.loads(content)
                del report["run"]
                files[name] = report
            else:
                files[name] = content
            os.unlink(name)
    assert stem + ending in files
    return files


def outcome(build: Any, ending: str) -> Files | str:
    """What a build has written, or its error."""
    try:
        build()
    except embedprep.InputError as error:
        return str(error)
    return published("new", ending)


def updated(
    vectors: str | list[str], old: Any, new: Any, *, ending: str = ".npy", **options: Any
) -> Taken | None:
    """What the update of a matrix for `old` to one for `new` took from it.

    Raises unless all files are, byte for byte, those of a build from scratch with `options`. None
    where the build of either fails; then the update fails likewise.
    """
    try:
        embedprep.build(vectors, old, "old" + ending, index="make", **options)
    except embedprep.InputError:
        return None
    return compared(vectors, new, ending=ending, **options)


def compared(
    vectors: str | list[str], new: Any, *, old: str = "old", ending: str = ".npy", **options: Any
) -> Taken | None:
    """The same of an `old` matrix that is there."""
    taken = []

    def update() -> None:
        made = embedprep.update(old + ending, new, output="new" + ending, index="make")
        taken.append(made.taken)

    fresh = outcome(
        lambda: embedprep.build(vectors, new, "new" + ending, index="ignore", **options), ending
    )
    assert outcome(update, ending) == fresh
    return taken[0] if taken else None


def notices(caplog: pytest.LogCaptureFixture) -> str:
    """The log since the last call."""
    text = caplog.text
    caplog.clear()
    return text
