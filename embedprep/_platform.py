"""The few calls that differ between systems, each with a portable path."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import sys
import threading
from collections.abc import Iterable

WINDOWS = os.name == "nt"
"""Whether a file that is open or mapped cannot be renamed, replaced or removed."""
_seek_lock = threading.Lock()

_AT_ONCE = 1 << 20


def available_cores() -> int:
    """Cores this process may use, which in a container or under `taskset` are fewer than all."""
    if hasattr(os, "sched_getaffinity"):
        with contextlib.suppress(OSError):  # a sandbox may refuse it
            return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_at(fd: int, buffer: memoryview, offset: int) -> int:
    """Fill `buffer` from `offset` of the file; fewer bytes only at its end. Any thread may."""
    filled = 0
    while filled < len(buffer):
        count = read_once(fd, buffer[filled:], offset + filled)
        if count == 0:
            break
        filled += count
    return filled


def read_once(fd: int, buffer: memoryview, offset: int) -> int:
    """As `read_at`, but perhaps fewer bytes anywhere."""
    if hasattr(os, "preadv"):
        try:
            return os.preadv(fd, [buffer], offset)
        except OSError as error:
            if not _is_unsupported(error):
                raise
    # Windows has no positioned read, nor has some sandbox: two threads would share the position.
    with _seek_lock:
        os.lseek(fd, offset, os.SEEK_SET)
        content = os.read(fd, len(buffer))
    buffer[: len(content)] = content
    return len(content)


_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def _is_unsupported(error: OSError) -> bool:
    """Whether a file system or a sandbox has no such call, rather than a disk that failed."""
    return error.errno in _UNSUPPORTED


def announce(fd: int, ranges: Iterable[tuple[int, int]]) -> None:
    """Tell the system what will be read, an offset and a size each: a disk serves many wishes at a
    time.
    """
    if hasattr(os, "posix_fadvise"):
        advise, will_need = os.posix_fadvise, os.POSIX_FADV_WILLNEED
        with contextlib.suppress(OSError):  # it is only advice
            for offset, size in ranges:
                advise(fd, offset, size, will_need)


def allocate(fd: int, start: int, stop: int) -> None:
    """Give these bytes of the file real space, zeros, or raise OSError now.

    A sparse file would do for the content, but writing to a map of it on a full disk kills the
    process with SIGBUS.
    """
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(fd, start, stop - start)
        except OSError as error:
            if not _is_unsupported(error):
                raise
        else:
            return
    zeros = bytes(_AT_ONCE)
    os.lseek(fd, start, os.SEEK_SET)
    while start < stop:
        start += os.write(fd, zeros[: stop - start])


def write_at(fd: int, data: memoryview, offset: int) -> None:
    """Write all of `data` at `offset` of the file. Any thread may."""
    while data:
        count = _write_once(fd, data, offset)
        data, offset = data[count:], offset + count


def _write_once(fd: int, data: memoryview, offset: int) -> int:
    if hasattr(os, "pwrite"):
        try:
            return os.pwrite(fd, data, offset)
        except OSError as error:
            if not _is_unsupported(error):
                raise
    with _seek_lock:
        os.lseek(fd, offset, os.SEEK_SET)
        return os.write(fd, data)


def fits_in_memory(size: int) -> bool:
    """Whether so many bytes take at most half of the memory that this process can have.

    The other half is for the pages of the file to which they go.
    """
    return WINDOWS or 2 * size <= _available_memory()


def _available_memory() -> int:
    """Return the bytes that Linux has left, at most the limit of a container; elsewhere 0."""
    found = []
    with contextlib.suppress(OSError, ValueError, StopIteration), open(_MEMORY) as file:
        told = next(line for line in file if line.startswith("MemAvailable:"))
        found.append(1024 * int(told.split()[1]))
    for path in _LIMITS:
        with contextlib.suppress(OSError, ValueError), open(path) as file:  # "max" is no limit
            found.append(int(file.read()))
    return min(found, default=0)


_MEMORY = "/proc/meminfo"
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""The limit of the memory of a container, with version 2 and version 1 of control groups."""


def map_writable(fd: int, size: int) -> mmap.mmap:
    """Map the first `size` bytes of a file that has them; what is assigned is in the file."""
    return mmap.mmap(fd, size)


def sync_map(mapped: mmap.mmap, fd: int) -> None:
    """Send what was written through `mapped`, a map of the whole file `fd`, to the disk."""
    if sys.platform == "linux":
        # The pages stay in memory as those of the file. While they go to the disk, each that is
        # still in a map would interrupt every other thread, which may be reading it.
        with contextlib.suppress(OSError):  # it is only advice
            mapped.madvise(mmap.MADV_DONTNEED)
    sync(fd)


def sync(fd: int) -> None:
    """Send a file to the disk, if its file system can be told to."""
    try:
        os.fsync(fd)
    except OSError as error:
        if not _is_unsupported(error):
            raise


def sync_directory(path: str) -> None:
    """Make a rename in `path` durable. Windows cannot open directories, and need not."""
    if WINDOWS:
        return
    try:
        fd = os.open(path, os.O_RDONLY)
    except PermissionError:  # one may write to a folder that one may not read
        return
    try:
        sync(fd)
    finally:
        os.close(fd)
