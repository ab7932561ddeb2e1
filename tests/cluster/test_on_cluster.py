"""Builds on a real cluster: the bytes of a local build, whatever becomes of a worker."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dask
import psutil
import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster

import embedprep
from embedprep import cluster as cluster_module
from embedprep.building import reading
from embedprep.cli.commands import cli
from embedprep.cluster import connection, tasks
from embedprep.cluster.failures import ClusterError
from embedprep.errors import InputError
from embedprep.matching import census
from tests.building.blocks import in_blocks_of
from tests.cluster.served import serving

pytestmark = pytest.mark.once

LINES = [b"word%d %d.50000000000000000 -0.25 1e-3\n" % (number, number) for number in range(6_000)]
VECTORS = b"".join(LINES)
VOCAB = ["", *(f"word{number}" for number in range(0, 6_000, 7)), "Word5", "absent"]
BLOCK, BLOCKS_A_TASK = 4096, 3
TASKS = -(-len(VECTORS) // (BLOCK * BLOCKS_A_TASK))


@contextlib.contextmanager
def started(workers: int, scratch: Path) -> Iterator[LocalCluster]:
    with (
        dask.config.set({"temporary-directory": str(scratch)}),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=60,
            memory_limit=0,
        ) as cluster,
    ):
        yield cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Two processes, which read with the compiled core where there is one."""
    with started(2, tmp_path_factory.mktemp("dask")) as both:
        yield both


@pytest.fixture(autouse=True)
def small_ranges(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(reading, "open_vectors", in_blocks_of(BLOCK))
    monkeypatch.setattr(cluster_module, "BLOCKS_A_TASK", BLOCKS_A_TASK)
    Path("v.txt").write_bytes(VECTORS)


def built(path: str = "v.txt", **options: Any) -> tuple[bytes, dict[str, Any]]:
    """The file that a build writes, and its report."""
    # A worker that was killed may take long to start again on a busy machine.
    _, coverage = embedprep.build(path, VOCAB, "m.npy", worker_timeout=120, **options)
    report = coverage.to_dict()
    del report["run"]
    return Path("m.npy").read_bytes(), report


def pids(cluster: LocalCluster) -> list[int]:
    return [nanny.pid for nanny in cluster.workers.values()]


def ports(pid: int) -> list[int]:
    """Of the process's own ends of connections."""
    with contextlib.suppress(psutil.Error):
        connections = psutil.Process(pid).net_connections("tcp4")
        return [connection.laddr.port for connection in connections if connection.raddr]
    return []


Advance = Callable[[int], object]


@contextlib.contextmanager
def half_way(total: int | None, then: Callable[[], object], seen: list[int]) -> Iterator[Advance]:
    """As progress: calls `then` when half of the bytes are read."""
    assert total is not None

    def advance(count: int) -> None:
        before = sum(seen)
        seen.append(count)
        if before < total // 2 <= sum(seen):
            then()

    yield advance


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"fallback": "auto"},
        {"fallback": "lower", "dtype": "float16", "on_duplicate": "last"},
        {"dim": 3, "oov": "normal", "index": "ignore"},
    ],
)
def test_the_same_bytes(options: dict[str, Any], cluster: LocalCluster) -> None:
    address = cluster.scheduler_address
    assert built(engine="dask", scheduler=address, **options) == built(**options)


def test_several_files(cluster: LocalCluster) -> None:
    Path("w.txt").write_bytes(b"absent 1 2 3\nword7 4 5 6\n" * 2)
    files = ["v.txt", "w.txt"]
    for combine in ("fill", "concat"):
        both = [
            embedprep.build(files, VOCAB, combine=combine, engine=engine, scheduler=scheduler)  # type: ignore[arg-type]
            for engine, scheduler in [("local", None), ("dask", cluster.scheduler_address)]
        ]
        assert both[0][0].tobytes() == both[1][0].tobytes()


SEVERAL: list[dict[str, Any]] = [
    {"vocab": VOCAB},
    {
        "vocab": {"WORD14": 3, "word21": 1, "nowhere": 0},
        "fallback": "lower",
        "on_duplicate": "last",
    },
    {"vocab": [f"word{number}" for number in range(0, 6_000, 5)], "dtype": "float16"},
    {"vocab": ["Word3", "WORD14", "word-7", *VOCAB[:200]], "fallback": "auto", "oov": "mean"},
]
"""Builds that want some of the same words."""


def several(engine: str, scheduler: str | None) -> list[tuple[bytes, dict[str, Any]]]:
    """The files and the reports of `SEVERAL`, made together."""
    common = {"vectors": "v.txt", "on_malformed": "skip", "engine": engine, "scheduler": scheduler}
    builds = [
        {**common, **own, "output": f"several-{number}.npy"} for number, own in enumerate(SEVERAL)
    ]
    found = []
    for build, (_, coverage) in zip(builds, embedprep.build_all(builds), strict=True):
        report = coverage.to_dict()
        del report["run"]
        found.append((Path(build["output"]).read_bytes(), report))
    return found


def test_several_vocabularies_in_one_reading(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files are read once, and once more for the forms that two of the builds look for."""
    lines = LINES.copy()
    lines[21:21] = [b"bad\n", b"word21 1 x 3\n", b"word14 7 8 9\n"]
    Path("v.txt").write_bytes(b"".join([*lines, b"word14 10 11 12\n", b"word4200 4 5 inf\n"]))
    readings: list[int] = []
    whole = tasks.Tasks.scanned

    def counted(self: tasks.Tasks, ranges: Any, keys: list[bytes] | None) -> Any:
        readings.append(len(keys or ()))
        return whole(self, ranges, keys)

    monkeypatch.setattr(tasks.Tasks, "scanned", counted)
    spread = several("dask", cluster.scheduler_address)
    assert len(readings) == 2
    assert spread == several("local", None)
    assert [report["records"]["duplicates"] for _, report in spread] == [2, 2, 0, 2]


def test_several_vocabularies_on_the_command_line(cluster: LocalCluster) -> None:
    Path("a.json").write_text(json.dumps(VOCAB))
    Path("b.json").write_text(json.dumps({"Word7": 0, "word8": 2, "absent": 3}))
    two = ["--vocab", "a.json", "-o", "a.npy", "--vocab", "b.json", "-o", "b.npy"]
    made = []
    for engine in ([], ["--engine", "dask", "--scheduler", cluster.scheduler_address]):
        command = ["build", "--vectors", "v.txt", *two, "--fallback", "lower", "-q", *engine]
        result = CliRunner().invoke(cli, command)
        assert (result.exit_code, result.output) == (0, ""), result.exception
        reports = [json.loads(Path(f"{name}.coverage.json").read_bytes()) for name in "ab"]
        rows = [Path(f"{name}.npy").read_bytes() for name in "ab"]
        made.append((rows, [{**report, "run": None} for report in reports]))
        for name in "ab":
            os.unlink(f"{name}.npy")
    assert made[0] == made[1]


def test_progress_is_that_of_the_file(cluster: LocalCluster) -> None:
    seen: list[int] = []
    progress = partial(half_way, then=lambda: None, seen=seen)
    built(engine="dask", scheduler=cluster.scheduler_address, progress=progress)
    assert sum(seen) == len(VECTORS)
    assert len(seen) > TASKS > 10
    local: list[int] = []
    built(progress=partial(half_way, then=lambda: None, seen=local))
    assert seen == local


@pytest.mark.parametrize("fallback", [(), "auto"])
def test_more_keys_than_a_census_keeps(
    fallback: Any, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other forms would find is told, or used, as long as it keeps all of them."""
    options = {"fallback": fallback, "engine": "dask", "scheduler": cluster.scheduler_address}
    monkeypatch.setattr(census, "MOST_KEYS", len(LINES))
    assert any(built(**options)[1][told] for told in ("advice", "fallback"))
    monkeypatch.setattr(census, "MOST_KEYS", 1000)
    spread = built(**options)
    assert spread == built(fallback=fallback)
    assert not any(spread[1][told] for told in ("advice", "fallback"))


def test_threads_are_not_counted_for_every_result(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_LOOK_SECONDS", 60)
    counted: list[dict[str, int]] = []
    whole: Any = Client.nthreads

    def nthreads(self: Client, **options: Any) -> dict[str, int]:
        counted.append(whole(self, **options))
        return counted[-1]

    monkeypatch.setattr(Client, "nthreads", nthreads)
    built(engine="dask", scheduler=cluster.scheduler_address)
    assert [sum(threads.values()) for threads in counted] == [2]


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_killed_half_way(workers: int, cluster: LocalCluster) -> None:
    """Of two, the second time both: then nobody has the keys any more, either."""
    killed: list[psutil.Process] = []

    def kill() -> None:
        killed.extend(map(psutil.Process, pids(cluster)[:workers]))
        for process in killed:
            process.kill()
        psutil.wait_procs(killed, 5)

    progress = partial(half_way, then=kill, seen=[])
    result = built(engine="dask", scheduler=cluster.scheduler_address, progress=progress)
    assert len(killed) == workers
    assert result == built()
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=20)


def test_four_ranges_over_http_and_a_worker_killed_in_the_middle_of_one(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "BLOCKS_A_TASK", 1)
    size = -(-len(VECTORS) // 4)
    monkeypatch.setattr(reading, "open_vectors", in_blocks_of(size))
    once = threading.Lock()
    killed: list[int] = []

    def kill(first: int, port: int) -> None:
        """Whoever asks for the third range, when it is asked for the first time."""
        if first == 2 * size and once.acquire(blocking=False):
            deadline = time.monotonic() + 5
            while not killed and time.monotonic() < deadline:
                killed.extend(pid for pid in pids(cluster) if port in ports(pid))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    with serving(VECTORS) as served:
        local = built(served.address)
        served.asked.clear()
        assert built(served.address, engine="dask", scheduler=cluster.scheduler_address) == local
        begins = {first for first, _ in served.asked if first % size == 0}
        assert begins == {0, size, 2 * size, 3 * size}
        served.before = kill
        assert built(served.address, engine="dask", scheduler=cluster.scheduler_address) == local
    assert len(killed) == 1
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=20)


def test_the_first_error_is_that_of_a_local_build(cluster: LocalCluster) -> None:
    lines = LINES.copy()
    lines[3500], lines[3501], lines[5_500] = b"word7 1 2\n", b"word7 1 x 3\n", b"bad\n"
    Path("v.txt").write_bytes(b"".join(lines))
    with pytest.raises(InputError) as local:
        built()
    with pytest.raises(InputError) as error:
        built(engine="dask", scheduler=cluster.scheduler_address)
    assert str(error.value) == str(local.value)
    assert error.value.line == 3501
    skip = {"on_malformed": "skip"}
    assert built(engine="dask", scheduler=cluster.scheduler_address, **skip) == built(**skip)


def test_an_error_leaves_nothing_on_the_cluster(cluster: LocalCluster) -> None:
    Path("v.txt").write_bytes(b"".join([*LINES[:2000], b"bad\n", *LINES[2000:]]))
    with Client(cluster, set_as_default=False) as client, client.as_current():
        with pytest.raises(InputError):
            built(engine="dask")
        assert client.status == "running", "it is not ours to close"
        deadline = time.monotonic() + 5
        while (left := client.run_on_scheduler(tasks_on)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert left == []


def tasks_on(dask_scheduler: Any) -> list[str]:
    return [str(key) for key in dask_scheduler.tasks]


def test_the_current_client(cluster: LocalCluster) -> None:
    with Client(cluster, set_as_default=False) as client, client.as_current():
        assert built(engine="dask", fallback="auto") == built(fallback="auto")
        assert client.status == "running"


def test_a_vocabulary_of_many_megabytes(cluster: LocalCluster) -> None:
    vocab = [f"word{number}" + "x" * 2000 * (number > 100) for number in range(6_000)]
    address = cluster.scheduler_address
    matrix, _ = embedprep.build("v.txt", vocab, oov="zeros", engine="dask", scheduler=address)
    assert matrix[:, 0].tolist() == [number + 0.5 for number in range(101)] + [0.0] * 5_899


@pytest.fixture
def empty_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A scheduler without workers."""
    with started(0, tmp_path_factory.mktemp("dask")) as nobody:
        yield nobody


def test_a_scheduler_that_goes_away(
    empty_cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_LOOK_SECONDS", 0.05)
    timer = threading.Timer(0.5, empty_cluster.close)
    timer.start()
    with pytest.raises(ClusterError, match="connection to the scheduler broke") as error:
        built(engine="dask", scheduler=empty_cluster.scheduler_address)
    timer.join()
    assert error.value.exit_code == 5


def test_a_cluster_with_another_version_of_the_library(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distributed.__version__", "2020.1")
    with pytest.raises(ClusterError, match=r"runs distributed .*, and this machine 2020\.1"):
        built(engine="dask", scheduler=cluster.scheduler_address)


def test_a_file_that_names_the_scheduler(cluster: LocalCluster) -> None:
    with Client(cluster, set_as_default=False) as client:
        client.write_scheduler_file("scheduler.json")
    assert built(engine="dask", scheduler="scheduler.json") == built()
    assert connection._address("scheduler.json") == cluster.scheduler_address
