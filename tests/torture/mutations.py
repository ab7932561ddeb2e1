"""Bugs planted in copies of the package, one in each: the tests that are near must fail.

Only a red test counts; a bug without one is a test that is missing. Without a bug the same tests
must be green on a copy, or they would prove nothing.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import embedprep
from tests.torture.bugs import BUGS, QUICK, Bug
from tests.torture.tally import Tally

ROOT = Path(__file__).parents[2]
PACKAGE = Path(embedprep.__file__).parent
AT_ONCE = 2
PATIENCE = 900.0
"""Seconds after which tests hang: all of them together take minutes."""

# Exit codes: those of pytest, away from what Python itself ends with.
_GREEN, _RED = 50, 51

# An installation in place finds its modules before `sys.path` is asked, so its finders go. To be
# slow, on a machine that does other things too, is not to be red.
_CHILD = f"""
import sys
copy, root, *arguments = sys.argv[1:]
sys.meta_path[:] = [f for f in sys.meta_path if not type(f).__module__.startswith("_editable_")]
sys.path[:0] = [copy, root]
import embedprep, pytest
if not embedprep.__file__.startswith(copy):
    sys.exit("imported from " + embedprep.__file__)

class Patient:
    def pytest_configure(self):
        from hypothesis import HealthCheck, settings
        settings.register_profile(
            "planted", deadline=None, derandomize=True, database=None, max_examples=300,
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("planted")

sys.exit({_GREEN} + pytest.main(arguments, plugins=[Patient()]))
"""


def run(full: bool) -> Tally:
    """Every bug, or three."""
    tally = Tally("mutations")
    bugs = BUGS if full else {name: BUGS[name] for name in QUICK}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        nearby = sorted({test for bug in bugs.values() for test in bug.tests.split()})
        sound = pool.submit(_tested, Path(folder, "sound"), nearby, None)
        places = (Path(folder, str(number)) for number in range(len(bugs)))
        for name, fault in zip(bugs, pool.map(_caught, places, bugs.values()), strict=True):
            tally.counts["bugs planted"] += 1
            if fault is None:
                tally.counts["planted bugs caught"] += 1
            else:
                tally.broken.append(f"'{name}' in {bugs[name].file}: {fault}")
        code, output = sound.result()
        if code != _GREEN:
            tally.broken.append(f"without a bug: exit code {code}: {output[-1000:]}")
    return tally


def _caught(place: Path, bug: Bug) -> str | None:
    """None if a test fails for the bug; otherwise what happened instead."""
    if (PACKAGE / bug.file).read_text(encoding="utf-8").count(bug.old) != 1:
        return f"plant it anew: {bug.old!r} does not stand there once"
    code, output = _tested(place, bug.tests.split(), bug)
    if code == _GREEN:
        return f"no test fails of {bug.tests}"
    return None if code == _RED else f"exit code {code}: {output[-500:]}"


def _tested(place: Path, tests: Sequence[str], bug: Bug | None) -> tuple[int, str]:
    """Exit code and output of the tests, run on a copy of the package with the bug."""
    copy = place / "embedprep"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("_native", "__pycache__"))
    compiled = _compiled_core()
    if compiled is not None:
        shutil.copy(compiled, copy)
    if bug is not None:
        text = (copy / bug.file).read_text(encoding="utf-8")
        (copy / bug.file).write_text(text.replace(bug.old, bug.new), encoding="utf-8")
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += [f"--basetemp={place / 'tests'}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    kept.pop("EMBEDPREP_PURE", None)
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, str(place), str(ROOT), *options, *_paths(tests)],
            cwd=ROOT,
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, "it hangs"
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return done.returncode, done.stdout.decode(errors="replace")


def _paths(tests: Sequence[str]) -> list[str]:
    return [f"tests/{test}" for test in tests]


def _compiled_core() -> str | None:
    try:
        return importlib.import_module("embedprep._core").__file__
    except ImportError:
        return None
