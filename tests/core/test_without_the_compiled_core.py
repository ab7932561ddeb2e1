"""A package without a compiled core that works: every build says so in one line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PACKAGE

pytestmark = pytest.mark.parametrize("implementation", ["reference"], indirect=True)


def build(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build a small matrix with the package in `folder`."""
    (folder / "v.txt").write_text("the 1 2\ncat 3 4\n")
    (folder / "vocab.txt").write_text("the\ncat\n")
    # An installation in place has a finder of its own, which would still find the core.
    program = (
        "import sys; sys.path.insert(0, '.');"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in type(f).__module__];"
        "from embedprep.__main__ import main; main()"
    )
    words = ["build", "--vectors", "v.txt", "--vocab", "vocab.txt", "--vocab-format", "lines"]
    return subprocess.run(
        [sys.executable, "-c", program, *words, *options],
        cwd=folder,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.fixture
def without(tmp_path: Path) -> Path:
    """A folder with a copy of the package, whose compiled core is left out."""
    shutil.copytree(
        PACKAGE,
        tmp_path / "embedprep",
        ignore=shutil.ignore_patterns("_core*", "_native", "__pycache__"),
    )
    return tmp_path


def test_a_build_says_that_it_is_slow_and_what_helps(without: Path) -> None:
    err = build(without).stderr
    assert err.startswith("embedprep: note: the compiled core is missing; ")
    assert [line.partition(" ")[2][:5] for line in err.splitlines()] == ["note:", "wrote"]
    assert "pip install --force-reinstall --no-deps --no-cache-dir embedprep" in err
    assert build(without, "--quiet").stderr == ""


def test_one_that_cannot_be_loaded_is_told_apart(without: Path) -> None:
    """A C++ library that is too old, for example: then no other installation helps."""
    (without / "embedprep" / "_core.py").write_text(
        "raise ImportError('libstdc++.so.6: version GLIBCXX_3.4.29 not found')"
    )
    err = build(without).stderr
    assert "the compiled core cannot be loaded (libstdc++.so.6: version GLIBCXX_3.4.29" in err
