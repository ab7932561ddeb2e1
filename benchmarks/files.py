"""Publish a file under its name only once it is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

READ_BYTES = 1 << 22


def publish(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks` beside `path`, then rename: whoever sees `path` sees all of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two runs at once from writing into each other's unfinished file.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """SHA-256 of the whole file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as source:
        while chunk := source.read(READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
