"""Runs the fuzzers: libFuzzer on the core, compiled for it, and atheris on the readers of files.

What breaks something is kept in `regressions`, as a file whose name begins with the kind of break.
The inputs that went new ways are kept in build/fuzz, where the next run begins with them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.hard_inputs import FOLDER
from tests.fuzz.limits import MEGABYTES, SECONDS
from tests.fuzz.targets import TARGETS

_ROOT = Path(__file__).parents[2]
_BUILD = _ROOT / "build" / "fuzz"
_COMPILER = "clang++"
_FLAGS = (
    *("-std=c++17", "-O2", "-g", "-ffp-contract=off"),
    *("-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"),
)
_CORE = "core-"
_LONGEST, _LONGEST_OF_CORE = 4096, 256
"""Bytes of an input: short ones are many, and the core has no path that needs a long one."""
_PATIENCE = 120
"""Seconds that a fuzzer may take to begin and to end."""


@dataclass(frozen=True)
class Outcome:
    """What one fuzzer did."""

    target: str
    runs: int
    broken: str | None


def missing() -> list[str]:
    """The tools that are not here, each with the way to get it."""
    absent = []
    if shutil.which(_COMPILER) is None:
        absent.append("clang++ is not installed, so the core is not fuzzed: apt-get install clang")
    if importlib.util.find_spec("atheris") is None:
        absent.append("atheris is not installed, so no reader is fuzzed: pip install atheris")
    return absent


def fuzzed(seconds: int, *, jobs: int = 2) -> Iterator[Outcome]:
    """Fuzz each target that there is a tool for, `jobs` at a time, for so many seconds."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda name: _fuzz(name, seconds), filter(_is_possible, TARGETS))


def _is_possible(name: str) -> bool:
    if name.startswith(_CORE):
        return shutil.which(_COMPILER) is not None
    return importlib.util.find_spec("atheris") is not None


def _fuzz(name: str, seconds: int) -> Outcome:
    program: Callable[[str], list[str]] = _compiled if name.startswith(_CORE) else _interpreted
    corpus = _BUILD / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in TARGETS[name].seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    kept = FOLDER / name
    before = set(kept.iterdir())
    command = [
        *program(name),
        f"-max_total_time={seconds}",
        f"-timeout={SECONDS}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={_LONGEST_OF_CORE if name.startswith(_CORE) else _LONGEST}",
        "-print_final_stats=1",
        f"-artifact_prefix={kept}/",
        *(str(corpus), str(kept)),
    ]
    try:
        ended = subprocess.run(
            command, cwd=_ROOT, capture_output=True, timeout=seconds + _PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(name, 0, "the fuzzer itself does not end")
    log = ended.stderr.decode("utf-8", "replace")
    runs = re.search(r"number_of_executed_units: *([0-9]+)", log)
    done = int(runs[1]) if runs else 0
    if ended.returncode == 0:
        return Outcome(name, done, None)
    found = ", ".join(sorted(path.name for path in set(kept.iterdir()) - before))
    return Outcome(name, done, f"{found or 'no file'}: {_reason(log)}")


def _reason(log: str) -> str:
    """The line that says what is wrong."""
    lines = log.splitlines()
    telling = re.compile(r"ERROR|runtime error|the core is wrong|^[A-Za-z.]*(Error|Hang)\b")
    return next((line for line in lines if telling.search(line)), "\n".join(lines[-3:]))


def _compiled(name: str) -> list[str]:
    """The program that feeds the core, built anew: it takes seconds."""
    source = Path(__file__).parent / "core" / f"{name.removeprefix(_CORE)}.cpp"
    program = _BUILD / name
    include = _ROOT / "embedprep" / "_native"
    subprocess.run(
        [_COMPILER, *_FLAGS, f"-I{include}", str(source), "-o", str(program)],
        check=True,
        timeout=_PATIENCE,
    )
    return [str(program)]


def _interpreted(name: str) -> list[str]:
    return [sys.executable, "-m", "tests.fuzz.guided", name]
