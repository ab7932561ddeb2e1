"""A file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from embedprep import _platform
from embedprep.errors import OutputError, quoted, system_reason

_TEMPORARY = ".embedprep-"
_AT_ONCE = 16 << 20
"""The bytes that are moved at a time."""
_pending: set[str] = set()
"""Temporary files that this process may have made and not yet discarded."""


def is_temporary(name: str) -> bool:
    """Whether a file of this name is a temporary one, left over or still in use."""
    return name.startswith(_TEMPORARY)


def discard_pending() -> None:
    """Remove the temporary files of a process that a signal stops.

    The exception from a signal may come between any two steps, for example after a file was created
    but before its name was recorded for removal.
    """
    for path in _pending:
        with contextlib.suppress(OSError):
            os.unlink(path)


class AtomicFile:
    """A temporary file beside its target; `publish` puts it in the target's place.

    Invariant: the target is either wholly the old file or wholly this one. After `discard`, no
    temporary file is left.
    """

    def __init__(
        self, path: str, *, clobber: bool = True, durable: bool = True, follow_link: bool = True
    ) -> None:
        self.path = path
        folder, name = os.path.split(path)
        # A symbolic link keeps its destination, unless it is not to be followed.
        self._target = os.path.realpath(path if follow_link else folder)
        if not follow_link:
            self._target = os.path.join(self._target, name)
        self._clobber = clobber
        self.durable = durable
        self._directory = os.path.dirname(self._target)
        self.check_target()
        # A short name of its own, because the target's name may already be as long as names can be.
        self.temporary = os.path.join(self._directory, f"{_TEMPORARY}{os.urandom(8).hex()}.tmp")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._open = False
        self._reserved: os.stat_result | None = None
        _pending.add(self.temporary)
        try:
            with reporting(path):
                self.fd = os.open(self.temporary, flags, 0o666)
                self._open = True
                self._identity = os.fstat(self.fd)
                self._take_over()
        except BaseException:
            self.discard()
            raise

    def check_target(self) -> None:
        """Raise if the target cannot be replaced: a directory, a device, a stranger's link."""
        if _is_planted(self.path):
            raise OutputError(
                "another user put a link there, in a folder that all users share",
                "Choose another name, or a folder of your own.",
                path=self.path,
            )
        try:
            mode = os.stat(self._target).st_mode
        except FileNotFoundError:
            if not os.path.isdir(self._directory):
                raise OutputError(
                    "the directory does not exist",
                    f"Create it first: mkdir -p {quoted(self._directory)}",
                    path=self.path,
                ) from None
            return
        except OSError as error:
            raise _output_error(self.path, error) from error
        if stat.S_ISDIR(mode):
            raise OutputError("this is a directory", "Name a file inside it.", path=self.path)
        if not stat.S_ISREG(mode):
            raise OutputError(
                "this is not a regular file", "Name a file that can be replaced.", path=self.path
            )
        if not self._clobber:
            raise _exists(self.path)

    def _take_over(self) -> None:
        """Give the file the permissions and the owner of the file that it will replace."""
        with contextlib.suppress(FileNotFoundError):
            old = os.stat(self._target)
            if hasattr(os, "fchmod"):  # which Windows lacks before Python 3.13
                if (old.st_uid, old.st_gid) != (self._identity.st_uid, self._identity.st_gid):
                    with contextlib.suppress(OSError):  # only root may give a file away
                        os.fchown(self.fd, old.st_uid, old.st_gid)
                with contextlib.suppress(OSError):  # some file systems have no permissions
                    os.fchmod(self.fd, stat.S_IMODE(old.st_mode) & 0o777)

    def write(self, data: bytes | memoryview) -> None:
        """Append all of `data`; the system may write it in parts, and the last part may fail."""
        rest = memoryview(data)
        with reporting(self.path):
            while rest:
                rest = rest[os.write(self.fd, rest) :]

    def clear(self) -> None:
        """Remove all that was written."""
        with reporting(self.path):
            os.ftruncate(self.fd, 0)
            os.lseek(self.fd, 0, os.SEEK_SET)

    def replace_start(self, size: int, data: bytes) -> None:
        """Put `data` in the place of the first `size` bytes; what follows is moved if need be."""
        with reporting(self.path):
            end, shift = os.lseek(self.fd, 0, os.SEEK_END), len(data) - size
            begins = range(size, end, _AT_ONCE) if shift else []
            for begin in reversed(begins) if shift > 0 else begins:
                content = memoryview(bytearray(min(_AT_ONCE, end - begin)))
                _platform.read_at(self.fd, content, begin)
                os.lseek(self.fd, begin + shift, os.SEEK_SET)
                self.write(content)
            os.ftruncate(self.fd, end + shift)
            os.lseek(self.fd, 0, os.SEEK_SET)
            self.write(data)

    def publish(self) -> None:
        """Give the finished file its name."""
        with reporting(self.path):
            if self.durable:
                _platform.sync(self.fd)
            self._close()
            if self._clobber:
                os.replace(self.temporary, self._target)
            else:
                self._link()
            if self.durable:
                _platform.sync_directory(self._directory)

    def retract(self) -> None:
        """Remove the target if it is this file, whether or not `publish` completed."""
        self._remove_target(self._identity)

    def _remove_target(self, identity: os.stat_result) -> None:
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(self._target), identity):
                os.unlink(self._target)

    def discard(self) -> None:
        """Remove the temporary file, if it is still there."""
        with contextlib.suppress(OSError):  # the content is not needed
            self._close()
        with contextlib.suppress(OSError):
            os.unlink(self.temporary)
        if self._reserved is not None:
            self._remove_target(self._reserved)
        _pending.discard(self.temporary)

    def _link(self) -> None:
        # Unlike a rename, a link fails if another process has created the target meanwhile.
        try:
            os.link(self.temporary, self._target)
        except FileExistsError:
            raise _exists(self.path) from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._reserve()
            os.replace(self.temporary, self._target)
            self._reserved = None
        else:
            os.unlink(self.temporary)

    def _reserve(self) -> None:
        """Take the name of the target, with an empty file, where a file has only one name."""
        try:
            fd = os.open(self._target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            raise _exists(self.path) from None
        self._reserved = os.fstat(fd)
        os.close(fd)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.fd)


@contextlib.contextmanager
def reporting(path: str) -> Iterator[None]:
    """Turn the system's error while writing `path` into an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise _output_error(path, error) from error


def _is_planted(path: str) -> bool:
    """Whether `path` is a link that Linux would not follow with `fs.protected_symlinks`, either.

    The system does not see it, as the target of a link is replaced under its own name.
    """
    try:
        link, folder = os.lstat(path), os.stat(os.path.dirname(path) or ".")
    except OSError:
        return False
    shared = stat.S_ISVTX | stat.S_IWOTH
    return (
        stat.S_ISLNK(link.st_mode)
        and folder.st_mode & shared == shared
        and link.st_uid not in (os.geteuid(), folder.st_uid)
    )


_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""The errors of a system without hard links, such as exFAT, many network drives and FUSE."""

_REMEDIES = {
    errno.ENOSPC: "Free some space, or write to another disk.",
    errno.EDQUOT: "Free some of your quota, or write to another disk.",
    errno.EFBIG: "Raise the limit on file sizes (ulimit -f), or use --dtype float16.",
    errno.ENOMEM: "Use --dtype float16, a smaller --num-words, or a machine with more memory.",
    errno.EACCES: "Choose a place you may write to.",
    errno.EPERM: "Choose a place you may write to.",
    errno.EROFS: "Choose a place you may write to.",
}


def _output_error(path: str, error: OSError) -> OutputError:
    reason = system_reason(error)
    remedy = _REMEDIES.get(error.errno or 0, "Check the place, or choose another.")
    if _platform.WINDOWS and error.errno == errno.EACCES:
        remedy = "Close the program that has it open, or choose a place you may write to."
    return OutputError(f"cannot write it: {reason}", remedy, path=path)


def _exists(path: str) -> OutputError:
    return OutputError("it exists, and --no-clobber keeps it", "Choose another name.", path=path)
