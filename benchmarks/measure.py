"""Time and memory of one whole process (Linux).

The kernel starts a child's peak from the memory its parent had when it started the child. So the
program that measures imports nothing large: inputs are made and results are read in other
processes, and a peak can be believed from about 20 MB upwards.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.002
WATCH_SECONDS = 0.02
"""Between two looks at a run that is timed, too: too few to slow it down."""


@dataclass(frozen=True)
class Run:
    """One finished process: wall-clock seconds and the most bytes it held in memory at once.

    `anonymous` are those that no file stands behind, if it was watched.
    """

    seconds: float
    peak: int
    anonymous: int | None = None


def run(command: Sequence[str], *, cwd: Path, watch: bool = False) -> Run:
    """Run `command` to its end.

    Raises `ChildProcessError` with what it wrote to stderr where it did not end with 0. To `watch`
    adds up to `WATCH_SECONDS` to the time.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=errors)
        anonymous = _watched(child.pid) if watch else None
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            raise ChildProcessError(f"{' '.join(command)}\n{errors.read().decode()}")
    return Run(seconds, usage.ru_maxrss * 1024, anonymous)


def _watched(pid: int) -> int:
    """The most private memory of `pid` until it ends; somebody still has to wait for it."""
    peak = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, private_bytes(pid))
        time.sleep(WATCH_SECONDS)
    return peak


def peak_anonymous(command: Sequence[str], *, cwd: Path) -> int:
    """The most bytes of private memory `command` held, pages of mapped files not counted.

    Sampled, so a peak of less than two milliseconds may be missed; not to be timed.
    """
    peak = 0
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        while child.poll() is None:
            peak = max(peak, private_bytes(child.pid))
            time.sleep(POLL_SECONDS)
    return peak


def private_bytes(pid: int) -> int:
    """Memory that no file stands behind, swapped out or not; 0 for a process that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    fields = dict(line.split(":", 1) for line in status.splitlines())
    if "RssAnon" not in fields:  # it has ended, and nobody has waited for it
        return 0
    return 1024 * sum(int(fields[name].split()[0]) for name in ("RssAnon", "VmSwap"))
