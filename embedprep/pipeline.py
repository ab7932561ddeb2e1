"""The whole job on one page: vocabulary and vectors in, matrix and coverage out."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep import core, notices, oov, outputs
from embedprep.clock import Clock
from embedprep.combining import Filled, Part, arrange, fill, fill_again, origins_of, trace
from embedprep.coverage import MatrixInfo, Run, VocabularyInfo, description
from embedprep.coverage.measuring import measure, worthwhile_rules
from embedprep.destination import checked_paths, open_destination
from embedprep.indexing import with_index
from embedprep.lookup import EXACT, Lookup, look_up, look_up_again
from embedprep.options import Job, Options
from embedprep.provenance import Provenance
from embedprep.report import CoverageReport
from embedprep.sources import shown
from embedprep.vectors import Vectors, open_vectors
from embedprep.vocabulary import Role, Vocabulary, read, with_counts


def run(job: Job) -> tuple[NDArray[np.floating], CoverageReport]:
    """Make the matrix, measure it, and publish both; what `embedprep.build` documents."""
    clock, options = Clock(), job.options
    paths = checked_paths(job)
    if job.html is not None:
        _check_html_libraries()
    vocabulary = _read_vocabulary(job)
    notices.of_vocabulary(vocabulary, options)
    clock.lap("vocabulary")

    with ExitStack() as resources:
        files = _open_vectors(job, resources)
        parts = arrange(files, options.combine)
        shape, dtype = (vocabulary.n_rows, parts[-1].columns.stop), np.dtype(options.dtype)
        destination = resources.enter_context(open_destination(job, paths, shape, dtype))
        matrix, without = destination.matrix, _provenance(vocabulary)
        lookup = _look_up(job, vocabulary)
        with job.progress(_total(files)) as advance:
            filled = [
                fill(part, files, lookup.keys, matrix, options.policy(), advance) for part in parts
            ]
        descriptions = [file.describe() for file in files]
        notices.of_vectors(descriptions)
        clock.lap("vectors")

        if job.reads_twice():
            lookup = _fall_back(job, lookup, parts, filled, matrix, without)
            clock.lap("fallback")
        traced = [trace(part, lookup.keys, without) for part in filled]
        for part, found in zip(filled, traced, strict=True):
            columns, rule = matrix[:, part.columns], options.oov_rule()
            oov.fill_missing(columns, vocabulary, found.provenance, rule, part.columns.start)
        origins = origins_of(filled, traced)
        clock.lap("out-of-vocabulary rows")

        destination.settle()  # goes on in the background

        records = [counted for part in filled for counted in part.records]
        censuses = [census for part in filled for census in part.censuses]
        notices.of_censuses(censuses)
        measured = measure(lookup, origins.provenance, censuses, options.min_gain)
        fallback = tuple(rule.name for rule in lookup.rules)
        del lookup  # what follows takes as much memory as its words did
        annotations = outputs.annotate(vocabulary, origins)
        clock.lap("coverage")

        sha256 = destination.settled()
        clock.lap("checksum, rows to disk")

        report = CoverageReport(
            matrix=MatrixInfo(job.output, *shape, options.dtype, sha256),
            vectors=description.vectors_infos(descriptions, files, records, origins.sources),
            vocabulary=_vocabulary_info(job, vocabulary),
            counts=measured.counts,
            fallback=fallback,
            advice=measured.advice,
            recommended=measured.recommended,
            records=description.record_counts(records),
            options=_shown_options(options),
            versions=description.versions(),
            run=None,
        )
        annotations = replace(annotations, report=report.to_json())
        report = replace(report, run=_run(job, clock))
        page = None if job.html is None else _page(report, matrix, annotations)
        destination.publish(annotations, report.to_json(), page)
        clock.lap("report, publishing")
    return destination.result(), report


def _open_vectors(job: Job, resources: ExitStack) -> list[Vectors]:
    """All files at once, so that one that is missing is known before another has been read."""
    options = job.options
    opened = [
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
    if job.engine == "dask":
        from embedprep.cluster import on_cluster

        return on_cluster(opened, job.vectors, job.scheduler, job.threads, resources)
    return [with_index(vectors, job.index) for vectors in opened]


def _look_up(job: Job, vocabulary: Vocabulary) -> Lookup:
    """What to look for when the vectors are read for the first time."""
    word_list = None
    if job.words is not None:
        from embedprep.vocabulary.word_list import read_word_list

        word_list = read_word_list(job.words)
    rules = () if job.reads_twice() else job.options.rules() or ()
    match_pieces = job.options.match_pieces
    return look_up(vocabulary, rules, match_pieces=match_pieces, word_list=word_list)


def _fall_back(
    job: Job,
    lookup: Lookup,
    parts: list[Part],
    filled: list[Filled],
    matrix: NDArray[np.floating],
    without: NDArray[np.uint8],
) -> Lookup:
    """Read the vectors once more for other forms of what was not found; what was looked for."""
    options, rules = job.options, job.options.rules()
    if rules is None:
        provenance = origins_of(filled, [trace(part, lookup.keys, without) for part in filled])
        censuses = [census for part in filled for census in part.censuses]
        rules = worthwhile_rules(lookup, provenance.provenance, censuses, options.min_gain)
    rows = np.logical_or.reduce([part.claims.rank > EXACT for part in filled])
    again = look_up_again(lookup, rules, rows)
    if again.keys.means is None and not (again.keys.rank > EXACT).any():
        return again  # there is no other form of anything
    with ExitStack() as resources:
        files = _open_vectors(job, resources)
        with job.progress(_total(files)) as advance:
            for part, found in zip(parts, filled, strict=True):
                policy = options.policy()
                fill_again(part, found, files, again.keys, matrix, policy, advance)
    return again


def _check_html_libraries() -> None:
    """Raise before hours of work rather than behind them."""
    from embedprep.report.html import check_libraries

    check_libraries()


def _page(report: CoverageReport, matrix: NDArray[np.floating], notes: outputs.Annotations) -> str:
    from embedprep.report.html import Rows, render

    return render(report, Rows(matrix, notes.provenance, notes.tokens.all()))


def _shown_options(options: Options) -> dict[str, Any]:
    """For the report, without what may be a secret of an address."""
    tokens = options.vectors_tokens
    return asdict(options) | {"vectors_tokens": None if tokens is None else shown(tokens)}


def _vocabulary_info(job: Job, vocabulary: Vocabulary) -> VocabularyInfo:
    counts, words = (None if path is None else shown(path) for path in (job.counts, job.words))
    return description.vocabulary_info(vocabulary, counts, words)


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


def _run(job: Job, clock: Clock) -> Run:
    return Run(
        id=os.urandom(8).hex(),
        seconds=clock.total(),
        threads=job.threads,
        implementation=core.implementation(),
    )
