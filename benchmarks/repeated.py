"""A text as long as is wanted, of the wide one: each record several times, each with its own key.

For what takes longer with more bytes. It is made for one measurement and deleted behind it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.files import publish

LEFT_FREE = 2_000_000_000
"""Bytes on the disk, for the matrices."""
_LINES_AT_ONCE = 100


class NoSpaceError(Exception):
    """The disk has no room for the text."""


@contextmanager
def repeated(path: Path, source: Path, copies: int) -> Iterator[Path]:
    """Each line of `source`, and `copies - 1` more times with a number behind its key.

    Raises `NoSpaceError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    needed = round(copies * source.stat().st_size * 1.01) + LEFT_FREE
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise NoSpaceError(f"{path.name} takes {needed / 1e9:.0f} GB, {free / 1e9:.0f} are free")
    try:
        publish(path, _lines(source, copies))
        yield path
    finally:
        path.unlink(missing_ok=True)


def _lines(source: Path, copies: int) -> Iterator[bytes]:
    chunk: list[bytes] = []
    with source.open("rb") as lines:
        for line in lines:
            key, _, values = line.partition(b" ")
            chunk.append(line)
            chunk += [b"%b#%d %b" % (key, copy, values) for copy in range(2, copies + 1)]
            if len(chunk) > _LINES_AT_ONCE * copies:
                yield b"".join(chunk)
                chunk.clear()
    yield b"".join(chunk)
