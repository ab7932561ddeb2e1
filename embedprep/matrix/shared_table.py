"""Frozen tables that models share: mapped once per process, and identified by their content.

A model that is saved without its table records which one it needs: its `Identity`. Comes in: a
matrix file. Goes out: a `Table` of the process's one map of it, or an error if it is another.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError, UsageError, unreadable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance

Path = str | os.PathLike[str]

_NO_WORD = ([Provenance.PADDING], [Provenance.UNASSIGNED])


@dataclass(frozen=True)
class Identity:
    """The identity of a table, in any container and any place."""

    sha256: str
    """The sha256 over its rows, in C order and little endian, as in the report."""
    rows: int
    dim: int

    def __str__(self) -> str:
        return f"{self.rows} x {self.dim}, sha256 {self.sha256[:12]}…"


class Table:
    """A mapped matrix for models.

    The map is copy-on-write, because frameworks need writable memory. Until something writes to it,
    its pages are those of the file, which every process of the machine shares.
    """

    def __init__(self, path: Path, matrix: EmbeddingMatrix) -> None:
        self.path = os.fspath(path)
        """The path that the user gives; another path may lead to the same map."""
        self.matrix = matrix
        self.array: NDArray[np.floating] = matrix.array
        """The rows, shape (rows, dim), float32 or float16."""
        self.identity = Identity(matrix.coverage.matrix.sha256, *matrix.shape)
        self.padding_row = matrix.padding_row
        self._starts_with_padding = matrix.provenance[:1].tolist() in _NO_WORD

    def __reduce__(self) -> tuple[object, ...]:
        # A pickled model contains the path and the identity, not the rows.
        return expected_table, (self.path, self.identity)

    def __deepcopy__(self, memo: dict[int, object]) -> Table:
        # The same process still has it open, even if the current directory has changed.
        return self

    def gather(self, ids: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return the rows of `ids`, of shape ids.shape + (dim,).

        Raises InputError for an id without a row, UsageError for ids that are not integers.
        """
        self.check_integers(ids.dtype, ids.dtype.kind in "iu")
        if ids.size:
            self.check_range(int(ids.min()), int(ids.max()))
        # Some versions of NumPy do not accept unsigned 64-bit ids.
        rows: NDArray[np.floating] = np.take(self.array, ids.astype(np.intp, copy=False), axis=0)
        return rows

    def check_integers(self, dtype: object, integers: bool) -> None:
        """Raise UsageError unless ids, of this dtype of NumPy or a framework, are integers."""
        if not integers:
            raise UsageError(
                f"ids are integers, and these are {dtype}",
                "Convert them where they are made: float32 is exact up to 16,777,216 only.",
                path=self.path,
            )

    def check_range(self, lowest: int, highest: int) -> None:
        """Raise InputError unless all ids from `lowest` to `highest` have a row."""
        rows = self.identity.rows
        if lowest < 0 or highest >= rows:
            raise InputError(
                f"there is no row of id {lowest if lowest < 0 else highest}: the table has "
                + (f"the ids 0 to {rows - 1}" if rows else "no rows"),
                "Encode the text with the vocabulary that the matrix was built from.",
                path=self.path,
            )

    def check_mask(self, mask_zero: bool) -> None:
        """Raise UsageError if `mask_zero` would hide a token from later layers."""
        if mask_zero and not self._starts_with_padding:
            raise UsageError(
                "row 0 is a token and not padding, and mask_zero would hide it",
                "Say mask_zero=False; or build from a vocabulary whose id 0 is padding.",
                path=self.path,
            )

    def check_size(self, vocabulary_size: int | None) -> None:
        """Raise InputError if a tokenizer has more or fewer ids than the table has rows."""
        if vocabulary_size is not None and vocabulary_size != self.identity.rows:
            raise InputError(
                f"it has {self.identity.rows} rows, and the vocabulary {vocabulary_size} ids",
                "Build the matrix from the vocabulary of this tokenizer; ids count from 0, so "
                "that there is one more than the highest.",
                path=self.path,
            )


def own_table(path: Path) -> Table:
    """Return a table with a map of its own, which its owner may change. Raises InputError."""
    return Table(path, EmbeddingMatrix(path, copy_on_write=True))


_mapped: WeakValueDictionary[tuple[int, ...], EmbeddingMatrix] = WeakValueDictionary()
"""The matrices by file and state: one that was built again is another."""
_lock = threading.Lock()
"""The lock of `_mapped`. It is never held while a file is read, which may take long."""
_ATTEMPTS = 3
"""How often a file is mapped, at most, on a file system whose file states keep changing."""


def shared_table(path: Path) -> Table:
    """Return the table of a matrix that `build` wrote: the one map of the process, to be read only.

    Raises InputError.
    """
    path = os.fspath(path)
    for _ in range(_ATTEMPTS):
        state = _state(path)
        with _lock:
            known = _mapped.get(state)
        if known is not None:
            return Table(path, known)
        matrix = EmbeddingMatrix(path, copy_on_write=True)
        if _state(path) == state:  # otherwise it was replaced meanwhile
            with _lock:
                matrix = _mapped.setdefault(state, matrix)
            break
    return Table(path, matrix)


def _state(path: str) -> tuple[int, ...]:
    """Return the properties that change with a file. Raises InputError if it is missing."""
    try:
        state = os.stat(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


_moved: ContextVar[tuple[Table, ...]] = ContextVar("moved", default=())
"""Tables that are no longer where a model has seen them."""


@contextmanager
def tables(*paths: Path) -> Iterator[None]:
    """Say where the tables of models are that are loaded inside this context.

    Each model takes its own table, which it knows by its sha256. Example:

        with embedprep.tables("/data/embeddings.npy"): model =
            keras.models.load_model("model.keras")

    Args:
        *paths: The matrices.
    """
    token = _moved.set((*map(shared_table, paths), *_moved.get()))
    try:
        yield
    finally:
        _moved.reset(token)


def expected_table(path: Path, identity: Identity) -> Table:
    """Return the table of a saved model, at `path` or at one of the paths that `tables` names.

    Raises InputError if none of them is the table of this identity.
    """
    path = os.fspath(path)
    moved = _moved.get()
    for table in moved:
        if table.identity == identity:
            return table
    named = f"; nor is it {' or '.join(table.path for table in moved)}" if moved else ""
    remedy = "Say where the table is: with embedprep.tables(PATH): … load the model …"
    try:
        table = shared_table(path)
    except InputError as error:
        raise InputError(
            f"the model needs this table ({identity}): {error.reason}{named}",
            remedy,
            path=path,
        ) from error
    if table.identity != identity:
        raise InputError(
            f"this is another table than that of the model: {table.identity}, not {identity}"
            + named,
            remedy,
            path=path,
        )
    return table
