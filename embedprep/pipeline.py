"""The whole job on one page: vocabulary and vectors in, matrix and coverage out."""

from __future__ import annotations

import os
import platform
from contextlib import closing
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from embedprep import core, coverage, notices, oov, outputs
from embedprep._version import __version__
from embedprep.clock import Clock
from embedprep.destination import check_paths, open_destination
from embedprep.lookup import EXACT, lookup_keys
from embedprep.matching import match
from embedprep.options import Job
from embedprep.provenance import Provenance
from embedprep.report import CoverageReport
from embedprep.vectors import open_vectors
from embedprep.vocabulary import Role, Vocabulary, read, with_counts


def run(job: Job) -> tuple[NDArray[np.floating], CoverageReport]:
    """Make the matrix, measure it, and publish both; what `embedprep.build` documents."""
    clock, options = Clock(), job.options
    report_path = check_paths(job.output, job.report, job.inputs())
    vocabulary = _read_vocabulary(job)
    notices.of_vocabulary(vocabulary, options)
    clock.lap("vocabulary")

    source = open_vectors(
        job.vectors, format=options.vectors_format, dim=options.dim, threads=job.threads
    )
    shape, dtype = (vocabulary.n_rows, source.dim), np.dtype(options.dtype)
    with closing(source), open_destination(job, report_path, shape, dtype) as destination:
        matrix = destination.matrix
        with job.progress(source.size) as advance:
            rank, records = match(
                source, lookup_keys(vocabulary), matrix, options.policy(), advance
            )
        description = source.describe()
        notices.of_vectors(description)
        clock.lap("vectors")

        provenance = _provenance(vocabulary, rank)
        oov.fill_missing(matrix, vocabulary, provenance, options.oov_rule())
        clock.lap("out-of-vocabulary rows")

        sha256 = destination.settle()
        clock.lap("checksum, rows to disk")

        report = CoverageReport(
            matrix=coverage.MatrixInfo(job.output, *shape, options.dtype, sha256),
            vectors=(coverage.vectors_info(description, source, records),),
            vocabulary=coverage.vocabulary_info(vocabulary),
            counts=coverage.count(vocabulary, provenance),
            records=coverage.record_counts(records),
            options=asdict(options),
            versions=_versions(),
            run=None,
        )
        annotations = outputs.annotate(vocabulary, provenance, report.to_json())
        report = replace(report, run=_run(job, clock))
        destination.publish(annotations, report.to_json())
        clock.lap("report, publishing")
    return destination.result(), report


def _read_vocabulary(job: Job) -> Vocabulary:
    vocabulary = read(job.vocab, job.options.vocab_format)
    if job.counts is not None:
        vocabulary = with_counts(vocabulary, job.counts)
    limit = job.options.num_words
    if limit == "auto":
        limit = vocabulary.num_words
    return vocabulary if limit is None else vocabulary.below(limit)


def _provenance(vocabulary: Vocabulary, rank: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One code a row, from its tokens and from the key that filled it."""
    provenance = np.full(vocabulary.n_rows, Provenance.UNASSIGNED, np.uint8)
    provenance[vocabulary.rows] = Provenance.OOV
    provenance[rank == EXACT] = Provenance.EXACT
    provenance[vocabulary.rows[vocabulary.roles == Role.PADDING]] = Provenance.PADDING
    if vocabulary.padding_row is not None:
        provenance[vocabulary.padding_row] = Provenance.PADDING
    return provenance


def _versions() -> dict[str, str]:
    return {
        "embedprep": __version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _run(job: Job, clock: Clock) -> coverage.Run:
    return coverage.Run(
        id=os.urandom(8).hex(),
        seconds=clock.total(),
        threads=job.threads,
        implementation=core.implementation(),
    )
