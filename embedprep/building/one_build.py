"""One build: everything done for one vocabulary before and after the vectors are read.

Each stage is a function from one record to the next: `prepare`, `look_up`, `look_up_again`,
`settle`, `measure`, `annotate`, `write`, `publish`. The records are those of `states`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedprep import containers, core, lookup
from embedprep.building import new_space, notices
from embedprep.building.destination import checked_paths, open_destination
from embedprep.building.job import Job
from embedprep.building.states import (
    Annotated,
    Build,
    Found,
    Measured,
    Prepared,
    Result,
    Settled,
    Sought,
    Written,
)
from embedprep.containers import Annotations
from embedprep.coverage import MatrixInfo, Run, VocabularyInfo, description, measuring
from embedprep.coverage.record import with_run
from embedprep.lookup import EQUIVALENT
from embedprep.matching.combining import Part, Target, origins_of
from embedprep.matching.records import Policy
from embedprep.options import Options
from embedprep.options.arguments import checked_threads
from embedprep.post import oov
from embedprep.provenance import Provenance
from embedprep.report import CoverageReport
from embedprep.sources import without_secrets
from embedprep.vectors import Description, Vectors
from embedprep.vocabulary import Vocabulary, read, with_counts
from embedprep.vocabulary.key_convention import AboutKeys

if TYPE_CHECKING:
    from embedprep.counting import CountedText
    from embedprep.vocabulary.word_list import WordList


def prepare(job: Job) -> Prepared:
    """Read the vocabulary. Raises for an impossible output now, before hours of work."""
    paths = checked_paths(job)
    if job.html is not None:
        from embedprep.report.html import check_libraries

        check_libraries()
    vocabulary, text = _read_vocabulary(job)
    notices.of_vocabulary(vocabulary, job)
    if job.dtype == "int8" and paths is not None and paths.model is not None:
        notices.of_int8_model(paths.model)
    return Prepared(job, paths, vocabulary, text, new_space.steps_of(job))


def look_up(prepared: Prepared, parts: Sequence[Part], resources: ExitStack) -> Sought:
    """Allocate the matrix, whose columns are `parts`, and look up the tokens."""
    job, vocabulary, steps = prepared.job, prepared.vocabulary, prepared.steps
    dim, dtype = parts[-1].columns.stop, np.dtype(job.dtype)
    new_space.check_width(job, steps, dim)
    destination = open_destination(job, prepared.paths, vocabulary, dtype)
    resources.enter_context(destination)
    path = None if prepared.paths is None else prepared.paths.matrix
    if _needs_own_memory(job, steps):
        rows: NDArray[np.floating] = np.zeros((vocabulary.n_rows, dim), np.float32)
    else:
        rows = destination.allocate(dim)
    build = Build(job, vocabulary, destination, path, prepared.text, steps, rows)
    word_list = None
    if job.words is not None:
        from embedprep.vocabulary.word_list import read_word_list

        word_list = read_word_list(job.words)
    elif job.pieces == "mean" and prepared.text is not None:
        word_list = prepared.text.word_list()
    rules = () if job.reads_twice() else job.rules or ()
    match_pieces = job.match_pieces
    sought = lookup.look_up(vocabulary, rules, match_pieces=match_pieces, word_list=word_list)
    if word_list is not None and sought.pieces is not None:
        named = job.words if job.words is not None else ", ".join(job.text)
        notices.of_words(sought.pieces, sought.count_pieces(), word_list, named)
    return Sought(build, sought)


def target_of(one: Sought | Found) -> Target:
    """Return the matrix to fill, and what to look up."""
    job = one.build.job
    policy = Policy(job.on_malformed, job.on_duplicate)
    return Target(one.build.rows, one.lookup, policy)


def look_up_again(found: Found) -> Found:
    """Look up other forms of the words that were not found."""
    job, filled = found.build.job, found.filled
    rules, examined = job.rules, None
    if rules is None:
        provenance = origins_of(filled, found.traced()).provenance
        rules, examined = measuring.choose_rules(
            found.lookup, provenance, found.censuses(), job.min_gain
        )
    rows = np.logical_or.reduce([part.claims.rank > EQUIVALENT for part in filled])
    again = lookup.look_up_again(found.lookup, rules, rows)
    return found._replace(lookup=again, examined=None if rules else examined)


def settle(found: Found, records_to_fit: NDArray[np.float32] | None) -> Settled:
    """Change the rows found, fill the rows without a vector, and write the rows to the disk in the
    background.
    """
    build, traced = found.build, found.traced()
    origins = origins_of(found.filled, traced)
    provenance, space = origins.provenance, new_space.NewSpace(build.rows)
    parts = [(part.columns, one.provenance) for part, one in zip(found.filled, traced, strict=True)]
    if build.steps:
        # The steps mix columns, so those that some of the files lack are filled before.
        nothing = provenance == Provenance.OOV
        lacking = [
            (columns, np.where(nothing, np.uint8(Provenance.UNASSIGNED), own))
            for columns, own in parts
        ]
        if (provenance == Provenance.PARTIAL).any():
            _fill_missing(build, build.rows, lacking, provenance)
        space = new_space.new_space(
            build.job, build.vocabulary, build.steps, build.rows, provenance, records_to_fit
        )
        parts = [(slice(0, space.rows.shape[1]), provenance)]
    _fill_missing(build, space.rows, parts, provenance)
    quantised = None
    if _needs_own_memory(build.job, build.steps):
        matrix = build.destination.allocate(space.rows.shape[1])
        if build.job.dtype == "int8":
            from embedprep.building.quantising import quantise

            threads = checked_threads(build.job.threads)
            quantised = quantise(space.rows, matrix, build.vocabulary, provenance, threads)
        else:
            new_space.store(space.rows, matrix, build.path)
    build.destination.settle(quantised and quantised.scales)
    records = [counted for part in found.filled for counted in part.records]
    norms = new_space.norms(space.rows, provenance)
    # The memory of rows that were not the destination's is free from here on.
    space, build = space._replace(rows=None), build._replace(rows=build.destination.matrix)
    return Settled(
        build,
        found.lookup,
        origins,
        found.censuses(),
        found.examined,
        records,
        space,
        norms,
        quantised,
    )


def _needs_own_memory(job: Job, steps: new_space.Steps) -> bool:
    """Whether the rows are read to other memory than that of the destination."""
    changes_type = bool(steps) and job.dtype != "float32"
    return new_space.changes_width(steps) or changes_type or job.dtype == "int8"


def _fill_missing(
    build: Build,
    rows: NDArray[np.floating],
    parts: Sequence[tuple[slice, NDArray[np.uint8]]],
    provenance: NDArray[np.uint8],
) -> None:
    """Fill the rows without a vector; `parts` are columns with the provenance of their rows."""
    job = build.job
    rule = oov.Oov(job.oov, new_space.oov_scale(job, rows, provenance), job.seed)
    for columns, own in parts:
        oov.fill_missing(rows[:, columns], build.vocabulary, own, rule, columns.start)


def measure(settled: Settled) -> Measured:
    """Measure the coverage."""
    sought, provenance = settled.lookup, settled.origins.provenance
    build, min_gain = settled.build, settled.build.job.min_gain
    words = partial(_words_for_pieces, build)
    measured = measuring.measure(
        sought, provenance, settled.censuses, min_gain, words, settled.examined
    )
    missing = np.flatnonzero(provenance[build.vocabulary.rows] == Provenance.OOV)
    notices.of_byte_order_marks(sought.words, missing, build.job.vectors, settled.censuses)
    if build.text is not None:
        from embedprep.building.your_text import with_context

        counts = with_context(measured.counts, build.text, build.vocabulary)
        measured = measured._replace(counts=counts)
    return Measured(
        build,
        settled.origins,
        [AboutKeys(census.keys_are, census.first, certain=True) for census in settled.censuses],
        settled.records,
        tuple(rule.name for rule in sought.rules),
        measured,
        settled.space,
        settled.norms,
        settled.quantised,
    )


def annotate(measured: Measured) -> Annotated:
    """Arrange the annotations of the rows."""
    notes = containers.annotate(measured.build.vocabulary, measured.origins)
    scales = measured.quantised and measured.quantised.scales
    return Annotated(measured, notes._replace(fitted=measured.space.fitted, scales=scales))


def write(
    annotated: Annotated,
    sha256: str,
    files: Sequence[Vectors],
    descriptions: Sequence[Description],
    seconds: float,
) -> Written:
    """Write the report, `seconds` after the start; the rows (`sha256`) are on the disk."""
    measured = annotated.measured
    build, coverage, records = measured.build, measured.coverage, measured.records
    job, matrix = build.job, build.destination.matrix
    rows, dim = matrix.shape
    conventions = [about.keys_are for about in measured.keys]
    sources = measured.origins.sources
    report = CoverageReport(
        matrix=MatrixInfo(build.path, rows, dim, job.dtype, sha256),
        vectors=description.vectors_infos(descriptions, files, records, conventions, sources),
        vocabulary=_vocabulary_info(job, build),
        counts=coverage.counts,
        fallback=measured.fallback,
        advice=coverage.advice,
        recommended=coverage.recommended,
        pieces=coverage.pieces,
        norms=measured.norms,
        post=measured.space.post,
        quantisation=measured.quantised and measured.quantised.quantisation,
        records=description.record_counts(records),
        options=_shown_options(job),
        versions=description.versions(),
        run=None,
    )
    annotations = annotated.annotations._replace(report=report.to_json())
    run = _run(job, seconds)
    report = report._replace(run=run)
    page = None if job.html is None else _page(report, matrix, annotations)
    build.destination.write(annotations, with_run(annotations.report, run), page)
    return Written(build, measured.keys, report)


def publish(written: Written) -> Result:
    """Publish the matrix and its report."""
    destination = written.build.destination
    destination.publish()
    return destination.result(), written.report


def last_note(written: Written) -> None:
    """Print, after everything else, what the user must not overlook."""
    notices.of_coverage(written.report, written.build.vocabulary, written.keys)


def _read_vocabulary(job: Job) -> tuple[Vocabulary, CountedText | None]:
    vocabulary, text = read(job.vocab, told=job.of_vocabulary), None
    if job.text:
        from embedprep.building.your_text import counted

        vocabulary, text = counted(vocabulary, job)
    if job.counts is not None:
        vocabulary = with_counts(vocabulary, job.counts)
        notices.of_counts(vocabulary, job.counts)
    limit = job.num_words
    if limit == "auto":
        limit = vocabulary.num_words
    return vocabulary if limit is None else vocabulary.below(limit), text


def _words_for_pieces(build: Build) -> WordList | None:
    """Return the words of the text if `--pieces mean` might use them, and does not."""
    job = build.job
    wanted = job.pieces == "none" and (job.combine == "fill" or len(job.vectors) == 1)
    return build.text.word_list() if wanted and build.text is not None else None


def _page(report: CoverageReport, matrix: NDArray[Any], notes: Annotations) -> str:
    from embedprep.report.html import Unpublished, render

    tokens = notes.tokens.all()
    return render(report, Unpublished(matrix, notes.provenance, tokens, notes.scales))


def _shown_options(options: Options) -> dict[str, Any]:
    """Return the options for the report, without the possible secrets of an address."""
    tokens = options.vectors_tokens
    return options.as_told() | {
        "vectors_tokens": None if tokens is None else without_secrets(tokens)
    }


def _vocabulary_info(job: Job, build: Build) -> VocabularyInfo:
    counts, words = (
        None if path is None else without_secrets(path) for path in (job.counts, job.words)
    )
    text = None
    if build.text is not None:
        from embedprep.building.your_text import info

        text = info(build.text)
    return description.vocabulary_info(build.vocabulary, counts, words, text)


def _run(job: Job, seconds: float) -> Run:
    return Run(
        id=os.urandom(8).hex(),
        seconds=seconds,
        threads=checked_threads(job.threads),
        implementation=core.implementation(),
    )
