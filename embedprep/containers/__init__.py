"""The file of a matrix: written, read, sealed and published.

In: the shape of a matrix, later its annotations.
Out: an array to fill, and a file that appears whole or not at all.
May import: sources, vocabulary.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.containers import seal
from embedprep.containers.annotations import Annotations, annotate
from embedprep.containers.atomic import AtomicFile, is_temporary, reporting
from embedprep.containers.digest import sha256_of
from embedprep.containers.layout import (
    LATER,
    MatrixLayout,
    Region,
    beside,
    first_layout,
    layout_text,
    matrix_layout,
)
from embedprep.errors import InputError, UsageError, printable, unreadable
from embedprep.named_tuples import NamedTuple
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
    """One way to write a matrix into a file; its module is imported only for files of this kind."""

    format: str
    """The name of the container in `--vectors-format` and `--to`.

    The module of this name has three functions: `begin` writes what precedes the rows, `finish`
    what follows them, and `regions` finds the arrays of a file.
    """
    name: str
    endings: tuple[str, ...]
    """The endings of file names that choose it."""
    beginning: str
    """A pattern of the first bytes of a file, as Latin-1."""
    reader: str
    """How to read any other file of this kind."""
    lists_tokens: tuple[str, ...] = ()
    """The commands that write the tokens as a list beside it, for programs that read only the
    matrix.
    """

    def claims(self, head: bytes) -> bool:
        """Whether a file begins like this container."""
        return re.match(self.beginning.encode("latin-1"), head, re.DOTALL) is not None

    def layout(self, file: BinaryIO) -> MatrixLayout:
        """Return where everything is; raise ValueError for a file that embedprep did not write."""
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
"""The containers by format. A new container is a module of this package and a row above."""


def claimant(head: bytes) -> Container | None:
    """Return the container of a file that begins like this."""
    return next((one for one in _ALL if one.claims(head)), None)


_BY_SUFFIX = {ending: one for one in _ALL for ending in one.endings}
SUFFIXES = tuple(_BY_SUFFIX)
_HEAD_BYTES = 16
"""Enough bytes to tell the containers apart."""


def suffix(path: str) -> str:
    """Return the ending of `path` that chooses its container; raise UsageError if none does."""
    for ending in SUFFIXES:
        if path.lower().endswith(ending):
            return ending
    for_torch = " For PyTorch, embedprep.torch.embedding reads each of them."
    raise UsageError(
        "its ending names no known container",
        f"End the output in one of: {', '.join(SUFFIXES)}."
        + for_torch * path.lower().endswith((".pt", ".pth")),
        path=path,
    )


def container_of(path: str) -> Container:
    """Return the container that the ending of `path` chooses; raise UsageError if none does."""
    return _BY_SUFFIX[suffix(path)]


class Writer:
    """A matrix in a file that is not published yet."""

    matrix: NDArray[Any]
    """The rows as they are stored, shape (rows, dim), initially zeros. What is assigned is in the
    file after `settle`.
    """

    def __init__(
        self,
        container: Container,
        file: AtomicFile,
        shape: tuple[int, int],
        dtype: np.dtype[Any],
        *,
        in_order: bool,
    ) -> None:
        self._home, self._file = container.home(), file
        self._rows = rows = Region(self._home.begin(file, shape, dtype), dtype, shape)
        with reporting(file.path):
            if rows.end > rows.offset:
                _platform.allocate(file.fd, rows.offset, rows.end)
            self._map = _platform.map_writable(file.fd, rows.end, in_order=in_order)
        count = shape[0] * shape[1]
        self.matrix = np.frombuffer(self._map.memory, dtype, count, rows.offset).reshape(shape)

    def settle(self, scales: NDArray[np.float32] | None = None) -> str:
        """Bring the rows, which are final, to the file; return the sha256 of them and their scales.

        If the file is durable, they are on the disk then. Another thread may read them meanwhile.
        """
        with reporting(self._file.path), ThreadPoolExecutor(1, "embedprep") as pool:
            written = pool.submit(self._write)
            sha256 = sha256_of(self.matrix, scales)
            written.result()
        return sha256

    def _write(self) -> None:
        _platform.write_back(self._map, self._file.fd, self._rows.offset)
        if self._file.durable:
            _platform.sync_map(self._map, self._file.fd)

    def annotate(
        self, annotations: Annotations, others: Mapping[str, NDArray[Any]] | None = None
    ) -> None:
        """Add everything except the rows, and the seal.

        `others` are arrays that other programs look for; the container must have names for them.
        """
        later = annotations.later()
        number = first_layout(later)
        report = np.frombuffer(annotations.report.encode(), np.uint8)
        layout = np.frombuffer(layout_text(number), np.uint8)
        end = np.zeros(seal.SEAL_BYTES, np.uint8)
        added = [later.get(one.name, np.zeros(0, one.type)) for one in LATER[: number - 1]]
        arrays = (layout, *annotations.arrays(), *added, report, end)
        stored = beside(number)
        named = {one.name: array for one, array in zip(stored, arrays, strict=True)}
        named = {**(others or {}), **named}
        seal.seal(self._file, self._rows, self._home.finish(self._file, self._rows, named))


def writer(
    file: AtomicFile,
    shape: tuple[int, int],
    dtype: np.dtype[Any],
    container: Container | None = None,
    *,
    in_order: bool = False,
) -> Writer:
    """Return the writer of a matrix of `shape` (rows, dim), which is filled from its first row to
    its last one if `in_order`.

    The ending of `file.path` chooses the container unless it is given.
    """
    return Writer(container or container_of(file.path), file, shape, dtype, in_order=in_order)


def read(path: str, *, copy_on_write: bool = False) -> tuple[NDArray[Any], Annotations]:
    """Map a published matrix, shape (rows, dim); its first bytes identify it, not its name.

    Its rows are as they are stored: if they are int8, the annotations have their scales.

    Nothing is copied except the report. The rows are read-only; with `copy_on_write` the caller can
    change them, but the file does not change. Raises InputError for a file that `build` did not
    write.
    """
    with _published(path) as (file, layout):
        if layout.matrix.dtype not in (np.float32, np.float16, np.int8):
            raise ValueError(f"its rows are {layout.matrix.dtype}")
        # One map for everything, because each map holds a file descriptor for as long as it lives.
        whole = np.memmap(file, np.uint8, "c" if copy_on_write else "r")
        matrix = layout.matrix.of(whole)
        unchanging = whole.view()
        unchanging.flags.writeable = False
        annotations = layout.annotations(unchanging)
        if not (annotations.tokens.consistent() and annotations.keys.consistent()):
            raise ValueError("the places of its tokens do not follow each other")
    return matrix, annotations


def is_sealed(path: str) -> bool:
    """Whether everything except the rows of a published matrix is unchanged since it was written.

    Raises InputError for a file that `build` did not write.
    """
    with _published(path) as (file, layout):
        return seal.is_sealed(file.fileno(), layout.matrix, layout.seal)


def _of_no_container(head: bytes) -> str:
    """Return what a file is that begins like no matrix."""
    if not head:
        return "the file is empty"
    if head[:1] in (b"{", b"["):
        return "it is JSON"
    names = [one.name for one in _ALL]
    return f"it is neither {', '.join(names[:-1])} nor {names[-1]}"


@contextmanager
def _published(path: str) -> Iterator[tuple[BinaryIO, MatrixLayout]]:
    """Open the file, and find everything in it; turn every error into an InputError."""
    refuse_address(path, "a matrix")
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
            container = claimant(head)
            if container is None:
                raise InputError(
                    f"not a matrix: {_of_no_container(head)}",
                    "Name the output of embedprep build.",
                    path=path,
                )
            try:
                yield file, container.layout(file)
            except InputError as error:
                raise replace(error, path=path) from error
            except ValueError as error:
                raise InputError(
                    f"not {container.name} written by embedprep: {printable(str(error))}",
                    f"Name the output of embedprep build; for any other {container.reader}.",
                    path=path,
                ) from error
    except OSError as error:
        raise unreadable(path, error) from error
