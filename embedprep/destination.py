"""Where a build leaves its result: a matrix file with its report beside it, or memory.

Used as a context manager: leaving it before `publish` leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embedprep import outputs
from embedprep.errors import OutputError, UsageError
from embedprep.options import Job
from embedprep.outputs import Annotations, AtomicFile


class Destination(Protocol):
    """What a build writes to."""

    matrix: NDArray[np.floating]
    """Shape (rows, dim), zeros at first."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def settle(self) -> str:
        """The rows are final: their sha256."""

    def publish(self, annotations: Annotations, report: str) -> None:
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

    def publish(self, annotations: Annotations, report: str) -> None:
        pass

    def result(self) -> NDArray[np.floating]:
        return self.matrix


class Files:
    """A matrix file and the report beside it, both atomic."""

    def __init__(
        self,
        path: str,
        report_path: str,
        shape: tuple[int, int],
        dtype: np.dtype[np.floating],
        *,
        clobber: bool,
        durable: bool,
    ) -> None:
        self._path = path
        self._clobber = clobber
        self._durable = durable
        with ExitStack() as undo:
            self._matrix_file = AtomicFile(path, clobber=clobber, durable=durable)
            undo.callback(self._matrix_file.discard)
            self._report_file = AtomicFile(report_path, clobber=clobber, durable=durable)
            undo.callback(self._report_file.discard)
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

    def publish(self, annotations: Annotations, report: str) -> None:
        self._writer.annotate(annotations)
        self._report_file.write(report.encode())
        self._report_file.publish()
        try:
            self._matrix_file.publish()
        except OutputError:
            if not self._clobber:  # then the report is new, and describes nothing
                self._report_file.retract()
            raise

    def result(self) -> NDArray[np.floating]:
        return outputs.read(self._path)[0]


def open_destination(
    job: Job, report_path: str, shape: tuple[int, int], dtype: np.dtype[np.floating]
) -> Destination:
    """The place for a matrix of `shape` (rows, dim); raises if it cannot be written or is full."""
    if job.output is None:
        return Memory(shape, dtype)
    return Files(job.output, report_path, shape, dtype, clobber=job.clobber, durable=job.durable)


def check_paths(output: str | None, report: str | None, inputs: list[str]) -> str:
    """Where the report goes: `embeddings.npy` → `embeddings.coverage.json` unless told otherwise.

    Raises if a file would be written that is also read, or written twice.
    """
    if output is None:
        if report is not None:
            raise UsageError("a report without an output", "Give the output too.", path=report)
        return ""
    beside = output[: -len(outputs.suffix(output))] + ".coverage.json"
    report = report or beside
    for path in (output, report):
        refuse_input(path, inputs)
    if _same_file(output, report):
        raise UsageError(
            "the matrix and the report cannot be one file", "Choose another --report.", path=report
        )
    return report


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
