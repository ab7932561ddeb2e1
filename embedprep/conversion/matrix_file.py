"""embedprep's own containers: the keys are the vocabulary, and each has its vector."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np

from embedprep import coverage, outputs
from embedprep.conversion.publication import Publication
from embedprep.conversion.records import Table
from embedprep.provenance import Provenance
from embedprep.vocabulary import read


def write_npy(table: Table, output: Publication) -> None:
    """The array, and for programs that read nothing but it a JSON list of its tokens."""
    write(table, output)
    tokens = [key.decode() for key in table.keys]
    output.file(output.beside(".tokens.json")).write(json.dumps(tokens).encode())


def write(table: Table, output: Publication) -> None:
    """A matrix as `build` writes it, with a report that says where it came from."""
    file = output.file(output.path)
    shape = (len(table.keys), table.dim)
    writer = outputs.writer(file, shape, np.dtype(np.float32))
    sha256, row = hashlib.sha256(), 0
    for keys, rows in table.chunks():
        writer.matrix[row : row + len(keys)] = rows
        sha256.update(rows.astype("<f4", copy=False).tobytes())
        row += len(keys)
    writer.sync()
    vocabulary = replace(
        read([key.decode() for key in table.keys]), format="records", path=table.source.path
    )
    provenance = np.full(len(table.keys), Provenance.EXACT, np.uint8)
    report = coverage.Coverage(
        matrix=coverage.MatrixInfo(output.path, *shape, "float32", sha256.hexdigest()),
        vectors=(table.source,),
        vocabulary=coverage.vocabulary_info(vocabulary),
        counts=coverage.count(vocabulary, provenance),
        records=coverage.record_counts([table.counted]),
        options={},
        versions=coverage.versions(),
        run=None,
    )
    sources = np.ones(len(table.keys), np.uint8)
    writer.annotate(outputs.annotate(vocabulary, provenance, sources, report.to_json()))
