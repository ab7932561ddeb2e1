"""What measures: a benchmark that counts wrongly is worse than none."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it asks /proc", allow_module_level=True)

from benchmarks import cache, contests, entrants, huge, race, report
from benchmarks.agreement import ROOT
from benchmarks.contest import Contest, Contestant
from benchmarks.cost_model import Rates, Site, Task, bytes_moved, client_memory, cost
from benchmarks.measure import run
from benchmarks.processes import Received, bytes_read
from benchmarks.race import Patience
from benchmarks.repeated import NoSpaceError, repeated

pytestmark = pytest.mark.parametrize("implementation", ["reference"], indirect=True)

MEBIBYTE = 1 << 20
RATES = Rates(
    scan=1e9,
    decode=1e8,
    rest=1.0,
    rest_wanted=1e-5,
    memory=50e6,
    memory_wanted=200,
    task=0.01,
    receive=5e8,
    message=400,
    worker=60e6,
    worker_wanted=150,
)


def task(**changed: object) -> Task:
    """64 GiB in 1,024 tasks."""
    facts = {"file": 1 << 36, "records": 1 << 25, "dim": 300, "wanted": 10_000, "found": 8_000}
    return Task(**{"how": "cluster", "workers": 4} | facts | changed)  # type: ignore[arg-type]


def test_bytes_come_from_every_record_every_hit_and_every_block() -> None:
    others = 8_000 * (300 * 4 + 16) + 16_384 * 400
    assert bytes_moved(task(records=1 << 20), RATES) == (1 << 20) * 8 + others
    # More are not kept: of those, what ten tasks of 1,024 send that are handed out by then.
    assert bytes_moved(task(), RATES) == ((1 << 24) + 10 * (1 << 15)) * 8 + others
    assert bytes_moved(task(how="threads"), RATES) == 0


def test_hashes_are_kept_up_to_a_number_and_an_index_always() -> None:
    own = 50e6 + 10_000 * 200
    assert client_memory(task(records=1 << 20, how="threads"), RATES) == own + 8 * (1 << 20)
    assert client_memory(task(records=1 << 33, how="threads"), RATES) == own + 8 * (1 << 24)
    indexed = task(records=1 << 33, how="with the index")
    assert client_memory(indexed, RATES) == own + 8 * (1 << 24) + 16 * (1 << 33)
    indexing = task(records=1 << 33, how="threads, indexing")
    assert client_memory(indexing, RATES) == own + 8 * (1 << 24) + 32 * (1 << 33)


@pytest.mark.parametrize(
    ("changed", "site", "bound", "seconds"),
    [
        ({}, Site(disk=1e9), "scan", 1.1 + ((1 << 36) / 1e9 + 8_000 * 300 / 1e8) / 4),
        ({"uncached": 1 << 36}, Site(disk=1e9), "disk", 1.1 + (1 << 36) / 1e9),
        ({}, Site(disk=1e9, network=1e6), "network", None),
        ({"workers": 1_000}, Site(disk=1e9), "client", None),
        ({"workers": 1_000}, Site(disk=1e9, cores=2), "cores", None),
    ],
)
def test_the_busiest_resource_decides(
    changed: dict[str, object], site: Site, bound: str, seconds: float | None
) -> None:
    predicted = cost(task(**changed), RATES, site)
    assert predicted.bound == bound
    if seconds is not None:
        assert predicted.seconds == pytest.approx(seconds)


@pytest.mark.no_cover
def test_the_model_knows_what_is_read_and_moved() -> None:
    """Measured: whoever makes workers send or read more finds the formulas wrong here."""
    pytest.importorskip("distributed")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scaling", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if re.match(r"\| text4 ", line)]
    assert len(rows) == 2, done.stdout
    for row in rows:
        read, moved, *_ = re.findall(r"\((\d+\.\d+|-)\)", row)
        assert float(read) == pytest.approx(1, abs=0.15), row
        if "Dask" in row:
            assert float(moved) == pytest.approx(1, abs=0.1), row
    assert "| 10 TB | 64 processes of Dask |" in done.stdout


def test_a_file_is_put_out_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(8 * MEBIBYTE + 1))
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if cache.resident(path) > 0.99:
            pytest.skip("a file system in memory")
        file.read()
    assert cache.resident(path) > 0.99
    cache.evict(path)
    assert cache.resident(path) < 0.01


def test_what_stays_in_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(MEBIBYTE))
    monkeypatch.setattr(cache, "_drop", lambda path: None)
    monkeypatch.setattr(cache, "WAIT_SECONDS", 0)
    with pytest.raises(cache.NotEvictedError, match=r"100\.0% of file stay in memory"):
        cache.evict(path)


def test_an_empty_file_is_not_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    cache.evict(path)
    assert cache.resident(path) == 0


def test_the_kernel_counts_what_comes_in() -> None:
    before = Received.so_far()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as one, server.accept()[0] as other:
            one.sendall(bytes(1_234))
            assert len(other.recv(1_234, socket.MSG_WAITALL)) == 1_234
            assert Received.so_far().from_itself - before.from_itself == 1_234
        program = "import socket, sys; s = socket.create_connection(('127.0.0.1', %d)); "
        program += "s.sendall(bytes(4321)); s.recv(1)"
        with subprocess.Popen([sys.executable, "-c", program % address[1]]) as child:
            with server.accept()[0] as other:
                assert len(other.recv(4_321, socket.MSG_WAITALL)) == 4_321
                assert Received.so_far().from_others - before.from_others == 4_321
            child.wait()


def test_what_is_read_of_files_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(3 * MEBIBYTE))
    before = bytes_read(os.getpid())
    path.read_bytes()
    assert 3 * MEBIBYTE <= bytes_read(os.getpid()) - before < 3.2 * MEBIBYTE


def test_a_watched_run_knows_its_private_memory() -> None:
    program = "import time; held = b'1' * (100 << 20); time.sleep(0.2)"
    watched = run([sys.executable, "-c", program], cwd=ROOT, watch=True)
    assert watched.anonymous is not None
    assert 100 * MEBIBYTE < watched.anonymous < 150 * MEBIBYTE
    assert run([sys.executable, "-c", ""], cwd=ROOT).anonymous is None


def test_a_heavy_program_runs_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(race, "DATA", tmp_path)
    evicted: list[Path] = []
    monkeypatch.setattr(race, "evict", evicted.append)
    light = Contestant("light", ("true",), suffix="")
    heavy = Contestant("heavy", ("true",), suffix="", heavy=True)
    there = tmp_path / "there"
    there.touch()
    results = race.compete([light, heavy], Patience(3, 1, 60), 0.0, [there, tmp_path / "absent"])
    assert [len(result.runs) for result in results.values()] == [3, 1]
    assert evicted == [there] * 4


@pytest.mark.parametrize("complete", [True, False])
def test_several_vocabularies_give_several_matrices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complete: bool
) -> None:
    program = tmp_path / "program"
    every = 'n=; for out; do [ "$n" ] && touch "$out"; n=; [ "$out" = -o ] && n=1; done; :'
    last = 'for out; do :; done; touch "$out"'
    program.write_text(f"#!/bin/sh\n{every if complete else last}\n")
    program.chmod(0o755)
    monkeypatch.setattr(entrants, "PROGRAM", str(program))
    folder = tmp_path / "folder"
    folder.mkdir()
    contestant = entrants.several(Path("v.txt"), [Path(f"{name}.json") for name in "abc"])
    command = [*contestant.command, str(folder / "matrix.npy")]
    assert (subprocess.run(command, check=False).returncode == 0) is complete
    names = ["b.npy", "c.npy", "matrix.npy"]
    assert sorted(os.listdir(folder)) == (names if complete else names[-1:])


def test_a_text_is_repeated_with_other_keys_and_deleted(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"one 1 2\ntwo 3 4\n")
    with repeated(tmp_path / "long", source, 3) as path:
        assert path.read_bytes() == (
            b"one 1 2\none#2 1 2\none#3 1 2\ntwo 3 4\ntwo#2 3 4\ntwo#3 3 4\n"
        )
    assert not path.exists()
    with pytest.raises(NoSpaceError, match=r"long takes \d+ GB, \d+ are free"):
        repeated(tmp_path / "long", source, 1 << 40).__enter__()


def test_the_keys_of_the_huge_text_are_those_in_it(tmp_path: Path) -> None:
    wide = tmp_path / "wide"
    words = [f"word{number}" for number in range(7)]
    wide.write_text("".join(f"{word} 1 2\n" for word in words))
    lines = b"".join(huge._lines(wide)).decode().splitlines()
    assert huge.keys(words) == [line.partition(" ")[0] for line in lines]
    assert huge.keys(["one"]) == ["one", "one#2", "one#3", "one#4", "one#5"]
    assert len(huge.keys(words)) == 7 * 5 + 3  # one more of every second


def test_contests_are_told_apart_by_their_titles() -> None:
    titles = [contest.title for contest in contests.all_contests()]
    assert len(set(titles)) == len(titles)


def test_a_contest_without_figures_says_why() -> None:
    floor = Contestant("cat", ("cat",), suffix="")
    contest = Contest(Path("v.txt"), Path("v.json"), 5, floor, (), label="cold cache")
    found = report.Report("today", {}, {}, {contest: "12% stay in memory"}, None, [])
    said = "5 tokens wanted of v.txt, cold cache: not measured: 12% stay in memory"
    assert said in report.as_text(found)
    assert said in report.as_markdown(found)
    assert report.as_json(found)["unmeasured"] == {contest.title: "12% stay in memory"}
