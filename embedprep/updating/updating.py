"""From a matrix and a new vocabulary to the new matrix."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embedprep.arguments import Progress, Vocab
from embedprep.building.job import Job
from embedprep.building.pipeline import run
from embedprep.errors import printable
from embedprep.indexing.reuse import Reuse
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import UseOfIndex
from embedprep.report import CoverageReport
from embedprep.updating.recorded import options_of, still_there
from embedprep.updating.taking import reusable

log = logging.getLogger("embedprep")

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Taken:
    """Where the vectors came from; shows itself as a sentence."""

    matrix: str
    """The file of the old matrix."""
    reused: int
    """Vectors that it had."""
    looked_up: int
    """Vectors that were looked up in the vector files with the help of an index."""

    def __str__(self) -> str:
        if not self.reused:
            return f"nothing reused of {printable(self.matrix)}"
        return (
            f"{self.reused:,} vectors reused of {printable(self.matrix)}, "
            f"{self.looked_up:,} looked up"
        )


class Updated(NamedTuple):
    """The result of `build`, and where its rows came from."""

    matrix: NDArray[np.floating]
    coverage: CoverageReport
    taken: Taken


def update(
    matrix: Path,
    vocab: Vocab,
    vectors: Path | Sequence[Path] | None = None,
    output: Path | None = None,
    *,
    report: Path | None = None,
    html: Path | None = None,
    counts: Path | None = None,
    words: Path | None = None,
    vectors_tokens: Path | None = None,
    trust_pickle: bool = False,
    index: UseOfIndex = "make",
    threads: int | None = None,
    clobber: bool = True,
    durable: bool = True,
    progress: Progress = lambda total: nullcontext(lambda count: None),
) -> Updated:
    """Make the matrix for another vocabulary with the options of an earlier build.

    What comes out is what `build` gives with these options, to the byte. Vectors that the old
    matrix has are taken from it: of a file that has an index and did not change only the others
    are read.

    matrix: what the earlier build wrote; it stays as it is.
    vocab: as for `build`; read with the options of the earlier build (`vocab_format`, `num_words`).
    vectors, counts, words, vectors_tokens: by default the files that the report of the matrix
        names; to be given where these are elsewhere now, or others are to be used.
    output, report, html, trust_pickle, threads, clobber, durable, progress: as for `build`.
    index: by default `make`: where a vector file has no index it is read as a whole, and the next
        update has one.

    Raises what `build` raises, and InputError for a matrix of another version of embedprep whose
    options are not those of this one.
    """
    before = EmbeddingMatrix(matrix)
    options, told = options_of(before), before.coverage
    reuse = reusable(before, options)

    def input_file(given: Path | None, recorded: str | None, option: str) -> str | None:
        if given is not None:
            return os.fspath(given)
        return None if recorded is None else still_there(recorded, option, before)

    if vectors is None:
        vectors = [still_there(file.path, "--vectors", before) for file in told.vectors]
    tokens = input_file(vectors_tokens, options.vectors_tokens, "--vectors-tokens")
    given = options.as_told() | {
        "vectors": vectors,
        "vocab": vocab,
        "output": output,
        "report": report,
        "html": html,
        "counts": input_file(counts, told.vocabulary.counts, "--counts"),
        "words": input_file(words, told.vocabulary.words, "--words"),
        "vectors_tokens": tokens,
        "threads": threads,
        "clobber": clobber,
        "durable": durable,
        "trust_pickle": trust_pickle,
        "index": index,
        "progress": progress,
    }
    array, coverage = run([Job.of(given, reuse)])[0]
    _tell(reuse)
    return Updated(array, coverage, Taken(reuse.path, reuse.tally.reused, reuse.tally.looked_up))


def _tell(reuse: Reuse) -> None:
    """Why vectors were read although the old matrix may have them."""
    for path, reason in reuse.tally.obstacles.items():
        log.warning(
            "no row of %s is reused for %s: %s", printable(reuse.path), printable(path), reason
        )
