"""Workers that cannot do the work, in processes of their own: the client says so within seconds."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client

import embedprep
from embedprep.cluster import asking, sending, tasks
from embedprep.cluster.failures import ClusterError, distributed_version
from embedprep.errors import EmbedprepError, InputError
from tests.cluster.test_on_cluster import started

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="needs /proc"),
]

TEXT = b"".join(b"word%d %d -0.25\n" % (i, i) for i in range(1000))
VECTORS = "/proc/self/cwd/v.txt"
"""Another file for each process that runs in another folder."""
SECONDS = 10.0

WITHOUT = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "embedprep":
            raise ModuleNotFoundError("No module named 'embedprep'")
sys.meta_path.insert(0, Finder())
"""
OTHER = "import embedprep; embedprep.__version__ = '9.9'"


class Crew:
    """A scheduler, and workers in processes of their own."""

    def __init__(self, address: str, folder: Path, resources: contextlib.ExitStack) -> None:
        self.address, self._folder, self._resources = address, folder, resources
        self.processes: list[subprocess.Popen[bytes]] = []

    def hire(self, start: str = "", text: bytes = TEXT) -> subprocess.Popen[bytes]:
        """Start a worker whose Python runs `start` first, in a folder with `text` in v.txt."""
        home = self._folder / f"worker-{len(self.processes)}"
        home.mkdir()
        (home / "v.txt").write_bytes(text)
        (home / "sitecustomize.py").write_text(start)
        options = f"--nthreads 1 --no-nanny --no-dashboard --local-directory {home}".split()
        command = ["-m", "distributed.cli.dask_worker", self.address, *options]
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=home,
            env=os.environ | {"PYTHONPATH": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        self._resources.callback(end, process)
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.processes), timeout=60)
        return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture
def crew(workdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    (workdir / "v.txt").write_bytes(TEXT)
    folder = tmp_path_factory.mktemp("crew")
    with started(0, folder) as cluster, contextlib.ExitStack() as resources:
        yield Crew(cluster.scheduler_address, folder, resources)


def built(crew: Crew, vectors: str = VECTORS, **options: Any) -> list[float]:
    options = {"worker_timeout": SECONDS, **options}
    matrix, _ = embedprep.build(
        vectors, ["word7", "word999"], engine="dask", scheduler=crew.address, **options
    )
    return [float(row[0]) for row in matrix]


@pytest.mark.parametrize(
    ("hired", "kind", "reason"),
    [
        ({"start": WITHOUT}, ClusterError, "cannot import embedprep: ModuleNotFoundError: No mod"),
        ({"start": OTHER}, ClusterError, rf"has embedprep 9\.9, not {embedprep.__version__}"),
        ({"text": TEXT[:-1]}, InputError, "finds another file under this name"),
        ({"text": TEXT[:-2] + b"6\n"}, InputError, "finds another file under this name"),
    ],
)
def test_a_worker_that_cannot_do_it(
    hired: dict[str, Any], kind: type[EmbedprepError], reason: str, crew: Crew
) -> None:
    """One of two; afterwards both are alive, and the good one is asked to do nothing."""
    crew.hire()
    other = crew.hire(**hired)
    begun = time.monotonic()
    with pytest.raises(kind, match=reason):
        built(crew)
    assert time.monotonic() - begun < SECONDS
    assert all(process.poll() is None for process in crew.processes)
    end(other)
    assert built(crew) == [7, 999]


def test_a_worker_without_the_library_of_an_address() -> None:
    question = sending.call("ask", [], ["s3fs", "no_such_library"])
    answer = question[0](*question[1:])
    problem = asking._problem("tcp://there:1", answer, distributed_version(), [])
    assert problem is not None
    assert "cannot import no_such_library: ModuleNotFoundError" in problem.reason
    assert "pip install no_such_library" in problem.remedy


def test_a_frozen_worker(crew: Crew, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(asking, "NOTE_SECONDS", 0.5)
    crew.hire()
    frozen = crew.hire()
    frozen.send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(ClusterError, match=r"the worker at tcp://.* does not answer"):
        built(crew, worker_timeout=2)
    assert time.monotonic() - begun < 10
    assert "waiting for the worker at tcp://" in caplog.text
    frozen.send_signal(signal.SIGCONT)
    assert built(crew) == [7, 999]


def test_nobody(crew: Crew, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(asking, "NOTE_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(ClusterError, match="for 2 seconds the cluster has had no worker") as error:
        built(crew, worker_timeout=2)
    assert time.monotonic() - begun < 10
    assert f"waiting for a worker: the scheduler at {crew.address} has none" in caplog.text
    assert "--worker-timeout" in error.value.remedy


def in_the_middle(crew: Crew, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Do something after the workers have been asked, and before they get work."""
    whole = tasks.Tasks.scanned

    def scanned(self: tasks.Tasks, *given: Any) -> Any:
        do()
        return whole(self, *given)

    monkeypatch.setattr(tasks.Tasks, "scanned", scanned)


def test_a_worker_that_freezes_later(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    only = crew.hire()
    in_the_middle(crew, monkeypatch, lambda: only.send_signal(signal.SIGSTOP))
    begun = time.monotonic()
    with pytest.raises(ClusterError, match="does not answer"):
        built(crew, worker_timeout=2)
    assert time.monotonic() - begun < 20


def test_workers_that_end_later(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    only = crew.hire()
    in_the_middle(crew, monkeypatch, lambda: end(only))
    with pytest.raises(ClusterError, match="for 2 seconds the cluster has had no worker"):
        built(crew, worker_timeout=2)


def test_a_worker_without_embedprep_that_joins_later(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = crew.hire()

    def exchange() -> None:
        crew.hire(WITHOUT)
        end(only)

    in_the_middle(crew, monkeypatch, exchange)
    with pytest.raises(ClusterError, match="has no embedprep: No module named 'embedprep'"):
        built(crew)
    assert crew.processes[1].poll() is None
    assert psutil.pid_exists(crew.processes[1].pid)


def test_a_file_that_is_replaced_in_the_middle(
    crew: Crew, monkeypatch: pytest.MonkeyPatch, workdir: Path
) -> None:
    """Of the same size, with the same head and tail."""
    crew.hire()
    shared = workdir / "v.txt"

    def replace() -> None:
        (workdir / "new.txt").write_bytes(TEXT)
        os.replace(workdir / "new.txt", shared)

    in_the_middle(crew, monkeypatch, replace)
    with pytest.raises(InputError, match="was replaced while it was being read"):
        built(crew, str(shared))
