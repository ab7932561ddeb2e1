"""Good files with one thing altered: none gives other rows without a word.

An alteration either writes the same data in another way (line ends, separators, quotes, the format
of numbers, a header, the order of records that carry their key), or damages the file so that it
contradicts itself (a field too many, two lines joined, a number that is none, an id twice, a count
that is wrong). A file that a program could have written for other rows is no alteration: a token
that is renamed, a number that is another number, a line less in a file that does not say how many
there are, a list of words in another order, a space in a key between tabs. So the rows are those
of the good file, or the build is refused, or the user is warned.
"""

from __future__ import annotations

import logging
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedprep
from embedprep.errors import EmbedprepError
from tests.torture.alterations import ALTERATIONS, GOOD, Good
from tests.torture.tally import Tally

SEED = 19
WHOLE, QUICK = 2_000, 100
SAME, REFUSED, WARNED, SILENT = "same rows", "refused", "warned", "silently other rows"


def run(full: bool) -> Tally:
    """All alterations of all good files, at one place after another, or a share of them."""
    tally = Tally("altered")
    for kind, alteration, what, told in outcomes(WHOLE if full else QUICK):
        tally.counts[what] += 1
        if what not in (SAME, REFUSED, WARNED):
            tally.broken.append(f"{kind}, {alteration}: {what} {told}")
    return tally


def outcomes(count: int) -> Iterator[tuple[str, str, str, str]]:
    """Of so many altered files: the good file, what was altered, what came of it, and a detail."""
    rng = random.Random(SEED)
    every = [
        (kind, name)
        for kind, good in GOOD.items()
        for name, (suits, _) in ALTERATIONS.items()
        if suits(good)
    ]
    rng.shuffle(every)
    with tempfile.TemporaryDirectory() as folder:
        rows = {kind: _built(good, good.content, folder)[2] for kind, good in GOOD.items()}
        for number in range(count):
            kind, name = every[number % len(every)]
            good = GOOD[kind]
            content = ALTERATIONS[name][1](good, rng)
            what, told, found = _built(good, content, folder)
            if what == SAME and found != rows[kind]:
                what = WARNED if told else SILENT
            yield kind, name, what, told


def _built(good: Good, content: bytes, folder: str) -> tuple[str, str, Any]:
    """What a build with `content` comes to, what it says, and its rows."""
    path = os.path.join(folder, good.name)
    Path(path).write_bytes(content)
    log = logging.getLogger("embedprep")
    said = _Said()
    log.addHandler(said)
    try:
        matrix, _ = embedprep.build(**good.arguments(path), oov="zeros")
    except EmbedprepError as error:
        return REFUSED, str(error), None
    except Exception as error:
        return f"{type(error).__name__}", str(error), None
    finally:
        log.removeHandler(said)
    return SAME, said.text, (matrix.shape, matrix.tobytes())


class _Said(logging.Handler):
    """What the command line would print on standard error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += record.getMessage() + "\n"
