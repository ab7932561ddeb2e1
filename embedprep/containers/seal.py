"""The seal: a sha256 over a matrix file except for its rows, whose sha256 is in the report.

With both, no byte of a published file can change unnoticed. The seal is in the file itself; its own
bytes count as zeros.
"""

from __future__ import annotations

import hashlib
import os

from embedprep import _platform
from embedprep.containers.atomic import AtomicFile, reporting
from embedprep.containers.layout import Region

SEAL_BYTES = 32
_AT_ONCE = 1 << 20


def seal(file: AtomicFile, rows: Region, at: int) -> None:
    """Write the seal into a finished file, at byte `at`."""
    with reporting(file.path):
        digest = _digest(file.fd, rows, at)
        os.lseek(file.fd, at, os.SEEK_SET)
    file.write(digest)


def is_sealed(fd: int, rows: Region, seal: Region) -> bool:
    """Whether everything except the rows is unchanged since the file was sealed."""
    there = bytearray(SEAL_BYTES)
    _platform.read_at(fd, memoryview(there), seal.offset)
    return bytes(there) == _digest(fd, rows, seal.offset)


def _digest(fd: int, rows: Region, at: int) -> bytes:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_AT_ONCE))
    size = os.fstat(fd).st_size
    skipped = sorted([(rows.offset, rows.end, False), (at, at + SEAL_BYTES, True)])
    position = 0
    for begin, end, is_seal in [*skipped, (size, size, False)]:
        # Nothing is read after the end of a file that is damaged, or was cut off meanwhile.
        while position < begin and (
            count := _platform.read_at(fd, buffer[: begin - position], position)
        ):
            digest.update(buffer[:count])
            position += count
        if is_seal:
            digest.update(bytes(SEAL_BYTES))
        position = end
    return digest.digest()
