"""Signals that come at any time: `kill -9`, and those that ask a build to stop."""

from __future__ import annotations

import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.torture.builds import Case, Ground, had_begun, wrong
from tests.torture.forked import Outcome, Parent, exit_code
from tests.torture.tally import Tally

CASES = [
    Case(ending, old=old) for old in (True, False) for ending in (".npy", ".h5", ".safetensors")
]
SIGNALS = {"kills": ["SIGKILL"], "stops": ["SIGINT", "SIGTERM", "SIGHUP"]}
QUICK, FULL = {"kills": 2, "stops": 1}, {"kills": 48, "stops": 12}
"""How often each signal is sent, in each case; there are half as many cases in the quick part."""
WORDS = 5_000
"""Enough that every stage of a build takes some of its time."""
STARTING = 0.5
"""Seconds in which Python has started, and a build is under way."""


def run(full: bool) -> Tally:
    """More than 200 kills, and as many polite signals, in full; a twentieth of them else."""
    tally = Tally("signals")
    with ThreadPoolExecutor(2) as pool:
        campaigns = [
            pool.submit(_campaign, case, FULL if full else QUICK)
            for case in CASES[: None if full else len(CASES) // 2]
        ]
        for campaign in campaigns:
            counts, broken = campaign.result()
            tally.counts += counts
            tally.broken += broken
    return tally


def _campaign(case: Case, how_often: dict[str, int]) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    broken: list[str] = []
    times = random.Random(str(case))
    with tempfile.TemporaryDirectory() as root, Parent() as parent:
        ground = Ground(Path(root), case, parent, WORDS)
        length = _length(ground)
        for kind, names in SIGNALS.items():
            for name in names * how_often[kind]:
                at = times.uniform(0, length)
                ground.prepare()
                strike = (getattr(signal, name), at)
                try:
                    outcome = parent.run(ground.arguments, ground.place, strike=strike)
                except TimeoutError as error:
                    broken.append(f"{case}: {name} after {at:.3f} s: {error}")
                    continue
                counts["came too late" if outcome.code == 0 else kind] += 1
                broken += [
                    f"{case}: {name} after {at:.3f} s: {what}"
                    for what in _wrong(ground, outcome, name)
                ]
        for name in times.choices(SIGNALS["stops"], k=how_often["stops"]):
            ground.prepare()
            outcome = _stopped_at_the_start(ground, name, times.uniform(0, STARTING))
            counts["stops while it starts"] += 1
            broken += [f"{case}: {name} at the start: {e}" for e in _wrong(ground, outcome, name)]
    return counts, broken


def _wrong(ground: Ground, outcome: Outcome, name: str) -> list[str]:
    codes = {0, 128 + getattr(signal, name)}
    broken = wrong(ground.case, ground.states(), outcome, codes)
    debris = ground.debris()
    if debris and name != "SIGKILL":
        broken.append(f"left behind: {debris}")
    return broken + ground.next_run()


def _length(ground: Ground) -> float:
    """Seconds that a build takes."""
    taken = []
    for _ in range(3):
        ground.prepare()
        start = time.monotonic()
        ground.parent.run(ground.arguments, ground.place)
        taken.append(time.monotonic() - start)
    return statistics.median(taken)


def _stopped_at_the_start(ground: Ground, name: str, seconds: float) -> Outcome:
    """The command as a shell starts it, which gets a signal while it imports what it needs."""
    command = str(Path(sys.executable).with_name("embedprep"))
    process = subprocess.Popen(
        [command, *ground.arguments],
        cwd=ground.place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(seconds)
    process.send_signal(getattr(signal, name))
    out, err = (stream.decode() for stream in process.communicate())
    code = exit_code(process.returncode)
    if name == "SIGINT" and code == 1 and not had_begun(err):
        code = 128 + signal.SIGINT
    return Outcome(code, out, err)
