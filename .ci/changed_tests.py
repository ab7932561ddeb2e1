"""Print the tests of what changed since main, one path a line: what `make check` runs.

The tests of `embedprep/ROOM/MODULE.py` are `tests/ROOM/test_MODULE.py`, or all of `tests/ROOM` if
there is no such file. A changed test stands for itself, a changed helper for its folder.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALWAYS = ("tests/test_import_order.py", "tests/core/test_both_cores.py")
ELSEWHERE = {
    "benchmarks": "tests/test_benchmarks.py",
    "docs": "tests/test_documentation.py",
    "embedprep/_native": "tests/core",
    "embedprep/cli": "tests/cli/test_bad_input.py",
    "examples": "tests/test_examples.py",
    "tests/torture": "tests/torture/test_campaigns.py::test_every_bug_can_still_be_planted",
}
"""Tests that have no name of the changed file, by its folder."""


def changed() -> Iterator[str]:
    """Files that differ from the commit where this branch left main, and new ones."""
    base = _git("merge-base", "HEAD", "main") or _git("merge-base", "HEAD", "origin/main")
    yield from _git("diff", "--name-only", "--diff-filter=d", *(base or ["HEAD"]))
    yield from _git("ls-files", "--others", "--exclude-standard")


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


def tests_of(file: str) -> list[str]:
    """Where the tests of a file should be, whether they are there or not."""
    path = Path(file)
    found = [test for folder, test in ELSEWHERE.items() if file.startswith(f"{folder}/")]
    if path.suffix != ".py" or file.startswith("tests/torture/"):
        return found  # the campaigns take minutes
    if path.parts[0] == "tests":
        return [file if path.name.startswith("test_") else str(path.parent)]
    if path.parts[0] == "embedprep":
        folder = Path("tests", *path.parts[1:-1])
        own = folder / f"test_{path.stem}.py"
        alone = (ROOT / own).exists() or folder == Path("tests")
        return [str(own if alone else folder), *found]
    return found


def main() -> None:
    """Leave out what is not there, and `tests` as a whole, which `make test` runs."""
    wanted = {*ALWAYS, *(test for file in changed() for test in tests_of(file))} - {"tests"}
    there = [test for test in sorted(wanted) if (ROOT / test.partition("::")[0]).exists()]
    sys.stdout.writelines(f"{test}\n" for test in there)


if __name__ == "__main__":
    main()
