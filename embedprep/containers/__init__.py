"""Stage 7: the file of a matrix, written, read, sealed and published.

In: the shape of a matrix, the rows that are assigned to it, and its annotations. Out: a file that
appears whole or not at all, and the same again from the file, mapped. Imports nothing of the
stages that fill or use the rows.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.containers import seal
from embedprep.containers.annotations import Annotations, annotate
from embedprep.containers.atomic import AtomicFile, is_temporary, reporting
from embedprep.containers.layout import BESIDE, MatrixLayout, Region, matrix_layout
from embedprep.errors import InputError, UsageError, printable, unreadable
from embedprep.sources import refuse_address

__all__ = [
    "CONTAINERS",
    "SUFFIXES",
    "Annotations",
    "AtomicFile",
    "Container",
    "Writer",
    "annotate",
    "claimant",
    "container_of",
    "is_sealed",
    "is_temporary",
    "read",
    "reporting",
    "suffix",
    "writer",
]


class Container(NamedTuple):
    """One way to write a matrix into a file; its module is imported for files of its sort."""

    format: str
    """As `--vectors-format` and `--to` call it. The module of this name has three functions:
    `begin` writes what precedes the rows, `finish` what follows them, and `regions` says where the
    arrays of a file are."""
    name: str
    endings: tuple[str, ...]
    """Endings of file names that choose it."""
    beginning: str
    """A pattern of the first bytes of a file, as Latin-1."""
    reader: str
    """How to read any other file of the sort."""
    lists_tokens: tuple[str, ...] = ()
    """The commands that write the tokens as a list beside it, for programs that read nothing of it
    but the matrix."""

    def claims(self, head: bytes) -> bool:
        """Whether a file begins so."""
        return re.match(self.beginning.encode("latin-1"), head, re.DOTALL) is not None

    def layout(self, file: BinaryIO) -> MatrixLayout:
        """Where everything is; raises ValueError for a file that embedprep did not write."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        return matrix_layout(self.home().regions(file, size), size)

    def home(self) -> Any:
        return importlib.import_module(f"embedprep.containers.{self.format}")


_ALL = (
    Container(
        "npy",
        "a .npy matrix",
        (".npy",),
        "\x93NUMPY",
        "array use numpy.load",
        lists_tokens=("convert",),
    ),
    Container("hdf5", "an HDF5 matrix", (".h5", ".hdf5"), "\x89HDF\r\n\x1a\n", "file use h5py"),
    Container(
        "safetensors",
        "a safetensors matrix",
        (".safetensors",),
        ".{3}[\0-\5]\0{4}\\{",  # the length of a header of at most 100 MB, and its first byte
        "file use safetensors",
        lists_tokens=("build", "convert"),
    ),
)
CONTAINERS = {one.format: one for one in _ALL}
"""A new container is a module of this package and a row above."""


def claimant(head: bytes) -> Container | None:
    """The container of a file that begins so."""
    return next((one for one in _ALL if one.claims(head)), None)


_BY_SUFFIX = {ending: one for one in _ALL for ending in one.endings}
SUFFIXES = tuple(_BY_SUFFIX)
_HEAD_BYTES = 16
"""Enough to tell the containers apart."""


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


def container_of(path: str) -> Container:
    """The container that the ending of `path` chooses; a UsageError if none does."""
    return _BY_SUFFIX[suffix(path)]


class Writer:
    """A matrix in a file that is not published yet."""

    matrix: NDArray[np.floating]
    """Shape (rows, dim), zeros, mapped into the file: what is assigned to it is written."""

    def __init__(
        self,
        container: Container,
        file: AtomicFile,
        shape: tuple[int, int],
        dtype: np.dtype[np.floating],
    ) -> None:
        self._home, self._file = container.home(), file
        self._rows = rows = Region(self._home.begin(file, shape, dtype), dtype, shape)
        with reporting(file.path):
            if rows.end > rows.offset:
                _platform.allocate(file.fd, rows.offset, rows.end)
            self._map = _platform.map_writable(file.fd, rows.end)
        count = shape[0] * shape[1]
        self.matrix = np.frombuffer(self._map, dtype, count, rows.offset).reshape(shape)

    def sync(self) -> None:
        """Send the rows to the disk; another thread may read them meanwhile."""
        with reporting(self._file.path):
            _platform.sync_map(self._map, self._file.fd)

    def annotate(self, annotations: Annotations) -> None:
        """Add everything that is not rows, and the seal."""
        report = np.frombuffer(annotations.report.encode(), np.uint8)
        arrays = (*annotations.arrays(), report, np.zeros(seal.SEAL_BYTES, np.uint8))
        named = {stored.name: array for stored, array in zip(BESIDE, arrays, strict=True)}
        seal.seal(self._file, self._rows, self._home.finish(self._file, self._rows, named))


def writer(
    file: AtomicFile,
    shape: tuple[int, int],
    dtype: np.dtype[np.floating],
    container: Container | None = None,
) -> Writer:
    """The writer of a matrix of `shape` (rows, dim); the ending of `file.path` chooses the
    container unless it is given.
    """
    return Writer(container or container_of(file.path), file, shape, dtype)


def read(path: str, *, copy_on_write: bool = False) -> tuple[NDArray[np.floating], Annotations]:
    """Map a published matrix, shape (rows, dim); recognised by its first bytes, not by its name.

    Nothing is copied but the report. The rows are read-only, or with `copy_on_write` the caller's
    own to change: the file stays as it is. Raises InputError for a file that `build` did not write.
    """
    with _published(path) as (file, layout):
        if layout.matrix.dtype not in (np.float32, np.float16):
            raise ValueError(f"its rows are {layout.matrix.dtype}")
        # One map of everything: each takes a file descriptor for as long as it lives.
        whole = np.memmap(file, np.uint8, "c" if copy_on_write else "r")
        matrix: NDArray[np.floating] = layout.matrix.of(whole)
        unchanging = whole.view()
        unchanging.flags.writeable = False
        annotations = layout.annotations(unchanging)
        if not (annotations.tokens.consistent() and annotations.keys.consistent()):
            raise ValueError("the places of its tokens do not follow each other")
    return matrix, annotations


def is_sealed(path: str) -> bool:
    """Whether all but the rows of a published matrix is as it was when it was written.

    Raises InputError for a file that `build` did not write.
    """
    with _published(path) as (file, layout):
        return seal.is_sealed(file.fileno(), layout.matrix, layout.seal)


@contextmanager
def _published(path: str) -> Iterator[tuple[BinaryIO, MatrixLayout]]:
    """The file, and where everything is in it; what is wrong with it becomes an InputError."""
    refuse_address(path, "a matrix", "Download it first, and give its path.")
    try:
        with open(path, "rb") as file:
            container = claimant(file.read(_HEAD_BYTES))
            if container is None:
                names = [one.name for one in _ALL]
                raise InputError(
                    f"not a matrix: neither {', '.join(names[:-1])} nor {names[-1]}",
                    "Name the output of embedprep build.",
                    path=path,
                )
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
