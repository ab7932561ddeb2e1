"""The ends of what can be asked for: bombs, endless lines, sizes, and many at once.

Promises: an error with a reason or the right matrix, in bounded memory; a file that others read or
write at the same time is always a whole one.
"""

from __future__ import annotations

import bz2
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

import embedprep
from embedprep.errors import EmbedprepError, InputError
from embedprep.verification import verify
from tests.torture.tally import Tally

PROGRAM = str(Path(sys.executable).with_name("embedprep"))
ADDRESS_SPACE = 1 << 30
"""Bytes that a build of a bomb may map: it must end with an error of ours, and not for want of
these, or at the hand of the system."""


def run(full: bool) -> Tally:
    """All of it; the quick part has smaller numbers."""
    tally = Tally("limits")
    attacks: list[tuple[str, Callable[[bool], list[str]]]] = [
        ("bombs and endless lines", _bombs),
        ("tokens in a vocabulary", _large_vocabulary),
        ("dimensions", _dimensions),
        ("empty inputs", _empty),
        ("matrices open at once", _many_open),
        ("builds racing for one path", _race),
        ("reads while it was published again", _republished),
    ]
    home = os.getcwd()
    for name, attack in attacks:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                done, *broken = attack(full)
            finally:
                os.chdir(home)
        tally.counts[name] += int(done)
        tally.broken += [f"{name}: {one}" for one in broken]
    return tally


def _build(*arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "build", *arguments]
    if limit is not None:  # by a shell: Python would have to fork, which threads do not survive
        command = ["sh", "-c", f'ulimit -v {limit >> 10}; exec "$@"', "sh", *command]
    return subprocess.run(command, capture_output=True, text=True)


def _bombs(full: bool) -> list[str]:
    """Kilobytes that are gigabytes, and lines without an end: refused, in little memory."""
    size = 4 << 30 if full else 64 << 20
    piece = 1 << 20
    Path("vocab.json").write_text('["the"]')
    made: dict[str, tuple[Callable[[bytes], bytes], bytes]] = {
        "line.txt.gz": (gzip.compress, b"x" * piece),
        "line.txt.bz2": (bz2.compress, b"x" * piece),
        "numbers.txt.gz": (gzip.compress, b"1 " * (piece // 2)),
        "zeros.bin.bz2": (bz2.compress, bytes(piece)),
    }
    broken = []
    for name, (compress, content) in made.items():
        # A file of several streams, one behind the other, is one file to every reader.
        stream = compress(content)
        with open(name, "wb") as file:
            for _ in range(size // piece):
                file.write(stream)
        done = _build(
            "--vectors", name, "--vocab", "vocab.json", "--threads", "2", limit=ADDRESS_SPACE
        )
        # 5 is what a number of dimensions gets that there is no memory for.
        if done.returncode not in (3, 5) or "Traceback" in done.stderr:
            broken.append(f"{name}: exit code {done.returncode}: {done.stderr[-200:]}")
        os.unlink(name)
    vocabulary = gzip.compress(b'["' + b"x" * (64 << 20) + b'"]')
    Path("long.json.gz").write_bytes(vocabulary)
    Path("v.txt").write_text("the 1 2\n")
    done = _build("--vectors", "v.txt", "--vocab", "long.json.gz", limit=ADDRESS_SPACE)
    if done.returncode not in (0, 3):
        broken.append(f"long.json.gz: exit code {done.returncode}: {done.stderr[-200:]}")
    return [str(len(made) + 1), *broken]


def _large_vocabulary(full: bool) -> list[str]:
    count = 5_000_000 if full else 50_000
    with open("v.txt", "w") as file:
        file.writelines(f"w{i} {i} 1\n" for i in reversed(range(count)))
    Path("vocab.json").write_text(json.dumps([f"w{i}" for i in range(count)]))
    done = _build("--vectors", "v.txt", "--vocab", "vocab.json", "-q", "--no-sync")
    if done.returncode:
        return [str(count), f"exit code {done.returncode}: {done.stderr[-200:]}"]
    rows = np.load("embeddings.npy")
    right = np.array_equal(rows[:, 0], np.arange(count)) and (rows[:, 1] == 1).all()
    return [str(count), *([] if right else ["other rows than expected"])]


def _dimensions(full: bool) -> list[str]:
    broken = []
    sizes = (1, 2, 4096, 65_536)
    for dim in sizes:
        row = np.arange(dim, dtype=np.float32)
        Path("v.txt").write_text(f"the {' '.join(map(str, row.tolist()))}\n")
        for path in ("m.npy", "m.h5", "m.safetensors"):
            try:
                embedprep.build("v.txt", ["", "the"], path, vectors_format="glove")
                if not (np.array_equal(embedprep.open(path)[1], row) and verify(path).ok):
                    broken.append(f"{dim} in {path}: other values")
            except EmbedprepError as error:
                broken.append(f"{dim} in {path}: {error}")
    return [str(len(sizes) * 3), *broken]


def _empty(full: bool) -> list[str]:
    Path("empty").write_bytes(b"")
    Path("v.txt").write_text("the 1 2\n")
    Path("none.json").write_text("[]")
    broken = []
    for vectors, vocab in (("empty", "none.json"), ("v.txt", "empty"), ("v.txt", "none.json")):
        try:
            embedprep.build(vectors, vocab)
            broken.append(f"{vectors} and {vocab}: no error")
        except InputError:
            pass
    matrix, coverage = embedprep.build("v.txt", ["", "zebra"], "m.npy", oov="zeros")
    if coverage.counts.vocabulary.found or matrix.any() or not verify("m.npy").ok:
        broken.append("a vocabulary with no match: not zeros")
    return ["4", *broken]


def _many_open(full: bool) -> list[str]:
    """A matrix takes one file descriptor, and gives it back."""
    wanted = 10_000 if full else 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, wanted + 1000), hard))
    try:
        Path("v.txt").write_text("the 1 2\n")
        embedprep.build("v.txt", ["", "the"], "m.npy")
        before = len(os.listdir("/proc/self/fd"))
        matrices = [embedprep.open("m.npy") for _ in range(wanted)]
        used = len(os.listdir("/proc/self/fd")) - before
        right = all(matrix[1].tolist() == [1, 2] for matrix in matrices)
        del matrices
        left = len(os.listdir("/proc/self/fd")) - before
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    broken = [] if right else ["other rows"]
    if used > wanted or left:
        broken.append(f"{used} file descriptors for {wanted} matrices, {left} left open")
    return [str(wanted), *broken]


def _race(full: bool) -> list[str]:
    """Eight builds of different matrices for one path: the file is one of them, whole."""
    rounds = 10 if full else 1
    broken, count = [], 0
    for number in range(8):
        Path(f"v{number}.txt").write_text("".join(f"w{i} {number} {i}\n" for i in range(2000)))
    Path("vocab.json").write_text(json.dumps([f"w{i}" for i in range(2000)]))
    for _ in range(rounds):
        running = [
            subprocess.Popen(
                [PROGRAM, "build", "--vectors", f"v{number}.txt", "--vocab", "vocab.json", "-q"],
                stderr=subprocess.PIPE,
            )
            for number in range(8)
        ]
        for process in running:
            _, errors = process.communicate()
            count += 1
            if process.returncode:
                broken.append(f"exit code {process.returncode}: {errors.decode()[-200:]}")
        matrix = embedprep.open("embeddings.npy")
        report = verify("embeddings.npy").findings
        wrong = [one for one in report if not one.ok and one.check != "report beside"]
        if wrong or len(set(matrix.array[:, 0].tolist())) != 1:
            broken.append(f"a mixture: {wrong}")
        broken += [name for name in os.listdir() if name.startswith(".embedprep-")]
    return [str(count), *broken]


def _republished(full: bool) -> list[str]:
    """Readers map the file again and again while a writer publishes it again and again."""
    rounds = 300 if full else 8
    for number in range(2):
        Path(f"v{number}.txt").write_text("".join(f"w{i} {number} {i}\n" for i in range(500)))
    tokens = [f"w{i}" for i in range(500)]
    embedprep.build("v0.txt", tokens, "m.npy", durable=False)
    done = threading.Event()
    broken: list[str] = []
    reads = [0, 0]

    def read(which: int) -> None:
        while not done.is_set():
            try:
                matrix = embedprep.open("m.npy")
                first = set(matrix.array[:, 0].tolist())
                if len(first) != 1 or matrix.row("w499") != 499:
                    broken.append(f"a mixture of {first}")
            except Exception as error:
                broken.append(repr(error)[:200])
            reads[which] += 1

    readers = [threading.Thread(target=read, args=(which,)) for which in range(2)]
    for reader in readers:
        reader.start()
    for number in range(rounds):
        embedprep.build(f"v{number % 2}.txt", tokens, "m.npy", durable=False)
    done.set()
    for reader in readers:
        reader.join()
    return [str(sum(reads)), *broken]
