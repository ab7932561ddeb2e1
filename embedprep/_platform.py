"""The few calls that differ between systems, each with a portable path."""

from __future__ import annotations

import contextlib
import ctypes
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
_MADV_POPULATE_WRITE = 23  # of <linux/mman.h>; the mmap module does not have it


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


def map_writable(fd: int, size: int) -> mmap.mmap:
    """Map the first `size` bytes of a file that has them; what is assigned is in the file after
    `write_back`.

    Where a mapped file cannot get its name, this is memory that belongs to no file.
    """
    if WINDOWS:
        return mmap.mmap(-1, size)
    mapped = mmap.mmap(fd, size)
    if sys.platform == "linux" and size < _half_of_memory():
        # Rows are filled in any order, which asks for memory page by page. All at once, the
        # system hands it out in pieces of megabytes, and another thread can wait for that.
        populate = threading.Thread(target=_populate, args=(mapped,), name="embedprep populate")
        with contextlib.suppress(RuntimeError):  # the system may allow no more threads
            populate.start()
    return mapped


def write_back(mapped: mmap.mmap, fd: int, start: int) -> None:
    """Bring `mapped` into the file `fd` from byte `start` on; mostly it is there already."""
    if not WINDOWS:
        return  # a file is the same memory as its map
    os.lseek(fd, start, os.SEEK_SET)
    with memoryview(mapped) as whole:
        while start < len(whole):
            with whole[start : start + _AT_ONCE] as part:
                start += os.write(fd, part)


def _half_of_memory() -> int:
    """In bytes. A map that is larger would go to the disk and come back while it is filled."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _populate(mapped: mmap.mmap) -> None:
    # Not `mapped.madvise`, which keeps all other threads waiting. A refusal does not matter:
    # Linux before 5.14 does not know the request.
    first = ctypes.c_char.from_buffer(mapped)
    libc = ctypes.CDLL(None)
    libc.madvise(ctypes.byref(first), ctypes.c_size_t(len(mapped)), _MADV_POPULATE_WRITE)


def sync_map(mapped: mmap.mmap, fd: int) -> None:
    """Send what was written through `mapped`, a map of the whole file `fd`, to the disk."""
    if WINDOWS:
        return  # it is not in the file yet
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
