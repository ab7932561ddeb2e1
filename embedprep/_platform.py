"""The few calls that differ between systems, each with a portable path."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import mmap
import os
import sys
import threading
from collections.abc import Iterable, Iterator

from embedprep.named_tuples import NamedTuple

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


class Mapped(NamedTuple):
    """Memory for the first bytes of a file."""

    memory: mmap.mmap
    is_file: bool
    """Whether it is the file itself; otherwise `write_back` copies it there."""


def map_writable(fd: int, size: int, *, in_order: bool) -> Mapped:
    """Map the first `size` bytes of a file that has them, which are filled from front to back if
    `in_order`. What is assigned is in the file after `write_back`.

    Where a mapped file cannot get its name, this is memory that belongs to no file. On Linux, so it
    is for rows in any order if the matrix is larger than a tenth of the free memory, and smaller
    than half of it. From a tenth on, the system writes pages to the disk while rows still come
    (`vm.dirty_background_ratio`), and the same page again for other rows: a matrix of 6 GB was
    written 20 times over. Below a tenth, nothing is written before the end, and a map saves a copy.
    """
    if WINDOWS:
        return Mapped(mmap.mmap(-1, size), is_file=False)
    free = free_memory()
    mapped = Mapped(mmap.mmap(fd, size), is_file=True)
    if size < free // 2:
        if not in_order and size > free // 10:
            with contextlib.suppress(OSError):  # a limit on the memory of the process
                mapped = Mapped(_private(size), is_file=False)
        # Rows are filled in any order, which asks for memory page by page. All at once, the
        # system hands it out in pieces of megabytes, and another thread can wait for that.
        populate = threading.Thread(
            target=_populate, args=(mapped.memory,), name="embedprep populate"
        )
        with contextlib.suppress(RuntimeError):  # the system may allow no more threads
            populate.start()
    elif sys.platform == "linux" and not in_order:
        # It goes to the disk and comes back while it is filled. Without the advice, the system
        # reads and writes a hundred kilobytes around each row.
        _advise(mapped.memory, mmap.MADV_RANDOM)
    return mapped


def write_back(mapped: Mapped, fd: int, start: int) -> None:
    """Bring `mapped` into the file `fd` from byte `start` on; mostly it is there already."""
    if mapped.is_file:
        if sys.platform == "linux":
            _advise(mapped.memory, mmap.MADV_NORMAL)  # from now on it is read front to back
        return
    os.lseek(fd, start, os.SEEK_SET)
    with memoryview(mapped.memory) as whole:
        while start < len(whole):
            with whole[start : start + _AT_ONCE] as part:
                start += os.write(fd, part)


def _private(size: int) -> mmap.mmap:
    """Return memory that belongs to no file, of zeros, in pieces of megabytes."""
    memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    _advise(memory, mmap.MADV_HUGEPAGE)
    return memory


def _advise(memory: mmap.mmap, advice: int) -> None:
    with contextlib.suppress(OSError):  # it is only advice
        memory.madvise(advice)


def free_memory(root: str = "/") -> int:
    """Return how many bytes of memory are free, in a container those of its limit.

    0 where the system does not say it, as only Linux does.
    """
    try:
        with open(os.path.join(root, "proc/meminfo")) as lines:
            free = 1024 * int(dict(line.split(":") for line in lines)["MemAvailable"].split()[0])
    except (OSError, KeyError):
        return 0
    return min([free, *_left_in_groups(root)])


_GROUPS = {
    "": ("sys/fs/cgroup", "memory.max", "anon "),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "total_rss "),
}
"""By the controllers of a control group: its folder, the file of its limit, and the name of the
memory that the system cannot take back; in version 2 and in version 1.
"""


def _left_in_groups(root: str) -> Iterator[int]:
    """Yield what each control group of this process leaves of a limit on memory."""
    with contextlib.suppress(OSError), open(os.path.join(root, "proc/self/cgroup")) as groups:
        for line in groups:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if controllers not in _GROUPS:
                continue
            folder, limit, used = _GROUPS[controllers]
            while path:  # in a container, perhaps only the last one, "/", has a folder
                group = os.path.join(root, folder + path)
                with contextlib.suppress(OSError, ValueError):  # the limit may be "max"
                    most = _number_in(os.path.join(group, limit))
                    yield most - _number_in(os.path.join(group, "memory.stat"), used)
                path = "" if path == "/" else os.path.dirname(path)


def _number_in(path: str, name: str = "") -> int:
    """Return the number in a file of a control group, or in its line that begins with `name`."""
    with open(path) as lines:
        return next((int(line.removeprefix(name)) for line in lines if line.startswith(name)), 0)


def _populate(mapped: mmap.mmap) -> None:
    # Not `mapped.madvise`, which keeps all other threads waiting. A refusal does not matter:
    # Linux before 5.14 does not know the request.
    first = ctypes.c_char.from_buffer(mapped)
    libc = ctypes.CDLL(None)
    libc.madvise(ctypes.byref(first), ctypes.c_size_t(len(mapped)), _MADV_POPULATE_WRITE)


def sync_map(mapped: Mapped, fd: int) -> None:
    """Send what was written through `mapped`, memory of the whole file `fd`, to the disk."""
    if sys.platform == "linux" and mapped.is_file:
        # The pages stay in memory as those of the file. While they go to the disk, each that is
        # still in a map would interrupt every other thread, which may be reading it.
        _advise(mapped.memory, mmap.MADV_DONTNEED)
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
