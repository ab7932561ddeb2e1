"""Publishing: files that appear together, and never replace a file that is read.

In: the paths of everything that one command writes. Out: files to write, opened before anything is
read, and all in their places after `publish`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Self

from embedprep.containers.atomic import AtomicFile
from embedprep.errors import UsageError, printable
from embedprep.options.progress import WROTE
from embedprep.sources import refuse_output

log = logging.getLogger("embedprep")

published: list[str] = []
"""The files that this process has published, or has begun to."""


class Publication:
    """Files that appear at `paths` when they are published, the first one last.

    Use it as a context manager: if the block ends before `publish`, no files are left. If an error
    happens while they appear: without `clobber`, none of them stays; with it, each is wholly old or
    wholly new, and the first, which the others describe, is new only if all are.
    """

    def __init__(
        self,
        paths: Iterable[str],
        *,
        clobber: bool = True,
        durable: bool = True,
        follow_link: bool = True,
    ) -> None:
        """Raise at once for a path that cannot be written. The options are of `AtomicFile`."""
        self._clobber = clobber
        self.files: dict[str, AtomicFile] = {}
        """The files by path, in order."""
        with ExitStack() as undo:
            for path in paths:
                self.files[path] = AtomicFile(
                    path, clobber=clobber, durable=durable, follow_link=follow_link
                )
                undo.callback(self.files[path].discard)
            self._undo = undo.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._undo.close()

    def publish(self) -> None:
        """Make the files appear, and log which were written and which replaced."""
        replaced = {path for path in self.files if os.path.exists(path)}
        published.extend(self.files)
        with ExitStack() as undo:
            for file in reversed(self.files.values()):
                if not self._clobber:  # otherwise an old file may be gone, and nothing replaces it
                    undo.callback(file.retract)
                file.publish()
            undo.pop_all()
        names = [printable(path) + " (replaced)" * (path in replaced) for path in self.files]
        log.log(WROTE, "embedprep: wrote %s", ", ".join(names))


def refuse_inputs(written: Sequence[str], read: Sequence[str]) -> None:
    """Raise if an output file is also an input, or an address."""
    for path in written:
        refuse_output(path)
        if any(same_file(path, other) for other in read):
            raise UsageError(
                "this is an input, and inputs are never overwritten",
                "Choose another name for the output.",
                path=path,
            )


def same_file(path: str, other: str) -> bool:
    return identity(path) == identity(other)


def identity(path: str) -> object:
    """Return the same value for all names of a file, which need not exist."""
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return os.path.realpath(path)
    return state.st_dev, state.st_ino
