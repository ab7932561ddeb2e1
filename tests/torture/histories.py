"""Random histories of a vector file: whatever happens to it, no build gives another matrix.

Between two steps the file is replaced by another one of the same size and an older time, written
into with its time kept as `cp -p` does, appended to, cut off, moved, or two of its lines change
places. A step is a build with an index, an update, or a build that reads the file twice while it
is replaced. Each must give, to the byte, what a build that only reads the file as it is gives, or
an error.
"""

from __future__ import annotations

import logging
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import embedprep
from embedprep.errors import InputError
from tests.torture.tally import Tally

QUICK, FULL = 4, 3_000
STEPS = 8
_RECORDS = 6_000
"""Enough that a change in the middle is far from both ends of the file."""

Result = tuple[bytes, dict[str, Any]] | str


@dataclass
class History:
    """One file in a folder of its own, and what was built from it before."""

    seed: int
    name: str
    chosen: random.Random = field(init=False)
    past: list[str] = field(default_factory=list)
    """What has happened, for the report of a broken promise."""
    times: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chosen = random.Random(self.seed)

    def fresh(self) -> list[bytes]:
        """The parts of a release of the file; two have the same size, ends and most records."""
        values = [(number, number / 7) for number in range(_RECORDS)]
        for _ in range(self.chosen.randrange(3)):
            values[self.chosen.randrange(2_500, 3_500)] = (self.chosen.randrange(9_999), 0.5)
        if self.name.endswith(".txt"):
            return [b"w%05d %09.4f %09.4f\n" % (n, a, b) for n, (a, b) in enumerate(values)]
        rows = (np.array(row, "<f4").tobytes() for row in values)
        return [b"%d 2\n" % _RECORDS, *(b"w%05d " % n + row for n, row in enumerate(rows))]

    def words(self) -> list[str]:
        wanted = self.chosen.sample(range(2_490, 3_510), 60)
        return ["", "unseen", *(f"{self.chosen.choice('wW')}{number:05d}" for number in wanted)]


# ---- what happens to the file


def replaced(history: History) -> None:
    """`mv`, `rsync -t`, a finished download: another file, with a time of its own."""
    Path("new").write_bytes(b"".join(history.fresh()))
    _dated(history, "new")
    os.replace("new", history.name)


def written_into(history: History) -> None:
    """`cp -p`: the same file gets another content, and the time of that."""
    Path(history.name).write_bytes(b"".join(history.fresh()))
    _dated(history, history.name)


def _dated(history: History, name: str) -> None:
    state = os.stat(history.name)
    history.times.append(state.st_mtime_ns)
    then = history.chosen.choice([*history.times, state.st_mtime_ns - 10**9, 10**18])
    os.utime(name, ns=(then, then))


def appended(history: History) -> None:
    with open(history.name, "ab") as file:
        file.write(history.fresh()[-1])


def cut_off(history: History) -> None:
    size = os.path.getsize(history.name)
    os.truncate(history.name, history.chosen.choice([size - 1, size // 2, max(size - 200, 0)]))


def exchanged(history: History) -> None:
    """Two lines of the same length change places, and the time stays."""
    state = os.stat(history.name)
    parts = history.fresh()
    a, b = history.chosen.sample(range(2_500, 3_500), 2)
    parts[a], parts[b] = parts[b], parts[a]
    Path(history.name).write_bytes(b"".join(parts))
    os.utime(history.name, ns=(state.st_atime_ns, state.st_mtime_ns))


def moved(history: History) -> None:
    """Away and back, or a copy in its place."""
    state = os.stat(history.name)
    os.rename(history.name, "away")
    if history.chosen.random() < 0.5:
        Path(history.name).write_bytes(Path("away").read_bytes())
        os.utime(history.name, ns=(state.st_atime_ns, state.st_mtime_ns))
    else:
        os.rename("away", history.name)


def named_again(history: History) -> None:
    Path("other-name").unlink(missing_ok=True)
    os.link(history.name, "other-name")


def indexed(history: History) -> None:
    try:
        embedprep.index(history.name)
    except InputError:
        Path(history.name + ".embedprep-index").unlink(missing_ok=True)


EVENTS = [replaced, written_into, appended, cut_off, exchanged, moved, named_again, indexed]


# ---- what is built


def built(history: History, vocab: list[str], **options: Any) -> Result:
    """The rows and the report, or the error."""
    return outcome(
        lambda: embedprep.build(
            history.name, vocab, "m.npy", oov="zeros", fallback="lower", durable=False, **options
        )
    )


def outcome(act: Callable[[], tuple[Any, ...]]) -> Result:
    try:
        matrix, coverage = act()[:2]
    except InputError as error:
        return error.reason
    report = coverage.to_dict()
    del report["run"]
    return matrix.tobytes(), report


def with_an_index(history: History) -> str | None:
    vocab = history.words()
    index = history.chosen.choice(["use", "make"])
    there = built(history, vocab, index=index)
    return _other(there, built(history, vocab, index="ignore"), f"a build with index={index}")


def updated(history: History) -> str | None:
    vocab = history.words()
    if not os.path.exists("old.npy"):
        built(history, history.words(), index=history.chosen.choice(["make", "ignore"]))
        if os.path.exists("m.npy"):
            os.replace("m.npy", "old.npy")
        return None
    if history.chosen.random() < 0.3:  # as after a download of the matrix
        os.utime("old.npy")
    index: Any = history.chosen.choice(["make", "make", "use"])
    there = outcome(
        lambda: embedprep.update("old.npy", vocab, output="m.npy", index=index, durable=False)
    )
    return _other(there, built(history, vocab, index="ignore"), f"an update with index={index}")


def read_twice(history: History) -> str | None:
    """The file changes between the two readings of one build."""
    vocab, event = history.words(), history.chosen.choice(EVENTS)
    before = built(history, vocab, index="ignore")
    readings: list[int | None] = []

    @contextmanager
    def progress(total: int | None) -> Iterator[Callable[[int], object]]:
        yield lambda count: None
        readings.append(total)
        if len(readings) == 1:
            event(history)

    index = history.chosen.choice(["use", "make", "ignore"])
    there = built(history, vocab, index=index, progress=progress)
    if there == before:
        return None
    after = built(history, vocab, index="ignore")
    return _other(there, after, f"a build with index={index} while it was {event.__name__}")


def _other(there: Result, expected: Result, what: str) -> str | None:
    """What is broken: another matrix or report than the file gives, or an error without cause."""
    if there == expected or isinstance(there, str):
        return None
    return f"{what} gives another matrix or report"


STEPS_BUILT = [with_an_index, updated, updated, read_twice]


def run(full: bool) -> Tally:
    """Thousands of histories in full, else some."""
    tally = Tally("histories")
    logging.getLogger("embedprep").setLevel(logging.ERROR)
    here, cache = os.getcwd(), os.environ.get("XDG_CACHE_HOME")
    try:
        for seed in range(FULL if full else QUICK):
            with tempfile.TemporaryDirectory() as folder:
                os.chdir(folder)
                os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "cache")
                _one(seed, tally)
                os.chdir(here)
    finally:
        os.chdir(here)
        os.environ.pop("XDG_CACHE_HOME")
        if cache is not None:
            os.environ["XDG_CACHE_HOME"] = cache
        logging.getLogger("embedprep").setLevel(logging.NOTSET)
    return tally


def _one(seed: int, tally: Tally) -> None:
    history = History(seed, "v.txt" if seed % 2 else "v.bin")
    Path(history.name).write_bytes(b"".join(history.fresh()))
    tally.counts["histories"] += 1
    for _ in range(STEPS):
        event, step = history.chosen.choice(EVENTS), history.chosen.choice(STEPS_BUILT)
        event(history)
        history.past += [event.__name__, step.__name__]
        tally.counts["builds and updates"] += 1
        broken = step(history)
        if broken is not None:
            tally.broken.append(f"history {seed}: {', '.join(history.past)}: {broken}")
            return
