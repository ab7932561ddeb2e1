"""Frozen tables that models share: mapped once per process, and identified by their content.

Comes in: a matrix file. Goes out: a `Table` of the process's one map of it. A model that was saved
without its table finds it again through `found_again`.
"""

from __future__ import annotations

import operator
import os
import threading
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.digest import sha256_of
from embedprep.errors import InputError, UsageError, unreadable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance

Path = str | os.PathLike[str]
Source = Path | EmbeddingMatrix
"""Where a matrix is: its path, or the matrix that was opened there."""
State = tuple[int, ...]
"""The properties that change with a file: device, inode, size and time of modification."""

_NO_WORD = ([Provenance.PADDING], [Provenance.UNASSIGNED])


@dataclass(frozen=True)
class Identity:
    """The identity of a table, in any container and any place."""

    sha256: str
    """The sha256 over its rows, in C order and little endian, as in the report; of int8 also over
    their scales.
    """
    rows: int
    dim: int

    def __str__(self) -> str:
        return f"{self.rows} x {self.dim}, sha256 {self.sha256[:12]}…"


class Table:
    """A mapped matrix for models.

    The map is copy-on-write, because frameworks need writable memory. Until something writes to it,
    its pages are those of the file, which every process of the machine shares.
    """

    def __init__(self, path: str, matrix: EmbeddingMatrix) -> None:
        self.path = path
        """The path that the user gives; another path may lead to the same map."""
        self.folder = "" if os.path.isabs(path) else os.getcwd()
        """The folder to which a relative path belongs, whatever the current one is later."""
        self.matrix = matrix
        self.identity = Identity(matrix.coverage.matrix.sha256_of_pieces, *matrix.shape)
        """The identity in the report of the file: `check_rows` compares it with the rows."""
        self.padding_row = matrix.padding_row
        self._starts_with_padding = matrix.provenance[:1].tolist() in _NO_WORD

    @property
    def array(self) -> NDArray[np.floating]:
        """The rows, shape (rows, dim), float32 or float16; those of int8 are decoded then."""
        return self.matrix.array

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The type of what `gather` returns: float32 or float16."""
        return self.matrix.dtype

    @property
    def place(self) -> str:
        """The absolute path of the file."""
        return os.path.join(self.folder, self.path)

    def __reduce__(self) -> tuple[object, ...]:
        # A pickled model contains the path and the identity, not the rows.
        from embedprep.matrix.found_again import Record, expected_table

        self.check_rows()
        return expected_table, (self.path, Record.of(self))

    def __deepcopy__(self, memo: dict[int, object]) -> Table:
        return self

    def check_rows(self) -> None:
        """Raise InputError if the rows are no longer those of the identity, as `build` wrote them.

        All rows are read; again only after the state of the file has changed.
        """
        state = _state(self.place) if os.path.exists(self.place) else ()
        if _checked.get(self.matrix) == state:
            return
        if sha256_of(self.matrix.stored, self.matrix.scales) != self.identity.sha256:
            raise InputError(
                f"its rows are not those that were built ({self.identity}): the file was edited",
                "Build it again; embedprep verify FILE compares the rows with their report.",
                path=self.path,
            )
        _checked[self.matrix] = state

    def check_saved(self, sha256: str) -> None:
        """Raise InputError unless this sha256, saved with weights, is that of the table."""
        if sha256 != self.identity.sha256:
            raise InputError(
                f"this is another table ({self.identity}) than that of the saved model, "
                f"sha256 {sha256[:12] or 'unreadable'}…",
                "Make the layer from the table that the model was trained with.",
                path=self.path,
            )

    def gather(self, ids: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return the rows of `ids`, of shape ids.shape + (dim,).

        Raises InputError for an id without a row, UsageError for ids that are not integers.
        """
        self.check_integers(ids.dtype, ids.dtype.kind in "iu")
        if ids.size:
            self.check_range(int(ids.min()), int(ids.max()))
        return self.matrix.vectors(ids)

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
        """Raise InputError if a tokenizer has more or fewer ids than the table has rows.

        Raises UsageError if `vocabulary_size` is not a whole number.
        """
        if vocabulary_size is None:
            return
        try:
            size = operator.index(vocabulary_size)
        except TypeError as error:
            raise UsageError(
                f"vocabulary_size is {vocabulary_size!r}, and not a whole number",
                "Give the number of ids, such as vocabulary_size=len(vocabulary).",
                path=self.path,
            ) from error
        if size != self.identity.rows:
            raise InputError(
                f"it has {self.identity.rows} rows, and the vocabulary {size} ids",
                "Build the matrix from the vocabulary of this tokenizer; ids count from 0, so "
                "that there is one more than the highest.",
                path=self.path,
            )


def own_table(source: Source) -> Table:
    """Return a table with a map of its own, which its owner may change.

    Raises InputError if `build` did not write the file, UsageError if `source` is no path.
    """
    path = _path_of(source)
    return _as_opened(Table(path, EmbeddingMatrix(path, copy_on_write=True)), source)


_mapped: WeakValueDictionary[State, EmbeddingMatrix] = WeakValueDictionary()
"""The matrices by file and state: one that was built again is another."""
_open: WeakSet[Table] = WeakSet()
"""The tables over these matrices."""
_checked: WeakKeyDictionary[EmbeddingMatrix, State] = WeakKeyDictionary()
"""The state of the file when `check_rows` last compared the rows with the identity."""
_lock = threading.Lock()
"""The lock of `_mapped` and `_open`. It is never held while a file is read, which may take long."""
_ATTEMPTS = 3
"""How often a file is mapped, at most, on a file system whose file states keep changing."""


def shared_table(source: Source) -> Table:
    """Return the table of a matrix that `build` wrote: the one map of the process, to be read only.

    Raises InputError if `build` did not write the file, UsageError if `source` is no path.
    """
    path = _path_of(source)
    for _ in range(_ATTEMPTS):
        state = _state(path)
        with _lock:
            known = _mapped.get(state)
        if known is not None:
            matrix = known
            break
        matrix = EmbeddingMatrix(path, copy_on_write=True)
        if _state(path) == state:  # otherwise it was replaced meanwhile
            with _lock:
                matrix = _mapped.setdefault(state, matrix)
            break
    table = _as_opened(Table(path, matrix), source)
    with _lock:
        _open.add(table)
    return table


def open_tables() -> list[Table]:
    """Return the shared tables that models of this process use, in the order of their places."""
    with _lock:
        return sorted(_open, key=lambda table: table.place)


def _path_of(source: Source) -> str:
    """Return the path of a matrix. Raises UsageError for anything else."""
    if isinstance(source, EmbeddingMatrix):
        if source.stored.flags.writeable:
            raise UsageError(
                "the matrix was opened with copy_on_write, and the rows come from its file",
                "Give the path, if the rows of the file are what you want.",
                path=source.path,
            )
        return source.path
    try:
        path = os.fspath(source)
    except TypeError as error:
        raise UsageError(
            f"a matrix is given by the path of its file, and this is of type "
            f"{type(source).__name__}",
            "Give the path: what embedprep build wrote, such as 'embeddings.npy'.",
        ) from error
    return os.fsdecode(path)


def _as_opened(table: Table, source: Source) -> Table:
    """Return the table. Raises InputError if the file is another than that of an open matrix."""
    if isinstance(source, EmbeddingMatrix):
        opened = Identity(source.coverage.matrix.sha256_of_pieces, *source.shape)
        if opened != table.identity:
            raise InputError(
                f"this is another table than the matrix opened there: {table.identity}, not "
                f"{opened}",
                "Open it again: embedprep.open(PATH).",
                path=table.path,
            )
    return table


def _state(path: str) -> State:
    """Return the state of a file. Raises InputError if it is missing."""
    try:
        state = os.stat(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
