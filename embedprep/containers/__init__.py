"""Stage 7: containers for the matrix. Each hands out the array to fill, then keeps it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import seal
from embedprep.containers.annotations import Annotations, annotate
from embedprep.containers.atomic import AtomicFile, is_temporary, reporting
from embedprep.containers.layout import Layout
from embedprep.containers.stored_arrays import STORED
from embedprep.errors import InputError, UsageError, printable, unreadable
from embedprep.sources import refuse_address

__all__ = [
    "SUFFIXES",
    "Annotations",
    "AtomicFile",
    "Writer",
    "annotate",
    "is_sealed",
    "is_temporary",
    "read",
    "reporting",
    "suffix",
    "writer",
]


class Writer(Protocol):
    """A matrix in a file that is not published yet."""

    matrix: NDArray[np.floating]
    """Shape (rows, dim), zeros, mapped into the file: what is assigned to it is written."""

    def sync(self) -> None:
        """Send the rows to the disk; another thread may read them meanwhile."""

    def annotate(self, annotations: Annotations) -> None:
        """Add everything that is not rows."""


class _Container(NamedTuple):
    """A module of this package, imported for files of its sort."""

    module: str
    writer_class: str
    name: str
    reader: str
    """What reads any other file of the sort."""

    def claims(self, head: bytes) -> bool:
        """Whether a file begins so."""
        return bool(self._module().claims(head))

    def layout(self, file: BinaryIO) -> Layout:
        """Where everything stands; raises ValueError for a file that `build` did not write."""
        layout: Layout = self._module().layout(file)
        return layout

    def writer(
        self, file: AtomicFile, shape: tuple[int, int], dtype: np.dtype[np.floating]
    ) -> Writer:
        writer: Writer = getattr(self._module(), self.writer_class)(file, shape, dtype)
        return writer

    def _module(self) -> Any:
        return importlib.import_module(f"embedprep.containers.{self.module}")


_NPY = _Container("npy", "NpyWriter", "a .npy matrix", "array use numpy.load")
_HDF5 = _Container("hdf5", "Hdf5Writer", "an HDF5 matrix", "file use h5py")
_SAFETENSORS = _Container(
    "safetensors", "SafetensorsWriter", "a safetensors matrix", "file use safetensors"
)

_CONTAINERS = {".npy": _NPY, ".h5": _HDF5, ".hdf5": _HDF5, ".safetensors": _SAFETENSORS}
"""By the ending of the file's name."""
_HEAD_BYTES = 16
"""As many as tell them apart."""

SUFFIXES = tuple(_CONTAINERS)


def suffix(path: str) -> str:
    """The ending of `path` that chooses its container; a UsageError if none does."""
    for ending in SUFFIXES:
        if path.lower().endswith(ending):
            return ending
    raise UsageError(
        "its ending names no known container",
        f"End the output in one of: {', '.join(SUFFIXES)}.",
        path=path,
    )


def writer(
    file: AtomicFile,
    shape: tuple[int, int],
    dtype: np.dtype[np.floating],
    container: str | None = None,
) -> Writer:
    """A container for a matrix of `shape` (rows, dim).

    The ending of `file.path` chooses it, unless `container`, one of `SUFFIXES`, does.
    """
    return _CONTAINERS[container or suffix(file.path)].writer(file, shape, dtype)


def read(path: str, *, copy_on_write: bool = False) -> tuple[NDArray[np.floating], Annotations]:
    """Map a published matrix, shape (rows, dim); recognised by its first bytes, not by its name.

    Nothing is copied but the report. The rows are read-only, or with `copy_on_write` the caller's
    own to change: the file stays as it is. Raises InputError for a file that `build` did not write.
    """
    with _published(path) as (file, layout):
        # One map of everything: each takes a file descriptor for as long as it lives.
        whole = np.memmap(file, np.uint8, "c" if copy_on_write else "r")
        matrix: NDArray[np.floating] = layout.matrix.of(whole)
        unchanging = whole.view()
        unchanging.flags.writeable = False
        annotations = layout.annotations(unchanging)
    _check(matrix, annotations, path)
    return matrix, annotations


def is_sealed(path: str) -> bool:
    """Whether all but the rows of a published matrix is as it was when it was written.

    Raises InputError for a file that `build` did not write.
    """
    with _published(path) as (file, layout):
        return seal.is_sealed(file.fileno(), layout.matrix, layout.seal)


@contextmanager
def _published(path: str) -> Iterator[tuple[BinaryIO, Layout]]:
    """The file, and what stands in it where; what is wrong with it becomes an InputError."""
    refuse_address(path, "a matrix", "Download it first, and give its path.")
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
            container = next((one for one in _CONTAINERS.values() if one.claims(head)), None)
            if container is None:
                raise InputError(
                    "not a matrix: neither .npy, HDF5 nor safetensors",
                    "Name the output of embedprep build.",
                    path=path,
                )
            file.seek(0)
            try:
                yield file, container.layout(file)
            except ValueError as error:
                raise InputError(
                    f"not {container.name} written by embedprep: {printable(str(error))}",
                    f"Name the output of embedprep build; for any other {container.reader}.",
                    path=path,
                ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _check(matrix: NDArray[np.floating], annotations: Annotations, path: str) -> None:
    """Refuse parts that do not belong together: everybody behind this door relies on them."""
    rows = len(matrix) if matrix.ndim else 0
    arrays = zip(STORED, annotations.arrays(), strict=True)
    if not (
        matrix.ndim == 2
        and matrix.dtype in (np.float32, np.float16)
        and all(
            array.dtype == stored.type
            and array.ndim == 1
            and stored.length(rows) in (None, len(array))
            for stored, array in arrays
        )
        and all(strings.consistent() for strings in (annotations.tokens, annotations.keys))
    ):
        raise InputError(
            "its rows, tokens and provenance do not belong together",
            "The file is damaged, or not of embedprep: build it again.",
            path=path,
        )
