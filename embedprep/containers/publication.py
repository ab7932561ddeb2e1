"""The files of one conversion: they are opened before anything is read, and appear at its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from embedprep.containers import AtomicFile
from embedprep.errors import UsageError
from embedprep.sources import refuse_address


@contextmanager
def publication(paths: list[str], *, clobber: bool, durable: bool) -> Iterator[list[AtomicFile]]:
    """Files to be written; on leaving without an error they appear at `paths`, the first one last.

    Raises at once for a path that cannot be written, and an error before the end leaves nothing.
    An error while they appear: without `clobber`, none of them stays; with it, each is wholly old
    or wholly new, and the first, which the others describe, is new only if all are.
    """
    with ExitStack() as undo:
        files = []
        for path in paths:
            file = AtomicFile(path, clobber=clobber, durable=durable)
            undo.callback(file.discard)
            files.append(file)
        yield files
        _publish(files, clobber=clobber)


def _publish(files: list[AtomicFile], *, clobber: bool) -> None:
    with ExitStack() as undo:
        for file in reversed(files):
            if not clobber:  # else an old file may be gone, and nothing would be in its place
                undo.callback(file.retract)
            file.publish()
        undo.pop_all()


def refuse_input(path: str, inputs: list[str]) -> None:
    """Raise if `path`, which is to be written, is one of the files that are read, or an address."""
    refuse_address(path, "an output", "Write a file on this machine, and copy it there.")
    if any(same_file(path, other) for other in inputs):
        raise UsageError(
            "this is an input, and inputs are never overwritten",
            "Choose another name for the output.",
            path=path,
        )


def same_file(path: str, other: str) -> bool:
    return identity(path) == identity(other)


def identity(path: str) -> object:
    """The same for all names of a file, which need not exist."""
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return os.path.realpath(path)
    return state.st_dev, state.st_ino
