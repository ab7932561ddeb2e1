"""How much memory is free, and whether a matrix is filled in it or in its file."""

from __future__ import annotations

import errno
import mmap
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import _platform
from embedprep.errors import OutputError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is free")

FREE = "MemTotal:       20000 kB\nMemAvailable:   10000 kB\nHugePages_Total:       0\n"
V2 = "0::/user/job\n"
V1 = "5:devices:/job\n4:memory:/user/job\n0::/\n"


def system(root: Path, groups: str, files: dict[str, str]) -> str:
    """A system with these files, whose process is in the control groups `groups`."""
    for name, text in {"proc/meminfo": FREE, "proc/self/cgroup": groups, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


def group(folder: str, limit: str, anon: int = 1_000) -> dict[str, str]:
    """The files of one control group of version 2."""
    return {
        f"sys/fs/cgroup{folder}/memory.max": f"{limit}\n",
        f"sys/fs/cgroup{folder}/memory.stat": f"anon {anon}\nfile 77\nanon_thp 5\n",
    }


@pytest.mark.parametrize(("groups", "files", "free"), [
    pytest.param("", {}, 10_240_000, id="no groups"),
    pytest.param(V2, {}, 10_240_000, id="no limits"),
    pytest.param(V2, group("/user/job", "max"), 10_240_000, id="a group without a limit"),
    pytest.param(V2, group("/user/job", "9000"), 8_000, id="a limit"),
    pytest.param(V2, group("/user", "9000"), 8_000, id="a limit of the group around it"),
    pytest.param(V2, group("", "9000"), 8_000, id="seen from a container"),
    pytest.param(
        V2, group("/user/job", "9000") | group("/user", "7000", 4_000), 3_000, id="the lower one"
    ),
    pytest.param(V2, group("/user/job", "99000000000"), 10_240_000, id="a limit above the memory"),
    pytest.param(V1, {
        "sys/fs/cgroup/memory/user/job/memory.limit_in_bytes": "9000\n",
        "sys/fs/cgroup/memory/user/job/memory.stat": "cache 5\nrss 10\ntotal_rss 2000\n",
    }, 7_000, id="version 1"),
    pytest.param(V1, {
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9000\n",
        "sys/fs/cgroup/memory/memory.stat": "total_rss 2000\n",
    }, 7_000, id="version 1, seen from a container"),
])  # fmt: skip
def test_free_memory(groups: str, files: dict[str, str], free: int, tmp_path: Path) -> None:
    assert _platform.free_memory(system(tmp_path, groups, files)) == free


def test_a_system_that_does_not_say(tmp_path: Path) -> None:
    assert _platform.free_memory(str(tmp_path)) == 0
    assert 0 < _platform.free_memory() < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


SIZE = 1 << 20


@pytest.mark.parametrize(("free", "in_order", "is_file"), [
    (0, False, True),
    (2 * SIZE, False, True),
    (2 * SIZE + 2, False, False),
    (10 * SIZE - 10, False, False),
    (10 * SIZE, False, True),
    (5 * SIZE, True, True),
])  # fmt: skip
def test_where_rows_in_any_order_go(
    free: int, in_order: bool, is_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_platform, "free_memory", lambda: free)
    with open(tmp_path / "rows", "wb+") as file:
        file.truncate(SIZE)
        mapped = _platform.map_writable(file.fileno(), SIZE, in_order=in_order)
        assert mapped.is_file is is_file
        mapped.memory[-3:] = b"end"
        mapped.memory[2:5] = b"row"
        assert (os.pread(file.fileno(), 3, 2) == b"row") is is_file
        _platform.write_back(mapped, file.fileno(), 2)
        _platform.sync_map(mapped, file.fileno())
        assert mapped.memory[:5] == b"\0\0row"
        assert os.pread(file.fileno(), SIZE, 0) == b"\0\0row" + bytes(SIZE - 8) + b"end"


def is_for_any_order(path: Path) -> bool:
    """Whether the system reads nothing around a page of this file that somebody wants."""
    of_file = Path("/proc/self/smaps").read_text().partition(f" {path}\n")[2]
    flags = of_file.partition("VmFlags:")[2].splitlines()[0]
    return "rr" in flags.split()


@pytest.mark.parametrize(("free", "in_order", "expected"), [
    (SIZE, False, True),
    (SIZE, True, False),
    (100 * SIZE, False, False),
])  # fmt: skip
def test_a_matrix_larger_than_the_memory(
    free: int, in_order: bool, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_platform, "free_memory", lambda: free)
    path = tmp_path / "rows"
    with path.open("wb+") as file:
        file.truncate(SIZE)
        mapped = _platform.map_writable(file.fileno(), SIZE, in_order=in_order)
        assert is_for_any_order(path) is expected
        _platform.write_back(mapped, file.fileno(), 0)
        assert not is_for_any_order(path)


def test_a_limit_on_the_memory_of_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ulimit -d` counts private memory alone, so the rows go to the file."""

    def private(size: int) -> mmap.mmap:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(_platform, "free_memory", lambda: 5 * SIZE)
    monkeypatch.setattr(_platform, "_private", private)
    with open(tmp_path / "rows", "wb+") as file:
        file.truncate(SIZE)
        assert _platform.map_writable(file.fileno(), SIZE, in_order=False).is_file


# ---- whole builds, whose matrix is a fifth of the free memory


OUTPUTS = ("m.npy", "m.h5", "m.safetensors")
WORDS = [f"w{i}" for i in range(5_000)]


def build(output: str, **options: Any) -> None:
    embedprep.build("v.txt", WORDS[::-1], output, oov="uniform", **options)


@pytest.fixture
def vectors(workdir: Path) -> None:
    rng = np.random.default_rng(4)
    with open("v.txt", "w") as file:
        for word in WORDS[::2]:
            file.write(f"{word} {' '.join(f'{x:.4f}' for x in rng.normal(size=60))}\n")


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_same_file_from_memory(
    output: str, durable: bool, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(output, dtype=dtype)
    expected = Path(output).read_bytes()
    size = 60 * len(WORDS) * np.dtype(dtype).itemsize
    monkeypatch.setattr(_platform, "free_memory", lambda: 5 * size)
    build(output, dtype=dtype, durable=durable)
    assert Path(output).read_bytes() == expected
    assert embedprep.verify(output).ok


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_disk_that_is_full_after_all(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compressing file system has promised the space, and cannot keep it."""
    Path(output).write_bytes(b"of yesterday")
    before = sorted(os.listdir())
    monkeypatch.setattr(_platform, "free_memory", lambda: 5 * 240 * len(WORDS))
    write = os.write

    def full(fd: int, data: Any) -> int:
        if len(data) > 100_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match="cannot write it"):
        build(output)
    assert sorted(os.listdir()) == before
    assert Path(output).read_bytes() == b"of yesterday"
