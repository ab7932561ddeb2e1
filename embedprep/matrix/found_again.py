"""A model that was saved without its table finds it again.

Comes in: a path, and the `Record` that the model keeps. Goes out: the `Table` with the same
identity, from wherever it is now, or an error.

The identity of a table is the sha256 of the rows that `build` wrote. It is compared with the rows
themselves when a model is saved, when weights are loaded, and when a model is loaded over a file
that changed after the model was saved: once per process and file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from embedprep.errors import InputError
from embedprep.matrix.shared_table import Identity, Source, Table, open_tables, shared_table


@dataclass(frozen=True)
class Record:
    """The record that a saved model keeps of its table, besides the path."""

    sha256: str
    rows: int
    dim: int
    folder: str
    """The folder to which the path, if relative, belonged."""
    modified: int
    """When the file was last modified, in nanoseconds since 1970; 0 if it was gone."""

    @property
    def identity(self) -> Identity:
        return Identity(self.sha256, self.rows, self.dim)

    @classmethod
    def of(cls, table: Table) -> Record:
        identity = table.identity
        return cls(
            identity.sha256, identity.rows, identity.dim, table.folder, _modified(table.place)
        )


_moved: ContextVar[tuple[Table, ...]] = ContextVar("moved", default=())
"""Tables that are no longer where a model has seen them."""


@contextmanager
def tables(*paths: Source) -> Iterator[None]:
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


def expected_table(path: str, record: Record) -> Table:
    """Return the table of a saved model, from the first place that has it.

    The places are: the paths that `tables` names; the tables that this process has open; the path,
    in the folder where the model was made, in the current folder, or beside the file that is being
    loaded; and the name of the file in the last two.

    Raises InputError if none of them has the table, or if its rows were edited.
    """
    found = _found(path, record)
    if _modified(found.place) != record.modified:
        found.check_rows()
    return found


def _found(path: str, record: Record) -> Table:
    moved = _moved.get()
    place = os.path.join(record.folder, path)
    # The copy at the model's own place goes before others.
    opened = sorted(open_tables(), key=lambda table: table.place != place)
    for table in (*moved, *opened):
        if table.identity == record.identity:
            return table
    reasons = []
    for candidate in _candidates(path, record.folder):
        try:
            table = shared_table(candidate)
        except InputError as error:
            reasons.append(f"the model needs this table ({record.identity}): {error.reason}")
            continue
        if table.identity == record.identity:
            return table
        reasons.append(
            f"this is another table than that of the model: {table.identity}, not {record.identity}"
        )
    named = f"; nor is it {' or '.join(table.path for table in moved)}" if moved else ""
    raise InputError(
        reasons[0] + named,  # that of the place where the model was made
        "Say where the table is: with embedprep.tables(PATH): … load the model …",
        path=place,
    )


def _candidates(path: str, folder: str) -> Iterator[str]:
    """Yield the paths at which a table may be, the place where it was first."""
    yield os.path.join(folder, path)
    for now in ("", *_folders_being_loaded()):
        for name in dict.fromkeys((path, os.path.basename(path))):
            if os.path.exists(candidate := os.path.join(now, name)):
                yield candidate


_FILE_ARGUMENT = {("keras", "load_model"): "filepath", ("torch", "load"): "f"}
"""The functions that load models, and the names of their arguments that say from which file."""


def _folders_being_loaded() -> Iterator[str]:
    """Yield the folders of the models that callers are loading.

    The frameworks do not say it to what is inside a model, so their stack frames have to.
    """
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        name = _FILE_ARGUMENT.get((package, frame.f_code.co_name))
        file: Any = frame.f_locals.get(name) if name else None
        file = getattr(file, "name", file) if not isinstance(file, os.PathLike) else file
        if isinstance(file, str | os.PathLike):
            yield os.path.dirname(os.path.abspath(os.fspath(file)))


def _modified(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
