"""The state of an open file: whether something has changed it.

One build reads one state of each file, however often it opens it: for the words of the vocabulary,
and again for other forms of those that are missing. If the file was replaced in between, the rows
would be of two files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, Self

from embedprep.errors import InputError


class State(NamedTuple):
    """What the system tells of a file without reading it."""

    device: int
    inode: int
    size: int
    modified_ns: int
    """The time of the last modification, which any program can set."""
    changed_ns: int
    """The time of the last change, which the system sets: also that of `modified_ns`, and of the
    number of names.
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


_states: ContextVar[dict[str, State] | None] = ContextVar("states", default=None)
"""The state of each file that the block has opened, by path; None outside of such a block."""


@contextmanager
def one_state() -> Iterator[None]:
    """Raise InputError in this block if a file that is opened again has changed since."""
    before = _states.set({})
    try:
        yield
    finally:
        _states.reset(before)


def check(path: str, state: State) -> None:
    """Raise InputError if the file was opened before in this block, in another state."""
    states = _states.get()
    if states is not None and not states.setdefault(os.path.abspath(path), state).is_same(state):
        raise changed(path)


def changed(path: str) -> InputError:
    return InputError(
        "the file changed while it was being read",
        "Wait until its download or copy has finished, then run again.",
        path=path,
    )
