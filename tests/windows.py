"""Runs embedprep as Windows would: a file that is open or mapped keeps its name.

`python -m tests.windows build …` is `embedprep build …` in a process that cannot rename, replace or
remove such a file, nor open or sync a directory, and that lacks what Python has only on POSIX.
"""

from __future__ import annotations

import errno
import fcntl
import importlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from types import ModuleType
from typing import Any

_POSIX = {
    os: ("preadv", "posix_fallocate", "posix_fadvise", "sched_getaffinity", "getuid", "fork"),
    signal: ("SIGHUP", "SIGALRM", "SIGQUIT", "setitimer", "pthread_sigmask"),
}


def in_use(path: str) -> bool:
    """Whether this process has the file open or mapped."""
    real = os.path.realpath(path)
    with open("/proc/self/maps") as maps:
        if any(line.rstrip("\n").endswith(f" {real}") for line in maps):
            return True
    for fd in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{fd}") == real:
                return True
        except FileNotFoundError:  # that of the list itself
            continue
    return False


def _refused(path: str) -> PermissionError:
    return PermissionError(
        errno.EACCES,
        "The process cannot access the file because it is being used by another process",
        path,
    )


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*paths: Any, **options: Any) -> Any:
        for path in paths:
            if in_use(path):
                raise _refused(path)
        return function(*paths, **options)

    return guarded


def _temporary_file(dir: str | None = None) -> Any:
    file = tempfile.NamedTemporaryFile(dir=dir, delete=False)  # noqa: SIM115  as its caller does
    close = file.close

    def close_and_remove() -> None:
        close()
        os.unlink(file.name)

    file.close = close_and_remove  # type: ignore[method-assign]
    return file


def become_windows() -> None:
    """Change this process for good."""
    from embedprep import _platform

    os_open, os_fsync = os.open, os.fsync

    def open_file(path: Any, *arguments: Any, **options: Any) -> int:
        if os.path.isdir(path):
            raise _refused(path)
        return os_open(path, *arguments, **options)

    def fsync(fd: int) -> None:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        os_fsync(fd)

    changed: dict[ModuleType, dict[str, object]] = {
        os: {"open": open_file, "fsync": fsync},
        shutil: {"_use_fd_functions": False},  # it uses the functions of os, which are changed here
        tempfile: {"TemporaryFile": _temporary_file},
    }
    for name in ("replace", "rename", "unlink", "remove", "link"):
        changed[os][name] = _guarded(getattr(os, name))
    for module, attributes in changed.items():
        for name, value in attributes.items():
            setattr(module, name, value)
    for module, names in _POSIX.items():
        for name in names:
            delattr(module, name)
    _platform.WINDOWS = True


def main() -> None:
    """Run the command line."""
    importlib.import_module("embedprep.cli")
    become_windows()
    sys.argv[0] = "embedprep"
    from embedprep.__main__ import main as command

    command()


if __name__ == "__main__":
    main()
