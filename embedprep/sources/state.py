"""The state of an open file, or the version of a file at an address: whether something changed it.

One build reads one state of each file, however often it opens it: for the words of the vocabulary,
and again for other forms of those that are missing. If the file was replaced in between, the rows
would be of two files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Self

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple


class State(NamedTuple):
    """What the system says about a file without reading it."""

    device: int
    inode: int
    size: int
    modified_ns: int
    """The time of the last modification, which any program can set."""
    changed_ns: int
    """The time of the last change of anything here, or of the number of names. The system sets it,
    and no program.
    """
    names: int

    @classmethod
    def of(cls, fd: int) -> Self:
        now = os.fstat(fd)
        return cls(
            now.st_dev,
            now.st_ino,
            now.st_size,
            now.st_mtime_ns,
            now.st_ctime_ns,
            now.st_nlink,
        )

    def is_same(self, other: State) -> bool:
        """Whether the content is the same; a file may get and lose names meanwhile."""
        renamed = self.names != other.names
        return self[:4] == other[:4] and (self.changed_ns == other.changed_ns or renamed)


Version = tuple[str | None, ...]
"""The identity of one version of a file at an address: it differs if a byte of the file does."""


class _Seen(NamedTuple):
    """The files that a block has opened: their states by path, their versions by address."""

    states: dict[str, State]
    versions: dict[str, Version]


_seen: ContextVar[_Seen | None] = ContextVar("seen", default=None)
"""None outside of such a block."""


@contextmanager
def one_state() -> Iterator[None]:
    """In this block, `check` and `is_another` know the files that were opened before."""
    before = _seen.set(_Seen({}, {}))
    try:
        yield
    finally:
        _seen.reset(before)


def check(path: str, state: State) -> None:
    """Raise InputError if the file was opened before in this block, in another state."""
    seen = _seen.get()
    if seen is not None and not seen.states.setdefault(os.path.abspath(path), state).is_same(state):
        raise changed(path)


def is_another(url: str, version: Version) -> bool:
    """Whether the file at `url` was opened before in this block, in another version."""
    seen = _seen.get()
    return seen is not None and seen.versions.setdefault(url, version) != version


def changed(path: str) -> InputError:
    return InputError(
        "the file changed while it was being read",
        "Wait until its download or copy has finished, then run again.",
        path=path,
    )
