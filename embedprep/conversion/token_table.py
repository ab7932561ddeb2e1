"""A matrix as a table of its tokens in Parquet: a row for each of its rows, so that row i is id i.

DuckDB, polars and pandas read it. embedding-atlas shows it as a map, with `x`, `y` and `neighbors`
in the form that it documents: https://pypi.org/project/embedding-atlas/. There, row numbers are
ids, a point that is null is drawn at 0, 0, and a click on a row whose neighbours are null fails. So
every row is there, with a place and a list of neighbours.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedprep._platform import available_cores
from embedprep.containers import AtomicFile, reporting
from embedprep.containers.publication import Publication, refuse_inputs
from embedprep.coverage import VectorsInfo
from embedprep.errors import UsageError
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.named_tuples import NamedTuple
from embedprep.options.steps import Step
from embedprep.provenance import KEY_SEPARATOR, Provenance
from embedprep.vectors.blocks import ordered
from embedprep.vocabulary.counts import counts_in

if TYPE_CHECKING:
    import pyarrow

ENDING = ".parquet"
_NEIGHBOURS = ("ids", "distances")
"""The fields of the column `neighbors`."""
_AT_ONCE = 1 << 22
"""Cosines that a thread computes at a time."""
_ROWS_AT_ONCE = 1 << 14

Floats = NDArray[np.float32]


class Asked(NamedTuple):
    """The columns that only some tables have."""

    neighbours: int = 0
    xy: bool = False
    counts: str | None = None
    """The file with the count of each token."""


def convert_to_table(
    path: str, output: str, asked: Asked, *, clobber: bool, durable: bool
) -> VectorsInfo:
    """Write the table of the matrix at `path`, and return what the matrix is."""
    if find_spec("pyarrow") is None:
        raise UsageError("a .parquet needs pyarrow", "pip install 'embedprep[parquet]'")
    refuse_inputs([output], [path, *([] if asked.counts is None else [asked.counts])])
    with Publication([output], clobber=clobber, durable=durable) as publication:
        matrix = EmbeddingMatrix(path)
        _write(matrix, publication.files[output], asked)
        publication.publish()
    return VectorsInfo(
        path=matrix.path,
        format="matrix",
        dim=matrix.shape[1],
        records=len(matrix),
        bytes=os.path.getsize(matrix.path),
        fingerprint=matrix.coverage.matrix.sha256_of_pieces,
        header=False,
        separator=None,
        ends_with_newline=None,
        declared_records=None,
        compression=None,
        rows=len(matrix),
    )


class _OfAll(NamedTuple):
    """The contents of those columns, for all rows."""

    found: NDArray[np.int64]
    """The rows that have a vector."""
    counts: NDArray[np.int64] | None
    places: Floats | None
    nearest: tuple[NDArray[np.int64], Floats] | None
    """The nearest rows of the rows `found`."""


def _write(matrix: EmbeddingMatrix, file: AtomicFile, asked: Asked) -> None:
    import pyarrow
    import pyarrow.parquet

    found = np.flatnonzero((matrix.provenance >= Provenance.EXACT) & matrix.array.any(axis=1))
    of_all = _OfAll(
        found,
        None if asked.counts is None else counts_in(asked.counts, matrix.tokens)[1],
        _places(matrix, found) if asked.xy else None,
        _nearest(matrix.array, found, asked.neighbours) if asked.neighbours else None,
    )
    with reporting(file.path), os.fdopen(file.fd, "wb", closefd=False) as whole:
        writer = None
        for begin in range(0, len(matrix), _ROWS_AT_ONCE):
            rows = np.arange(begin, min(begin + _ROWS_AT_ONCE, len(matrix)))
            table = pyarrow.table(_columns(matrix, rows, of_all))
            if writer is None:
                writer = pyarrow.parquet.ParquetWriter(whole, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()


def _columns(
    matrix: EmbeddingMatrix, rows: NDArray[np.int64], of_all: _OfAll
) -> dict[str, pyarrow.Array]:
    """Return the columns of some rows."""
    import pyarrow

    notes, listed = matrix.annotations, rows.tolist()
    keys = [notes.keys[row].replace(KEY_SEPARATOR, b" + ") or None for row in listed]
    labels = [Provenance.label_of(code) for code in matrix.provenance[rows].tolist()]
    vectors = np.ascontiguousarray(matrix.array[rows], np.float32).reshape(-1)
    columns: dict[str, Any] = {
        "id": rows,
        "token": pyarrow.array([_text(notes.tokens[row]) for row in listed], pyarrow.string()),
        "provenance": pyarrow.array(labels),
        "key": pyarrow.array([key and _text(key) for key in keys], pyarrow.string()),
        "vector": pyarrow.FixedSizeListArray.from_arrays(vectors, matrix.shape[1]),
    }
    if of_all.counts is not None:
        nameless = columns["token"].is_null().to_numpy(zero_copy_only=False)
        columns["count"] = pyarrow.array(of_all.counts[rows], mask=nameless)
    if of_all.places is not None:
        for number, name in enumerate("xy"):
            columns[name] = of_all.places[rows, number]
    if (nearest := of_all.nearest) is not None:
        has = np.isin(rows, of_all.found)
        place = np.searchsorted(of_all.found, rows[has])
        offsets = np.concatenate([[0], np.cumsum(has * nearest[0].shape[1])])
        columns["neighbors"] = pyarrow.StructArray.from_arrays(
            [pyarrow.ListArray.from_arrays(offsets, part[place].reshape(-1)) for part in nearest],
            _NEIGHBOURS,
        )
    return columns


def _text(content: bytes) -> str | None:
    return content.decode("utf-8", "backslashreplace") or None


def _places(matrix: EmbeddingMatrix, found: NDArray[np.int64]) -> Floats:
    """Return all rows along the two main directions of the rows `found`, shape (rows, 2)."""
    from embedprep.post.applying import apply
    from embedprep.post.exact import Sample
    from embedprep.post.fitting import fit

    if len(found) < 3 or matrix.shape[1] < 2:
        raise UsageError(
            "--xy draws the rows found on a plane, which takes at least 3 rows of 2 values",
            "Drop --xy.",
            path=matrix.path,
        )
    vectors = matrix.array.astype(np.float32, copy=False)
    fitted = fit(Step("pca", 2), Sample(vectors, found, 1))
    parts = [
        apply(fitted, vectors[begin : begin + _ROWS_AT_ONCE], None)
        for begin in range(0, len(vectors), _ROWS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _nearest(
    array: NDArray[np.floating], found: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], Floats]:
    """Return the nearest rows of each of the rows `found`, and 1 - cosine, the nearest first.

    Shape (len(found), count), less if there are not so many others.
    """
    units = np.empty((len(found), array.shape[1]), np.float32)
    for begin in range(0, len(found), _ROWS_AT_ONCE):
        some = slice(begin, begin + _ROWS_AT_ONCE)
        vectors = array[found[some]].astype(np.float64)
        units[some] = vectors / np.sqrt((vectors * vectors).sum(axis=1))[:, None]
    count = min(count, max(0, len(found) - 1))
    ids = np.empty((len(found), count), np.int64)
    distances = np.empty((len(found), count), np.float32)
    step = max(1, _AT_ONCE // max(1, len(found)))

    def compare(begin: int) -> None:
        some = slice(begin, begin + step)
        cosines = units[some] @ units.T
        each = np.arange(len(cosines))
        cosines[each, begin + each] = -np.inf
        np.negative(cosines, out=cosines)
        best = np.sort(np.argpartition(cosines, count, axis=1)[:, :count]) if count else ids[some]
        far = np.take_along_axis(cosines, best, axis=1)
        order = np.argsort(far, axis=1, kind="stable")
        ids[some] = found[np.take_along_axis(best, order, axis=1)]
        distances[some] = np.maximum(0, 1 + np.take_along_axis(far, order, axis=1))

    for _ in ordered(compare, range(0, len(found), step), available_cores()):
        pass
    return ids, distances
