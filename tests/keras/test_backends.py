"""Keras without the backend that it looks for: the user is told which one is there."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from embedprep.keras import backends


@pytest.mark.parametrize(
    ("missing", "there", "says"),
    [
        (
            "tensorflow",
            ["jax"],
            "tensorflow, which is not installed; jax is: set KERAS_BACKEND=jax",
        ),
        ("torch", ["jax", "tensorflow"], "jax and tensorflow are: set KERAS_BACKEND=jax before"),
        ("jax", ["torch"], "torch is: set KERAS_BACKEND=torch before"),
        ("tensorflow", [], "pip install jax, and set KERAS_BACKEND=jax"),
        ("keras", ["jax"], "pip install 'embedprep[keras]' jax"),
        ("optree", ["jax"], "Keras cannot be imported: No module named 'optree'"),
    ],
)
def test_what_is_missing(
    missing: str, there: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: object() if name in there else None)
    error = ModuleNotFoundError(f"No module named '{missing}'", name=missing)
    assert says in backends.what_is_missing(error)


def test_the_import_says_so_in_one_traceback() -> None:
    if importlib.util.find_spec("tensorflow") is not None:
        pytest.skip("TensorFlow is installed")
    done = subprocess.run(
        [sys.executable, "-c", "import embedprep.keras"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        check=False,
    )
    assert "set KERAS_BACKEND=" in done.stderr.splitlines()[-1]
    assert done.stderr.count("Traceback") == 1
