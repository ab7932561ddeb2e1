"""A text of 2,200,000 x 300, 5.6 GB: the shape of `glove.840B.300d.txt`.

Each record of the wide file several times, each time with another key, so that the words that are
wanted stand all over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.files import make_once, publish

TEXT_SHA256 = "2b78e73834526aa8f66ba2a9174a73e191b4071dfcced9aa4e0ea31cd2a92cd0"
_LINES_AT_ONCE = 1_000


def make_text(path: Path, wide: Path) -> None:
    """Each line of `wide`, and four or five more times with a number behind its key."""
    make_once(path, TEXT_SHA256, lambda path: publish(path, _lines(wide)))


def keys(words: list[str]) -> list[str]:
    """Those of its records in file order, where those of the wide file are `words`."""
    return [
        key
        for number, word in enumerate(words)
        for key in (word, *(f"{word}#{copy}" for copy in _copies(number)))
    ]


def _copies(number: int) -> range:
    """What is written behind the key of record `number`, one a copy."""
    return range(2, 6 + number % 2)


def _lines(wide: Path) -> Iterator[bytes]:
    chunk: list[bytes] = []
    with wide.open("rb") as lines:
        for number, line in enumerate(lines):
            key, _, values = line.partition(b" ")
            chunk += [line, *(b"%b#%d %b" % (key, copy, values) for copy in _copies(number))]
            if len(chunk) > _LINES_AT_ONCE:
                yield b"".join(chunk)
                chunk.clear()
    yield b"".join(chunk)
