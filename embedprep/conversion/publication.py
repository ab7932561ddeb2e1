"""The files of one conversion: all appear, the main one last, or none."""

from __future__ import annotations

import os
from contextlib import ExitStack

from embedprep.outputs import AtomicFile, reporting


class Publication:
    """Used as a context manager: leaving it before `publish` leaves nothing behind."""

    def __init__(self, path: str, *, clobber: bool, durable: bool) -> None:
        self.path = path
        """What the user named: the main file, or a folder."""
        self._clobber = clobber
        self._durable = durable
        self._files: list[AtomicFile] = []
        self._undo = ExitStack()

    def __enter__(self) -> Publication:
        return self

    def __exit__(self, *details: object) -> None:
        self._undo.close()

    def check(self) -> None:
        """Raise now, rather than after minutes, if `path` cannot be written."""
        AtomicFile(self.path, clobber=self._clobber, durable=self._durable).discard()

    def file(self, path: str) -> AtomicFile:
        """A file that appears at `path`; the one asked for first appears last."""
        file = AtomicFile(path, clobber=self._clobber, durable=self._durable)
        self._undo.callback(file.discard)
        self._files.append(file)
        return file

    def folder(self) -> None:
        """`path` is a folder: make it, and take it away again if nothing comes into it."""
        if os.path.isdir(self.path):
            return
        with reporting(self.path):
            os.mkdir(self.path)
        self._undo.callback(_remove_if_empty, self.path)

    def beside(self, ending: str) -> str:
        """`words.npy` → `words` and `ending`."""
        return os.path.splitext(self.path)[0] + ending

    def publish(self) -> None:
        for file in reversed(self._files):
            file.publish()


def _remove_if_empty(path: str) -> None:
    if not os.listdir(path):
        os.rmdir(path)
