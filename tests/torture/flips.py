"""Every byte of a published matrix flipped: verify finds each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import embedprep
from embedprep.errors import InputError
from embedprep.verification import verify
from tests.torture.tally import Tally

CONTAINERS = (".npy", ".h5", ".safetensors")
QUICK_STEP = 101
"""A prime, so that the bytes that are tried have no place in common."""


def run(full: bool) -> Tally:
    """One bit of every byte of each container, or of every 101st."""
    tally = Tally("flips")
    with tempfile.TemporaryDirectory() as folder:
        vectors = Path(folder) / "v.txt"
        vectors.write_text("the 1 2 3\ncat 4 5 6\nother 7 8 9\n")
        for container in CONTAINERS:
            path = os.path.join(folder, "m" + container)
            embedprep.build(vectors, ["", "[UNK]", "the", "cat", "unseen"], path)
            _flip_all(path, 1 if full else QUICK_STEP, tally)
    return tally


def _flip_all(path: str, step: int, tally: Tally) -> None:
    with open(path, "r+b", buffering=0) as file:
        content = file.read()
        for place in range(0, len(content), step):
            _put(file.fileno(), place, content[place] ^ (1 << place % 8))
            if _is_ok(path):
                tally.broken.append(f"byte {place} of {len(content)} of {os.path.basename(path)}")
            tally.counts["bytes flipped"] += 1
            _put(file.fileno(), place, content[place])


def _put(fd: int, place: int, byte: int) -> None:
    os.lseek(fd, place, os.SEEK_SET)
    os.write(fd, bytes([byte]))


def _is_ok(path: str) -> bool:
    try:
        return verify(path).ok
    except InputError:
        return False
