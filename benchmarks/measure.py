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


@dataclass(frozen=True)
class Run:
    """One finished process: wall-clock seconds and the most bytes it held in memory at once."""

    seconds: float
    peak: int


def run(command: Sequence[str], *, cwd: Path) -> Run:
    """Run `command` to its end.

    Raises `ChildProcessError` with what it wrote to stderr where it did not end with 0.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            raise ChildProcessError(f"{' '.join(command)}\n{errors.read().decode()}")
    return Run(seconds, usage.ru_maxrss * 1024)


def peak_anonymous(command: Sequence[str], *, cwd: Path) -> int:
    """The most bytes of private memory `command` held, pages of mapped files not counted.

    Sampled, so a peak of less than two milliseconds may be missed; not to be timed.
    """
    peak = 0
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        status = Path(f"/proc/{child.pid}/status")
        while child.poll() is None:
            for line in status.read_text().splitlines():
                if line.startswith("RssAnon:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
            time.sleep(POLL_SECONDS)
    return peak
