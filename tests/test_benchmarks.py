"""What measures: a benchmark that counts wrongly is worse than none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("it asks /proc", allow_module_level=True)

from benchmarks import cache, contests, entrants, huge, race, report
from benchmarks.agreement import ROOT
from benchmarks.contest import Contest, Contestant
from benchmarks.measure import run
from benchmarks.race import Patience

MEBIBYTE = 1 << 20


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
