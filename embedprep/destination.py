"""Where a build leaves its result: a matrix file with its report beside it, or memory.

Used as a context manager: leaving it before `publish` leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embedprep import outputs
from embedprep.errors import OutputError, UsageError
from embedprep.options import Job
from embedprep.outputs import Annotations, AtomicFile


@dataclass(frozen=True)
class Paths:
    """The files that a build writes."""

    matrix: str
    report: str
    page: str | None
    """The report as HTML."""


class Destination(Protocol):
    """What a build writes to."""

    matrix: NDArray[np.floating]
    """Shape (rows, dim), zeros at first."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def settle(self) -> str:
        """The rows are final: their sha256."""

    def publish(self, annotations: Annotations, report: str, page: str | None) -> None:
        """Show the result to the world: the report first, the matrix last."""

    def result(self) -> NDArray[np.floating]:
        """The published matrix."""


class Memory:
    """No files."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[np.floating]) -> None:
        self.matrix: NDArray[np.floating] = np.zeros(shape, dtype)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def settle(self) -> str:
        return _sha256(self.matrix)

    def publish(self, annotations: Annotations, report: str, page: str | None) -> None:
        pass

    def result(self) -> NDArray[np.floating]:
        return self.matrix


class Files:
    """A matrix file, the report beside it and perhaps the page, all atomic."""

    def __init__(
        self,
        paths: Paths,
        shape: tuple[int, int],
        dtype: np.dtype[np.floating],
        *,
        clobber: bool,
        durable: bool,
    ) -> None:
        self._path = paths.matrix
        self._clobber = clobber
        self._durable = durable
        with ExitStack() as undo:

            def opened(path: str) -> AtomicFile:
                file = AtomicFile(path, clobber=clobber, durable=durable)
                undo.callback(file.discard)
                return file

            self._matrix_file = opened(paths.matrix)
            self._report_file = opened(paths.report)
            self._page_file = None if paths.page is None else opened(paths.page)
            self._writer = outputs.writer(self._matrix_file, shape, dtype)
            self._undo = undo.pop_all()
        self.matrix = self._writer.matrix

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._undo.close()

    def settle(self) -> str:
        # One after the other: while pages of a map go to the disk, the system interrupts every
        # other thread of the process for each of them, and both together take twice as long.
        sha256 = _sha256(self.matrix)
        if self._durable:
            self._writer.sync()
        return sha256

    def publish(self, annotations: Annotations, report: str, page: str | None) -> None:
        self._writer.annotate(annotations)
        texts = [(self._report_file, report)]
        if self._page_file is not None and page is not None:
            texts.append((self._page_file, page))
        for file, text in texts:
            file.write(text.encode())
        published: list[AtomicFile] = []
        try:
            for file in (*(file for file, _ in texts), self._matrix_file):
                file.publish()
                published.append(file)
        except OutputError:
            if not self._clobber:  # then what is published is new, and describes nothing
                for file in published:
                    file.retract()
            raise

    def result(self) -> NDArray[np.floating]:
        return outputs.read(self._path)[0]


def open_destination(
    job: Job, paths: Paths | None, shape: tuple[int, int], dtype: np.dtype[np.floating]
) -> Destination:
    """The place for a matrix of `shape` (rows, dim); raises if it cannot be written or is full."""
    if paths is None:
        return Memory(shape, dtype)
    return Files(paths, shape, dtype, clobber=job.clobber, durable=job.durable)


def checked_paths(job: Job) -> Paths | None:
    """Where everything goes; None is memory. The report is beside the matrix unless told
    otherwise: `embeddings.npy` → `embeddings.coverage.json`.

    Raises if a file would be written that is also read, or written twice.
    """
    if job.output is None:
        for path in (job.report, job.html):
            if path is not None:
                raise UsageError("a report without an output", "Give the output too.", path=path)
        return None
    beside = job.output[: -len(outputs.suffix(job.output))] + ".coverage.json"
    paths = Paths(job.output, job.report or beside, job.html)
    if paths.page is not None:
        check_page_name(paths.page)
    written = [path for path in (paths.matrix, paths.report, paths.page) if path is not None]
    for i, path in enumerate(written):
        refuse_input(path, job.inputs())
        if any(_same_file(path, other) for other in written[:i]):
            raise UsageError(
                "the matrix and its reports cannot be one file",
                "Choose another name for --report or --html.",
                path=path,
            )
    return paths


def check_page_name(path: str) -> None:
    """Raise unless `path` is a name for a page: no report or matrix is taken for one by mistake."""
    if not path.lower().endswith((".html", ".htm")):
        raise UsageError(
            "not a name for an HTML page",
            "Give --html a name that ends in .html.",
            path=path,
        )


def refuse_input(path: str, inputs: list[str]) -> None:
    """Raise if `path`, which is to be written, is one of the files that are read."""
    if any(_same_file(path, other) for other in inputs):
        raise UsageError(
            "this is an input, and inputs are never overwritten",
            "Choose another name for the output.",
            path=path,
        )


def _same_file(path: str, other: str) -> bool:
    if os.path.exists(path) and os.path.exists(other):
        return os.path.samefile(path, other)
    return os.path.realpath(path) == os.path.realpath(other)


def _sha256(matrix: NDArray[np.floating]) -> str:
    return hashlib.sha256(matrix.reshape(-1).view(np.uint8).data).hexdigest()
