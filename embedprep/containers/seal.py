"""The seal: a sha256 over a matrix file but for its rows, which have one in the report.

With both, no byte of a published file can change unseen. The seal stands in the file itself; its
own bytes count as zeros.
"""

from __future__ import annotations

import hashlib
import os

from embedprep import _platform
from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import Region

SEAL_BYTES = 32
_AT_ONCE = 1 << 20


def seal(file: AtomicFile, rows: tuple[int, int], at: int) -> None:
    """Put the seal into a finished file, whose matrix stands at the bytes `rows`."""
    with reporting(file.path):
        digest = _digest(file.fd, rows, at)
        os.lseek(file.fd, at, os.SEEK_SET)
    file.write(digest)


def is_sealed(fd: int, matrix: Region, seal: Region) -> bool:
    """Whether everything but the rows is as it was when the file was sealed."""
    there = bytearray(SEAL_BYTES)
    _platform.read_at(fd, memoryview(there), seal.offset)
    return bytes(there) == _digest(fd, (matrix.offset, matrix.end), seal.offset)


def _digest(fd: int, rows: tuple[int, int], at: int) -> bytes:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_AT_ONCE))
    size = os.fstat(fd).st_size
    skipped = sorted([(*rows, False), (at, at + SEAL_BYTES, True)])
    position = 0
    for begin, end, is_seal in [*skipped, (size, size, False)]:
        # Nothing is read behind the end, where a damaged file may say that something stands.
        while position < begin and (
            count := _platform.read_at(fd, buffer[: begin - position], position)
        ):
            digest.update(buffer[:count])
            position += count
        if is_seal:
            digest.update(bytes(SEAL_BYTES))
        position = end
    return digest.digest()
