"""Stage 7: containers for the matrix. Each hands out the array to fill, then keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep import safetensors_header
from embedprep.errors import InputError, UsageError, system_reason
from embedprep.outputs import hdf5, npy, safetensors
from embedprep.outputs.annotations import Annotations, annotate
from embedprep.outputs.atomic import AtomicFile, is_temporary, reporting
from embedprep.stored_arrays import STORED

__all__ = [
    "SUFFIXES",
    "Annotations",
    "AtomicFile",
    "Writer",
    "annotate",
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


_WRITERS: dict[str, Callable[[AtomicFile, tuple[int, int], np.dtype[np.floating]], Writer]] = {
    ".npy": npy.NpyWriter,
    ".h5": hdf5.Hdf5Writer,
    ".hdf5": hdf5.Hdf5Writer,
    ".safetensors": safetensors.SafetensorsWriter,
}
"""By the ending of the file's name."""


class _Reader(Protocol):
    def __call__(
        self, path: str, *, copy_on_write: bool
    ) -> tuple[NDArray[np.floating], Annotations]: ...


_READERS: dict[Callable[[bytes], bool], _Reader] = {
    npy.claims: npy.read,
    hdf5.claims: hdf5.read,
    safetensors_header.claims: safetensors.read,
}
"""By what knows the first bytes of the file."""
_HEAD_BYTES = 16

SUFFIXES = tuple(_WRITERS)


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
    return _WRITERS[container or suffix(file.path)](file, shape, dtype)


def read(path: str, *, copy_on_write: bool = False) -> tuple[NDArray[np.floating], Annotations]:
    """Map a published matrix, shape (rows, dim); recognised by its first bytes, not by its name.

    Nothing is copied but the report. The rows are read-only, or with `copy_on_write` the caller's
    own to change: the file stays as it is. Raises InputError for a file that `build` did not write.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError(
            f"cannot read it: {system_reason(error)}",
            "Check the path and its permissions.",
            path=path,
        ) from error
    for claims, reader in _READERS.items():
        if claims(head):
            matrix, annotations = reader(path, copy_on_write=copy_on_write)
            _check(matrix, annotations, path)
            return matrix, annotations
    raise InputError(
        "not a matrix: neither .npy, HDF5 nor safetensors",
        "Name the output of embedprep build.",
        path=path,
    )


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
