"""A process that damages the seeds of targets and reads them, until one breaks or it has enough.

`python -m tests.fuzz.worker RUNS SECONDS SEED DIRECTORY TARGET …` writes a line for each target:
its name, the number of inputs read and, behind it, what broke. The input that was tried last is in
the directory then, under the target's name.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import warnings
from pathlib import Path

from tests.fuzz.limits import MEGABYTES, bounded_time
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS


def attacked(name: str, runs: int, seconds: float, seed: str, directory: Path) -> str:
    """The inputs read by one target, as the line says it."""
    target, chance = TARGETS[name], random.Random(f"{name} {seed}")
    seeds = target.seeds()
    end = time.monotonic() + seconds
    done = 0
    while done < runs and time.monotonic() < end:
        data = mutated(seeds, target.words, chance)
        (directory / name).write_bytes(data)  # what kills this process is still there then
        try:
            with bounded_time():
                target.attempt(data, directory)
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}"
            return f"{done} {' '.join(reason.split())}"
        done += 1
    return str(done)


def main() -> None:
    """Attack the targets named, one after the other."""
    runs, seconds, seed, directory, *names = sys.argv[1:]
    # A number of the input that became an allocation ends as a MemoryError.
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    warnings.simplefilter("error")
    for name in names:
        line = attacked(name, int(runs), float(seconds), seed, Path(directory))
        sys.stdout.write(f"{name} {line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
