"""Without `--scheduler`: processes of our own, of which nothing is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.cluster.served import serving

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(os.name == "nt", reason="signals are POSIX"),
]

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))
TEXT = b"".join(b"word%d %d -0.25\n" % (i, i) for i in range(1000))


def started(vectors: str, *options: str) -> subprocess.Popen[bytes]:
    """In a group of its own, as a shell starts it: what it starts is in the group, too."""
    Path("tmp").mkdir(exist_ok=True)
    Path("vocab.json").write_text(json.dumps(["word1", "word999", "absent"]))
    command = [EMBEDPREP, "build", "--vectors", vectors, "--vocab", "vocab.json", "-q", *options]
    return subprocess.Popen(
        command,
        env=os.environ | {"TMPDIR": os.path.abspath("tmp"), "NO_PROXY": "*"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def test_the_same_files_and_nothing_else(workdir: Path) -> None:
    Path("v.txt").write_bytes(TEXT)
    made = []
    for options in [[], ["--engine", "dask", "--threads", "2", "--fallback", "auto"]]:
        process = started("v.txt", *options, *["--fallback", "auto"][: 2 * (not options)])
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, b"", b"")
        report = json.loads(Path("embeddings.coverage.json").read_text())
        made.append((Path("embeddings.npy").read_bytes(), {**report, "run": None}))
    assert made[0] == made[1]
    assert os.listdir("tmp") == []


def test_ctrl_c_in_the_middle_of_a_range(workdir: Path) -> None:
    """The server answers the client, and keeps a worker waiting until all have been stopped."""
    process: list[subprocess.Popen[bytes]] = []
    stopped: list[psutil.Process] = []
    listening: set[str] = set()

    def interrupt(first: int, port: int) -> None:
        whole = psutil.Process(process[0].pid)
        workers = [child for child in whole.children(recursive=True) if is_worker(child)]
        if workers and not stopped:
            stopped.extend([whole, *workers])
            listening.update(ip for each in stopped for ip in listens(each))
            os.killpg(whole.pid, signal.SIGINT)
        psutil.wait_procs(stopped[1:], 20)

    with serving(TEXT) as served:
        served.before = interrupt
        process.append(started(served.address, "--engine", "dask", "--threads", "1"))
        out, err = process[0].communicate(timeout=60)
    assert (process[0].returncode, out, err) == (
        130,
        b"",
        b"embedprep: stopped, nothing was written\n",
    )
    assert listening == {"127.0.0.1"}, "nobody from outside can connect"
    assert len(stopped) == 2
    assert [each for each in stopped if is_alive(each)] == []
    assert sorted(os.listdir()) == ["tmp", "vocab.json"]
    assert os.listdir("tmp") == []


def is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return any("spawn_main" in argument for argument in process.cmdline())
    return False


def listens(process: psutil.Process) -> list[str]:
    connections = process.net_connections("inet")
    return [each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN]


def is_alive(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)


def test_a_program_that_forgets_its_workers(workdir: Path) -> None:
    """Each of them would run the whole of it."""
    Path("v.txt").write_bytes(TEXT)
    Path("program.py").write_text(
        "import embedprep\nembedprep.build('v.txt', ['word1'], engine='dask', threads=1)\n"
    )
    done = subprocess.run([sys.executable, "program.py"], capture_output=True, timeout=60)
    assert done.returncode == 1
    assert b"the workers on this machine do not start" in done.stderr
    assert b"""'if __name__ == "__main__":'""" in done.stderr
