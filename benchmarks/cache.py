"""Put a file out of the page cache, which needs no root, and see how much of it is in there."""

from __future__ import annotations

import ctypes
import mmap
import os
import time
from pathlib import Path

WINDOW_BYTES = 1 << 30
STILL_COLD = 0.01
"""A file of which so much is in memory counts as evicted."""
ATTEMPTS, WAIT_SECONDS = 10, 0.5
"""Pages that somebody reads at this moment stay where they are."""


class NotEvictedError(Exception):
    """A file is still in memory, or nobody can say."""


def evict(path: Path) -> None:
    """Leave nothing of `path` in memory. Raises `NotEvictedError`."""
    for _ in range(ATTEMPTS):
        _drop(path)
        left = resident(path)
        if left <= STILL_COLD:
            return
        time.sleep(WAIT_SECONDS)
    raise NotEvictedError(f"{left:.1%} of {path.name} stay in memory")


def _drop(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # pages that wait for the disk would stay
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def resident(path: Path) -> float:
    """The share of `path` that is in memory, 0 to 1. Raises `NotEvictedError` where none can say.

    A map is asked with `mincore`. Its pages are not touched, so asking brings nothing in.
    """
    system = ctypes.CDLL(None, use_errno=True)
    size, pages = path.stat().st_size, 0
    with path.open("rb") as file:
        for begin in range(0, size, WINDOW_BYTES):
            length = min(WINDOW_BYTES, size - begin)
            # A private map may be written to, or ctypes could not say where it is.
            with mmap.mmap(file.fileno(), length, flags=mmap.MAP_PRIVATE, offset=begin) as window:
                found = (ctypes.c_ubyte * -(-length // mmap.PAGESIZE))()
                first = ctypes.c_char.from_buffer(window)
                address = ctypes.c_void_p(ctypes.addressof(first))
                failed = system.mincore(address, ctypes.c_size_t(length), found)
                del first  # or the map could not be closed
                if failed:
                    raise NotEvictedError(f"mincore: {os.strerror(ctypes.get_errno())}")
                pages += bytes(found).translate(_LOWEST_BIT).count(1)
    return pages * mmap.PAGESIZE / max(size, 1)


_LOWEST_BIT = bytes(value & 1 for value in range(256))
"""The other bits of what `mincore` writes mean nothing."""
