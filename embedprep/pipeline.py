"""The whole job on one page: vocabulary and vectors in, matrix and coverage out."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep import core, coverage, notices, oov, outputs
from embedprep.clock import Clock
from embedprep.combining import arrange, codes_of, fill, provenance_of, sources_of
from embedprep.destination import check_paths, open_destination
from embedprep.lookup import lookup_keys
from embedprep.options import Job, Options
from embedprep.provenance import Provenance
from embedprep.report import CoverageReport
from embedprep.sources import shown
from embedprep.vectors import Vectors, open_vectors
from embedprep.vocabulary import Role, Vocabulary, read, with_counts


def run(job: Job) -> tuple[NDArray[np.floating], CoverageReport]:
    """Make the matrix, measure it, and publish both; what `embedprep.build` documents."""
    clock, options = Clock(), job.options
    report_path = check_paths(job.output, job.report, job.inputs())
    vocabulary = _read_vocabulary(job)
    notices.of_vocabulary(vocabulary, options)
    clock.lap("vocabulary")

    with ExitStack() as resources:
        files = _open_vectors(job, resources)
        parts = arrange(files, options.combine)
        shape, dtype = (vocabulary.n_rows, parts[-1].columns.stop), np.dtype(options.dtype)
        destination = resources.enter_context(open_destination(job, report_path, shape, dtype))
        matrix, keys = destination.matrix, lookup_keys(vocabulary)
        with job.progress(_total(files)) as advance:
            filled = [fill(part, files, keys, matrix, options.policy(), advance) for part in parts]
        descriptions = [file.describe() for file in files]
        notices.of_vectors(descriptions)
        clock.lap("vectors")

        without = _provenance(vocabulary)
        codes = [codes_of(part.rank, without) for part in filled]
        for part, code in zip(filled, codes, strict=True):
            columns = matrix[:, part.columns]
            oov.fill_missing(columns, vocabulary, code, options.oov_rule(), part.columns.start)
        provenance, sources = provenance_of(codes), sources_of(filled)
        clock.lap("out-of-vocabulary rows")

        sha256 = destination.settle()
        clock.lap("checksum, rows to disk")

        records = [counted for part in filled for counted in part.records]
        report = CoverageReport(
            matrix=coverage.MatrixInfo(job.output, *shape, options.dtype, sha256),
            vectors=coverage.vectors_infos(descriptions, files, records, sources),
            vocabulary=coverage.vocabulary_info(vocabulary),
            counts=coverage.count(vocabulary, provenance),
            records=coverage.record_counts(records),
            options=_shown_options(options),
            versions=coverage.versions(),
            run=None,
        )
        annotations = outputs.annotate(vocabulary, provenance, sources, report.to_json())
        report = replace(report, run=_run(job, clock))
        destination.publish(annotations, report.to_json())
        clock.lap("report, publishing")
    return destination.result(), report


def _open_vectors(job: Job, resources: ExitStack) -> list[Vectors]:
    """All files at once, so that one that is missing is known before another has been read."""
    options = job.options
    return [
        resources.enter_context(
            closing(
                open_vectors(
                    path,
                    format=options.vectors_format,
                    tokens=options.vectors_tokens,
                    dim=options.dim,
                    threads=job.threads,
                    subwords=options.subwords,
                    trust_pickle=job.trust_pickle,
                )
            )
        )
        for path in job.vectors
    ]


def _shown_options(options: Options) -> dict[str, Any]:
    """For the report, without what may be a secret of an address."""
    tokens = options.vectors_tokens
    return asdict(options) | {"vectors_tokens": None if tokens is None else shown(tokens)}


def _total(files: list[Vectors]) -> int | None:
    """Bytes to read, where that is known of every file."""
    sizes = [file.size for file in files]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _read_vocabulary(job: Job) -> Vocabulary:
    vocabulary = read(job.vocab, job.options.vocab_format)
    if job.counts is not None:
        vocabulary = with_counts(vocabulary, job.counts)
    limit = job.options.num_words
    if limit == "auto":
        limit = vocabulary.num_words
    return vocabulary if limit is None else vocabulary.below(limit)


def _provenance(vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """One code a row, as if no vector had been found."""
    provenance = np.full(vocabulary.n_rows, Provenance.UNASSIGNED, np.uint8)
    provenance[vocabulary.rows] = Provenance.OOV
    provenance[vocabulary.rows[vocabulary.roles == Role.PADDING]] = Provenance.PADDING
    if vocabulary.padding_row is not None:
        provenance[vocabulary.padding_row] = Provenance.PADDING
    return provenance


def _run(job: Job, clock: Clock) -> coverage.Run:
    return coverage.Run(
        id=os.urandom(8).hex(),
        seconds=clock.total(),
        threads=job.threads,
        implementation=core.implementation(),
    )
