"""From a matrix and a new vocabulary to the new matrix."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep.building.job import Job
from embedprep.building.pipeline import run
from embedprep.errors import printable
from embedprep.indexing.reuse import Reuse
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.named_tuples import NamedTuple
from embedprep.options import UseOfIndex
from embedprep.options.arguments import Vocab
from embedprep.options.progress import Progress
from embedprep.report import CoverageReport
from embedprep.updating.recorded import options_of, still_there
from embedprep.updating.taking import reusable

log = logging.getLogger("embedprep")

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Taken:
    """How many vectors came from where; prints as a sentence."""

    matrix: str
    """The file of the old matrix."""
    reused: int
    """Vectors that it had."""
    looked_up: int
    """Vectors that were looked up in the vector files with the help of an index."""

    def __str__(self) -> str:
        if not self.reused:
            return f"nothing reused from {printable(self.matrix)}"
        return (
            f"{self.reused:,} vectors reused from {printable(self.matrix)}, "
            f"{self.looked_up:,} looked up"
        )


class Updated(NamedTuple):
    """The result of `build`, and where its rows came from."""

    matrix: NDArray[np.floating]
    coverage: CoverageReport
    taken: Taken

    def __repr__(self) -> str:
        rows, dim = self.matrix.shape
        return f"<Updated: {rows:,} x {dim} {self.matrix.dtype}, {self.taken}>"


def update(
    matrix: Path,
    vocab: Vocab,
    vectors: Path | Sequence[Path] | None = None,
    output: Path | None = None,
    *,
    report: Path | None = None,
    html: Path | None = None,
    text: Path | Sequence[Path] | None = None,
    counts: Path | None = None,
    words: Path | None = None,
    vectors_tokens: Path | None = None,
    trust_pickle: bool = False,
    index: UseOfIndex | None = None,
    threads: int | None = None,
    clobber: bool = True,
    durable: bool = True,
    progress: bool | Progress = False,
) -> Updated:
    """Make the matrix for another vocabulary with the options of an earlier build.

    The result is the same, to the byte, as that of `build` with these options; if they have
    `post`, as that of `build` with the old matrix as `post_like`. Vectors that the old matrix has
    are taken from it. If a vector file has an index and has not changed, only the others are read
    from it.

    Args:
        matrix: The matrix of the earlier build. It stays as it is.
        vocab: The new vocabulary, as for `build`.
        vectors: The vector files, if they have moved. By default those in the report of the
            matrix.
        output: As for `build`.
        report: As for `build`.
        html: As for `build`.
        text: The files of text. By default those in the report of the matrix.
        counts: The file of token frequencies. By default the one in the report of the matrix.
        words: The file of word frequencies, likewise.
        vectors_tokens: The file of the keys, likewise.
        trust_pickle: As for `build`.
        index: As for `build`. By default `make` if you give `vectors`: a file without an index is
            read whole and gets one, so that the next update is fast. Otherwise `use`, because
            nothing is written beside files that only the matrix names.
        threads: As for `build`.
        clobber: As for `build`.
        durable: As for `build`.
        progress: As for `build`.

    Returns:
        `matrix` and `coverage` as from `build`, and `taken`: how many vectors were reused.

    Raises:
        InputError: An input is missing or damaged, or another version of embedprep wrote the
            matrix with options that this version does not have.
        UsageError: An option makes no sense.
        OutputError: The output cannot be written.
    """
    before = EmbeddingMatrix(matrix)
    options, told = options_of(before), before.coverage
    reuse = reusable(before, options)

    def input_file(given: Path | None, recorded: str | None, option: str) -> str | None:
        if given is not None:
            return os.fspath(given)
        return None if recorded is None else still_there(recorded, option, before)

    if index is None:
        index = "use" if vectors is None else "make"
    if vectors is None:
        vectors = [still_there(file.path, "--vectors", before) for file in told.vectors]
    if text is None:
        files = () if told.vocabulary.text is None else told.vocabulary.text.files
        # Counts that are given go before the text of the old build.
        text = [still_there(file, "--text", before) for file in files if counts is None]
    if counts is None and not text:
        counts = input_file(None, told.vocabulary.counts, "--counts")
    tokens = input_file(vectors_tokens, options.vectors_tokens, "--vectors-tokens")
    # A model has learnt the space of the old rows: the new ones go there the same way.
    like = {} if told.post is None else {"post": (), "post_fit": "rows", "post_like": before.path}
    given = options.as_told() | {
        **like,
        "vectors": vectors,
        "vocab": vocab,
        "output": output,
        "report": report,
        "html": html,
        "text": text,
        "field": options.field if text else None,
        "split": options.split if text else None,
        "counts": counts,
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
    """Log why vectors were read although the old matrix may have them."""
    for path, reason in reuse.tally.obstacles.items():
        log.warning(
            "no row of %s is reused for %s: %s", printable(reuse.path), printable(path), reason
        )
