"""Damaged input of every kind: an error that says so, never a crash, a hang or endless memory.

In full, what broke something before, and fuzzers that look at the paths which the code takes. The
quick part only needs Python: inputs damaged at random, beside `tests/fuzz/test_regressions.py`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.campaign import fuzzed, missing
from tests.fuzz.hard_inputs import hard_inputs
from tests.fuzz.limits import Hang, bounded_time
from tests.fuzz.targets import TARGETS
from tests.torture.tally import Tally

_ROOT = Path(__file__).parents[2]
_RUNS = 200
_QUICK_SECONDS = 1
_PATIENCE = 120
"""Seconds for all targets of a worker, which takes a tenth of them."""
_FULL_SECONDS = 75
"""For each target; two of twelve run at a time."""


def run(full: bool) -> Tally:
    """Attack every reader, and both cores."""
    tally = Tally("fuzzing")
    if full:
        _replay(tally)
        tally.left_out += missing()
        for outcome in fuzzed(_FULL_SECONDS):
            tally.counts["inputs fuzzed"] += outcome.runs
            if outcome.broken is not None:
                tally.broken.append(f"{outcome.target}: {outcome.broken}")
        return tally
    names = list(TARGETS)
    with ThreadPoolExecutor(2) as pool:
        for runs, broken in pool.map(_damaged, (names[::2], names[1::2])):
            tally.counts["inputs damaged at random"] += runs
            tally.broken += broken
    return tally


def _replay(tally: Tally) -> None:
    with tempfile.TemporaryDirectory() as directory:
        for name, path in _all_hard_inputs():
            tally.counts["known hard inputs"] += 1
            try:
                with bounded_time():
                    TARGETS[name].attempt(path.read_bytes(), Path(directory))
            except (Exception, Hang) as error:
                tally.broken.append(f"{name}, {path.name}: {error!r}")


def _all_hard_inputs() -> Iterator[tuple[str, Path]]:
    return ((name, path) for name in TARGETS for path in hard_inputs(name))


def _damaged(names: list[str]) -> tuple[int, list[str]]:
    """Inputs read by a process of their own, which they may kill, and what broke."""
    done, broken = 0, []
    with tempfile.TemporaryDirectory() as directory:
        lines, end = _lines([str(_RUNS), str(_QUICK_SECONDS), "0", directory, *names])
        for name in names:
            runs, _, reason = lines.get(name, f"0 {end}").partition(" ")
            done += int(runs)
            if reason:
                path = Path(directory, name)
                tried = path.read_bytes().hex() if path.exists() else "nothing"
                broken.append(f"{name}: {reason}, by {tried}")
    return done, broken


def _lines(arguments: list[str]) -> tuple[dict[str, str], str]:
    """What a worker says of each target, and how it ended."""
    command = [sys.executable, "-m", "tests.fuzz.worker", *arguments]
    try:
        ended = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        text, end = ended.stdout, f"ended with {ended.returncode}: {ended.stderr[-300:]}"
    except subprocess.TimeoutExpired as error:
        text, end = (error.stdout or b"").decode(), "no end"
    pairs = (line.partition(" ") for line in text.splitlines())
    return {name: rest for name, _, rest in pairs}, end
