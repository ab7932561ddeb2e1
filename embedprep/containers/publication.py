"""The files of one conversion: they are opened before anything is read, and appear at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from embedprep.containers import AtomicFile


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
