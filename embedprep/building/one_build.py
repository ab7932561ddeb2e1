"""One matrix on its way: what a build does for its own vocabulary, before and behind the reading
of the vectors.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep import containers, core, oov
from embedprep.building import notices
from embedprep.building.destination import checked_paths, open_destination
from embedprep.building.options import Job, Options
from embedprep.containers import Annotations
from embedprep.coverage import MatrixInfo, Run, VocabularyInfo, description
from embedprep.coverage.measuring import measure, worthwhile_rules
from embedprep.lookup import EXACT, Lookup, look_up, look_up_again
from embedprep.matching.census import Census
from embedprep.matching.combining import Filled, Part, Target, origins_of, trace
from embedprep.provenance import Origins, Provenance
from embedprep.report import CoverageReport
from embedprep.sources import shown
from embedprep.vectors import Description, Vectors
from embedprep.vectors.key_convention import KeyConvention
from embedprep.vocabulary import Role, Vocabulary, read, with_counts

Result = tuple[NDArray[np.floating], CoverageReport]


class Building:
    """The stages of one build, to be called in their order."""

    filled: Sequence[Filled]
    """What became of each part of the columns; set by whoever reads the vectors."""

    def __init__(self, job: Job) -> None:
        """Reads the vocabulary."""
        self.job = job
        self._paths = checked_paths(job)
        if job.html is not None:
            _check_html_libraries()
        self._vocabulary = _read_vocabulary(job)
        notices.of_vocabulary(self._vocabulary, job.options)

    def open(self, parts: Sequence[Part], resources: ExitStack) -> None:
        """Make room for the matrix, whose columns are `parts`, and look up the tokens."""
        job, vocabulary = self.job, self._vocabulary
        self._shape = (vocabulary.n_rows, parts[-1].columns.stop)
        dtype = np.dtype(job.options.dtype)
        destination = open_destination(job, self._paths, self._shape, dtype)
        self._destination = resources.enter_context(destination)
        self._without = _provenance(vocabulary)
        self._lookup = _look_up(job, vocabulary)

    def target(self) -> Target:
        """What is to be filled, with what is looked for now."""
        return Target(self._destination.matrix, self._lookup, self.job.options.policy())

    def look_up_again(self) -> bool:
        """Go over to other forms of what was not found; False if there is none."""
        rules = self.job.options.rules()
        if rules is None:
            provenance, censuses = self._origins().provenance, self._censuses()
            rules = worthwhile_rules(self._lookup, provenance, censuses, self.job.options.min_gain)
        rows = np.logical_or.reduce([part.claims.rank > EXACT for part in self.filled])
        self._lookup = look_up_again(self._lookup, rules, rows)
        return self._lookup.has_other_forms(self._conventions())

    def settle(self) -> None:
        """Fill the rows without a vector. On the way to the disk the rows go on by themselves."""
        matrix, rule = self._destination.matrix, self.job.options.oov_rule()
        traced = [trace(part, self._lookup, self._without) for part in self.filled]
        for part, found in zip(self.filled, traced, strict=True):
            columns, first = matrix[:, part.columns], part.columns.start
            oov.fill_missing(columns, self._vocabulary, found.provenance, rule, first)
        self._final = origins_of(self.filled, traced)
        self._destination.settle()

    def measure(self) -> None:
        """What the report says of the rows."""
        lookup, provenance = self._lookup, self._final.provenance
        gain = self.job.options.min_gain
        self._measured = measure(lookup, provenance, self._censuses(), gain)
        self._fallback = tuple(rule.name for rule in lookup.rules)
        del self._lookup, lookup  # what follows takes as much memory as its words did
        self._annotations = containers.annotate(self._vocabulary, self._final)

    def settled(self) -> None:
        """Wait until the rows are on the disk."""
        self._sha256 = self._destination.settled()

    def report(
        self, files: Sequence[Vectors], descriptions: Sequence[Description], seconds: float
    ) -> None:
        """Write the report, `seconds` after the start."""
        job, measured, options = self.job, self._measured, self.job.options
        records = [counted for part in self.filled for counted in part.records]
        sources = self._final.sources
        report = CoverageReport(
            matrix=MatrixInfo(job.output, *self._shape, options.dtype, self._sha256),
            vectors=description.vectors_infos(
                descriptions, files, records, self._conventions(), sources
            ),
            vocabulary=_vocabulary_info(job, self._vocabulary),
            counts=measured.counts,
            fallback=self._fallback,
            advice=measured.advice,
            recommended=measured.recommended,
            records=description.record_counts(records),
            options=_shown_options(options),
            versions=description.versions(),
            run=None,
        )
        annotations = replace(self._annotations, report=report.to_json())
        report = replace(report, run=_run(job, seconds))
        matrix = self._destination.matrix
        page = None if job.html is None else _page(report, matrix, annotations)
        self._destination.write(annotations, report.to_json(), page)
        self._report = report

    def publish(self) -> Result:
        """The matrix and its report, shown to the world."""
        self._destination.publish()
        return self._destination.result(), self._report

    def last_note(self) -> None:
        """What must not be overlooked, after everything else."""
        notices.of_coverage(self._report, self._vocabulary, self._censuses())

    def _origins(self) -> Origins:
        traced = [trace(part, self._lookup, self._without) for part in self.filled]
        return origins_of(self.filled, traced)

    def _conventions(self) -> list[KeyConvention]:
        """What the keys of each file are."""
        return [census.keys_are for census in self._censuses()]

    def _censuses(self) -> list[Census]:
        return [census for part in self.filled for census in part.censuses]


def _read_vocabulary(job: Job) -> Vocabulary:
    vocabulary = read(job.vocab, job.options.vocab_format)
    if job.counts is not None:
        vocabulary = with_counts(vocabulary, job.counts)
        notices.of_counts(vocabulary, job.counts)
    limit = job.options.num_words
    if limit == "auto":
        limit = vocabulary.num_words
    return vocabulary if limit is None else vocabulary.below(limit)


def _look_up(job: Job, vocabulary: Vocabulary) -> Lookup:
    """What to look for when the vectors are read for the first time."""
    word_list = None
    if job.words is not None:
        from embedprep.vocabulary.word_list import read_word_list

        word_list = read_word_list(job.words)
    rules = () if job.reads_twice() else job.options.rules() or ()
    match_pieces = job.options.match_pieces
    lookup = look_up(vocabulary, rules, match_pieces=match_pieces, word_list=word_list)
    if job.words is not None and word_list is not None and lookup.pieces is not None:
        notices.of_words(lookup.pieces, lookup.count_pieces(), word_list, job.words)
    return lookup


def _provenance(vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """One code a row, as if no vector had been found."""
    provenance = np.full(vocabulary.n_rows, Provenance.UNASSIGNED, np.uint8)
    provenance[vocabulary.rows] = Provenance.OOV
    provenance[vocabulary.rows[vocabulary.roles == Role.PADDING]] = Provenance.PADDING
    if vocabulary.padding_row is not None:
        provenance[vocabulary.padding_row] = Provenance.PADDING
    return provenance


def _check_html_libraries() -> None:
    """Raise before hours of work rather than behind them."""
    from embedprep.report.html import check_libraries

    check_libraries()


def _page(report: CoverageReport, matrix: NDArray[np.floating], notes: Annotations) -> str:
    from embedprep.report.html import Rows, render

    return render(report, Rows(matrix, notes.provenance, notes.tokens.all()))


def _shown_options(options: Options) -> dict[str, Any]:
    """For the report, without what may be a secret of an address."""
    tokens = options.vectors_tokens
    return asdict(options) | {"vectors_tokens": None if tokens is None else shown(tokens)}


def _vocabulary_info(job: Job, vocabulary: Vocabulary) -> VocabularyInfo:
    counts, words = (None if path is None else shown(path) for path in (job.counts, job.words))
    return description.vocabulary_info(vocabulary, counts, words)


def _run(job: Job, seconds: float) -> Run:
    return Run(
        id=os.urandom(8).hex(),
        seconds=seconds,
        threads=job.threads,
        implementation=core.implementation(),
    )
