"""The records of one build: each holds everything that is known after a stage and is still needed.

A stage of `one_build` takes the record of the one before it. The rest is freed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep.building import new_space
from embedprep.building.destination import Destination, Paths
from embedprep.building.job import Job
from embedprep.containers import Annotations
from embedprep.coverage import measuring
from embedprep.coverage.record import Norms
from embedprep.lookup import Lookup
from embedprep.matching.census import Census
from embedprep.matching.combining import Filled, Traced, trace
from embedprep.matching.records import Records
from embedprep.named_tuples import NamedTuple
from embedprep.provenance import Origins, Provenance
from embedprep.report import CoverageReport
from embedprep.vocabulary import Role, Vocabulary
from embedprep.vocabulary.key_convention import AboutKeys

if TYPE_CHECKING:
    from embedprep.building.quantising import Quantised
    from embedprep.counting import CountedText

Result = tuple[NDArray[np.floating], CoverageReport]


class Prepared(NamedTuple):
    """The state after the vocabulary has been read."""

    job: Job
    paths: Paths | None
    vocabulary: Vocabulary
    text: CountedText | None
    steps: new_space.Steps


class Build(NamedTuple):
    """The state after memory for the matrix exists. Part of every later record."""

    job: Job
    vocabulary: Vocabulary
    destination: Destination
    path: str | None
    """The file of the matrix; None if it stays in memory."""
    text: CountedText | None
    """The text whose coverage is measured."""
    steps: new_space.Steps
    """The steps of `--post`."""
    rows: NDArray[np.floating]
    """The rows as they are read: those of the destination, unless steps change their width or type.
    """


class Sought(NamedTuple):
    """The state after the tokens have been looked up."""

    build: Build
    lookup: Lookup


class Found(NamedTuple):
    """The state after the vectors have been read."""

    build: Build
    lookup: Lookup
    filled: Sequence[Filled]
    """The result for each part of the columns."""
    examined: measuring.Examined | None = None
    """The missing tokens, if they have been examined and no rule is used."""

    def seeks_more(self) -> bool:
        """Whether forms other than the exact ones are looked up."""
        return self.lookup.has_other_forms(census.keys_are for census in self.censuses())

    def traced(self) -> list[Traced]:
        """Return where the rows of each part came from."""
        without = _provenance(self.build.vocabulary)
        return [trace(part, self.lookup, without) for part in self.filled]

    def censuses(self) -> list[Census]:
        return [census for part in self.filled for census in part.censuses]


class Settled(NamedTuple):
    """The state in which the rows are final, and on their way to the disk."""

    build: Build
    lookup: Lookup
    origins: Origins
    censuses: Sequence[Census]
    examined: measuring.Examined | None
    records: Sequence[Records]
    """The records of each vector file."""
    space: new_space.NewSpace
    norms: Norms
    quantised: Quantised | None
    """The scales of rows of int8."""


class Measured(NamedTuple):
    """The state after the coverage is known. The words are freed, because the next stages need as
    much memory.
    """

    build: Build
    origins: Origins
    keys: Sequence[AboutKeys]
    """The keys of each vector file."""
    records: Sequence[Records]
    fallback: tuple[str, ...]
    """The rules that were used."""
    coverage: measuring.Measured
    space: new_space.NewSpace
    norms: Norms
    quantised: Quantised | None


class Annotated(NamedTuple):
    """The state after the annotations of the rows have been arranged."""

    measured: Measured
    annotations: Annotations


class Written(NamedTuple):
    """The state after everything is written, and before anything is published."""

    build: Build
    keys: Sequence[AboutKeys]
    report: CoverageReport


def _provenance(vocabulary: Vocabulary) -> NDArray[np.uint8]:
    """Return one code per row, as if no vector had been found."""
    provenance = np.full(vocabulary.n_rows, Provenance.UNASSIGNED, np.uint8)
    provenance[vocabulary.rows] = Provenance.OOV
    provenance[vocabulary.rows[vocabulary.roles == Role.PADDING]] = Provenance.PADDING
    if vocabulary.padding_row is not None:
        provenance[vocabulary.padding_row] = Provenance.PADDING
    return provenance
