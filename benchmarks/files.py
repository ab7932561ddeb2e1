"""Publish a file under its name only once it is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

READ_BYTES = 1 << 22


@contextmanager
def publishing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write beside `path`, renamed at the end: whoever sees `path` sees all of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process id keeps two runs at once from writing into each other's unfinished file.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def publish(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `chunks` and nothing else to `path`."""
    with publishing(path) as out:
        for chunk in chunks:
            out.write(chunk)


def make_once(path: Path, expected: str, make: Callable[[Path], None]) -> None:
    """Let `make` write `path` unless it has the SHA-256 `expected`, and has it afterwards.

    Raises `ValueError` where it comes out different.
    """
    if path.is_file() and sha256(path) == expected:
        return
    make(path)
    if sha256(path) != expected:
        path.unlink()
        raise ValueError(f"{path.name}: came out different from the file timed before")


def sha256(path: Path) -> str:
    """SHA-256 of the whole file, in hexadecimal."""
    with path.open("rb", buffering=0) as source:
        return sha256_of(source)


def sha256_of(source: IO[bytes]) -> str:
    """SHA-256 of what is left in `source`, in hexadecimal."""
    digest = hashlib.sha256()
    while chunk := source.read(READ_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
