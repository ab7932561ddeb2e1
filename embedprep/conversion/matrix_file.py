"""embedprep's own containers: the keys are the vocabulary, and each has its vector."""

from __future__ import annotations

import numpy as np

from embedprep import containers
from embedprep.containers import AtomicFile, Container, tokens_beside
from embedprep.containers.quantised import quantised
from embedprep.conversion.arrays import tokens_of
from embedprep.conversion.sinks import Chunks, Table
from embedprep.coverage import Coverage, MatrixInfo, description
from embedprep.coverage.measuring import measure
from embedprep.lookup import look_up
from embedprep.provenance import Origins, Provenance
from embedprep.vocabulary import Vocabulary, read


def write(table: Table, chunks: Chunks, files: list[AtomicFile], *, container: Container) -> None:
    """Write the matrix and, if the container needs a second file, a JSON list of its tokens."""
    matrix, *lists = files
    _write(table, chunks, matrix, container)
    for tokens in lists:
        tokens.write(tokens_beside.as_json(tokens_of(table)))


def _write(table: Table, chunks: Chunks, file: AtomicFile, container: Container) -> None:
    """Write a matrix as `build` does, with a report that says where it came from.

    Rows of int8 stay what they are, as do their scales.
    """
    shape = (len(table.keys), table.dim)
    dtype = np.dtype(np.float32 if table.scales is None else np.int8)
    writer = containers.writer(file, shape, dtype, container, in_order=True)
    row = 0
    for keys, rows in chunks:
        some = slice(row, row + len(keys))
        scales = None if table.scales is None else table.scales[some, None]
        writer.matrix[some] = rows if scales is None else quantised(rows * scales)
        row += len(keys)
    sha256 = writer.settle(table.scales)
    vocabulary = _vocabulary(table)
    provenance = np.full(len(table.keys), Provenance.EXACT, np.uint8)
    report = Coverage(
        matrix=MatrixInfo(file.path, *shape, dtype.name, sha256),
        vectors=(table.source,),
        vocabulary=description.vocabulary_info(vocabulary),
        counts=measure(look_up(vocabulary), provenance, None, 0).counts,
        fallback=(),
        advice=(),
        recommended=None,
        records=description.record_counts([table.counted]),
        options={},
        versions=description.versions(),
        run=None,
    )
    every = len(table.keys)
    origins = Origins(provenance, np.ones(every, np.uint8), np.full(every, -1, np.int64), {})
    notes = containers.annotate(vocabulary, origins, report.to_json())
    writer.annotate(notes._replace(scales=table.scales))


def _vocabulary(table: Table) -> Vocabulary:
    """Return the keys as a vocabulary."""
    surface = table.keys_are.surface
    return read(tokens_of(table))._replace(
        format="records", surface=surface, path=table.source.path
    )
