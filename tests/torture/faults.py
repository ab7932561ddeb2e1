"""Every system call of a build that touches the output fails, or is the last one.

A build without a fault is traced first; then, for each call that had to do with the output's
directory or a file in it, one build in which that very call fails for want of space or with an
I/O error, once or from there on, or in which a signal arrives during it. The old way of SQLite:
https://www.sqlite.org/testing.html#i_o_error_testing
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.torture.builds import Case, Ground, State, wrong
from tests.torture.forked import Outcome, Parent
from tests.torture.tally import Tally

CASES = [
    *(Case(ending, old=old) for ending in (".npy", ".h5", ".safetensors") for old in (True, False)),
    *(Case(ending, old=False, clobber=False) for ending in (".npy", ".safetensors")),
    Case(".npy", old=True, page=True),
    *(Case(".npy", old=old, index=True) for old in (True, False)),
]
QUICK = 4
"""Faults of each case in the quick part."""


@dataclass(frozen=True)
class Way:
    """What happens at a call."""

    counted_as: str
    injection: str
    codes: frozenset[int]
    """The exit codes that may follow; 0 too, where nothing depends on the call."""
    onwards: bool = False
    """Not only that once, but at every such call from there on."""


_FAILED = frozenset({0, 3, 5})
# 0 where all had been done when the signal came.
_STOP = Way("stops at a call", "signal=SIGTERM", frozenset({0, 143}))
_ONE_ERROR = Way("faults injected", "error=EIO", _FAILED)
_AT_READING = (_ONE_ERROR, _STOP)
_AT_WRITING = (
    Way("faults injected", "error=ENOSPC", _FAILED),
    Way("faults injected", "error=ENOSPC", _FAILED, onwards=True),
    _ONE_ERROR,
    Way("faults injected", "error=EIO", _FAILED, onwards=True),
    Way("kills at a call", "signal=SIGKILL", frozenset({137})),
    _STOP,
)
_NO_DISK = ("fcntl", "getcwd", "ioctl", "lseek")
"""Calls that touch nothing but the memory of the system."""
_READING = ("flock", "fstat", "newfstatat", "pread64", "read", "readlink", "statx")
"""Any other may change something, but for those that read the published file back."""


@dataclass(frozen=True)
class Fault:
    """At the `number`-th `call` of the process, counted from 1."""

    call: str
    number: int
    way: Way

    def __str__(self) -> str:
        onwards = " and on" if self.way.onwards else ""
        return f"{self.way.injection} at {self.call} {self.number}{onwards}"

    def options(self) -> list[str]:
        when = f"{self.number}{'+' * self.way.onwards}"
        injection = f"inject={self.call}:{self.way.injection}:when={when}"
        return ["-e", f"trace={self.call}", "-e", injection]


def run(full: bool) -> Tally:
    """All faults of all cases in full, else some of each."""
    tally = Tally("faults")
    if shutil.which("strace") is None:
        tally.left_out.append("all faults: strace is not installed (apt-get install strace)")
        return tally
    cases = CASES if full else CASES[::2]
    with ThreadPoolExecutor(2) as pool:
        for counts, broken in pool.map(lambda case: _campaign(case, full=full), cases):
            tally.counts += counts
            tally.broken += broken
    return tally


def _campaign(case: Case, *, full: bool) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as root, Parent(pages=case.page) as parent:
        ground = Ground(Path(root).resolve(), case, parent)
        faults = list(_faults(ground))
        if not full:
            faults = random.Random(str(case)).sample(faults, QUICK)
        for fault in faults:
            counts[fault.way.counted_as] += 1
            broken += [f"{case}: {fault}: {what}" for what in _try(ground, fault)]
    return counts, broken


def _try(ground: Ground, fault: Fault) -> list[str]:
    """What is broken after one fault."""
    ground.prepare()
    try:
        outcome, trace = _traced(ground, fault.options())
    except TimeoutError as error:
        return [str(error)]
    states, debris = ground.states(), ground.debris()
    mute, stuck = (fault.way.onwards and fault.call == call for call in ("write", "unlink"))
    broken = wrong(ground.case, states, outcome, fault.way.codes, mute=mute, stuck=stuck)
    if fault.way.injection.startswith("error") and "(INJECTED)" not in trace:
        broken.append("the fault was never met")
    if debris and not (stuck or outcome.code == 137):
        broken.append(f"left behind: {debris}")
    return broken + ground.next_run()


def _faults(ground: Ground) -> Iterator[Fault]:
    """All that are tried: at each call that touches the output in a build without faults."""
    ground.prepare()
    outcome, trace = _traced(ground, ["-yy"])
    assert outcome == Outcome(0, "", ""), outcome
    assert set(ground.states().values()) == {State.NEW}
    calls = list(_touching(trace, str(ground.place)))
    published = max(at for at, (name, _) in enumerate(calls) if name == "fsync") + 1
    for at, (name, number) in enumerate(calls):
        if name not in _NO_DISK:
            reading = name in _READING or at > published
            for way in _AT_READING if reading else _AT_WRITING:
                yield Fault(name, number, way)


_CALL = re.compile(r"(?P<thread>\d+) +(?P<name>\w+)\((?P<rest>.*)")
_FROM_ELSEWHERE = re.compile(r'AT_FDCWD<[^>]*>, "/')
"""An absolute path has nothing to do with the directory of the process."""


def _touching(trace: str, place: str) -> Iterator[tuple[str, int]]:
    """Each call with a path or a file in `place`: its name, and how many of that name it makes."""
    seen: Counter[str] = Counter()
    threads = (call["thread"] for call in _CALL.finditer(trace))
    main = next(threads)
    for call in _CALL.finditer(trace):
        if call["thread"] == main:
            name = call["name"]
            seen[name] += 1
            if place in _FROM_ELSEWHERE.sub('"/', call["rest"]):
                yield name, seen[name]


def _traced(ground: Ground, options: list[str]) -> tuple[Outcome, str]:
    """How the build ended under strace, and what that wrote."""
    trace = ground.place.with_name("trace")
    tracers: list[subprocess.Popen[bytes]] = []

    def attach(child: int) -> None:
        command = ["strace", "-f", "-o", str(trace), *options, "-p", str(child)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
        tracers.append(tracer)
        assert tracer.stderr is not None
        line = tracer.stderr.readline()
        assert line.endswith(b"attached\n"), line

    try:
        outcome = ground.parent.run(ground.arguments, ground.place, before=attach)
    finally:
        for tracer in tracers:
            tracer.communicate()  # it ends with the process that it traces
    return outcome, trace.read_text(errors="replace")
