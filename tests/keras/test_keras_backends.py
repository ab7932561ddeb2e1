"""The tests of embedprep.keras on the other backends: Keras chooses its own when it is imported."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
HERE = os.environ["KERAS_BACKEND"]

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("slim_keras"),
]


@pytest.mark.parametrize("backend", ["torch"])
def test_every_test_of_keras_passes_on(backend: str) -> None:
    if backend == HERE or importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not another backend here")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS],
        env={**os.environ, "KERAS_BACKEND": backend},
        cwd=TESTS.parents[1],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
