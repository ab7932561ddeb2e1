"""What a build can be asked for, checked at the door."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from embedprep.arguments import OnMalformed, Progress, Vocab, at_least_1, bad_value, one_of
from embedprep.building.reading import Engine, Reading
from embedprep.errors import UsageError
from embedprep.fallback.choice import rules_named
from embedprep.fallback.rule import Rule
from embedprep.indexing import UseOfIndex
from embedprep.matching.combining import MOST_FILES, Combine
from embedprep.oov import STRATEGIES
from embedprep.sources import is_local_file, is_pipe, shown, split_member
from embedprep.vectors import Request

if TYPE_CHECKING:
    from embedprep.indexing.reuse import Reuse

DTYPES = {"float32": 3.4028234663852886e38, "float16": 65504.0}
"""The types of the matrix, and the largest value of each."""


OnDuplicate = Literal["first", "last", "error"]
OfPieces = Literal["none", "mean"]


@dataclass(frozen=True, eq=False)
class Options:
    """What changes the result; stands in the report. Named as on the command line."""

    oov: str = "uniform"
    oov_scale: float = 0.25
    seed: int = 0
    num_words: int | Literal["auto"] | None = None
    dtype: str = "float32"
    dim: int | None = None
    combine: Combine = "fill"
    subwords: bool = True
    vectors_format: str | None = None
    vectors_tokens: str | None = None
    vocab_format: str | None = None
    on_malformed: OnMalformed = "error"
    on_duplicate: OnDuplicate = "first"
    fallback: tuple[str, ...] = ()
    min_gain: float = 0.001
    match_pieces: bool = False
    pieces: OfPieces = "none"

    def __post_init__(self) -> None:
        one_of("oov", self.oov, tuple(STRATEGIES))
        one_of("dtype", self.dtype, tuple(DTYPES))
        one_of("on_malformed", self.on_malformed, ("error", "skip"))
        one_of("combine", self.combine, ("fill", "concat"))
        one_of("on_duplicate", self.on_duplicate, ("first", "last", "error"))
        one_of("pieces", self.pieces, ("none", "mean"))
        if not (isinstance(self.min_gain, (int, float)) and 0 <= self.min_gain <= 1):
            raise bad_value(
                "min_gain", self.min_gain, "a number from 0 to 1, the share of the text"
            )
        rules_named(self.fallback)
        largest = DTYPES[self.dtype]
        if not 0 <= self.oov_scale <= largest:  # nan is neither
            raise bad_value("oov_scale", self.oov_scale, f"a number from 0 to {largest:g}")
        if self.num_words != "auto":
            at_least_1("num_words", self.num_words, "a whole number of at least 1, or auto")
        at_least_1("dim", self.dim)
        if not isinstance(self.seed, int):
            raise bad_value("seed", self.seed, "a whole number")

    def rules(self) -> tuple[Rule, ...] | None:
        """The fallback rules; None where the vector files are to decide."""
        return rules_named(self.fallback)


@dataclass(frozen=True, eq=False)
class Job:
    """One build: what to read, where to write, and how."""

    vectors: tuple[str, ...]
    vocab: Vocab
    output: str | None
    report: str | None
    html: str | None
    counts: str | None
    words: str | None
    threads: int
    clobber: bool
    durable: bool
    trust_pickle: bool
    index: UseOfIndex
    engine: Engine
    scheduler: str | None
    options: Options
    progress: Progress
    reuse: Reuse | None = None
    """What need not be read, as a matrix has it that was built before."""

    def __post_init__(self) -> None:
        one_of("index", self.index, ("use", "make", "ignore"))
        one_of("engine", self.engine, ("local", "dask"))
        if self.scheduler is not None and self.engine != "dask":
            raise UsageError(
                "--scheduler names a cluster, and --engine local uses none",
                "Add --engine dask, or drop --scheduler.",
            )
        if self.index == "make" and self.engine != "local":
            raise UsageError(
                "an index is written by --engine local only",
                "Drop --index, or write it beforehand: embedprep index FILE.",
            )
        if not 1 <= len(self.vectors) <= MOST_FILES:
            raise UsageError(
                f"{len(self.vectors)} vector files", f"Give at least one, and at most {MOST_FILES}."
            )
        for path in self.vectors:
            if self.vectors.count(path) > 1:
                path = shown(path)
                raise UsageError("it is given twice", "Name each vector file once.", path=path)
        if self.options.vectors_tokens is not None and len(self.vectors) > 1:
            raise UsageError(
                "--vectors-tokens says nothing of which of several vector files it belongs to",
                "Put the list beside its file: for words.npy as words.tokens.json.",
            )

        if (self.words is None) != (self.options.pieces == "none"):
            raise UsageError(
                "--pieces mean and --words belong together: the vector of a piece is the mean of "
                "those of the words that contain it",
                "Give both: --pieces mean --words FILE, with lines word<TAB>count.",
            )
        once = next((path for path in self._vector_files() if is_pipe(path)), None)
        if once is not None and self.options.rules() is None:
            raise UsageError(
                "--fallback auto reads the vectors twice, and a pipe can be read only once",
                "Save them to a file, or name the rules: --fallback all uses every one.",
                path=once,
            )

    def _vector_files(self) -> list[str]:
        """The vectors, and the list of their keys where that is another file."""
        tokens = self.options.vectors_tokens
        return [*self.vectors, *([] if tokens is None else [tokens])]

    def reading(self) -> Reading:
        """How the vectors are read: jobs for which it is equal share it."""
        options = self.options
        files = tuple(
            Request(
                path,
                format=options.vectors_format,
                tokens=options.vectors_tokens,
                dim=options.dim,
                threads=self.threads,
                subwords=options.subwords,
                trust_pickle=self.trust_pickle,
            )
            for path in self.vectors
        )
        return Reading(
            files=files,
            combine=options.combine,
            on_malformed=options.on_malformed,
            index=self.index,
            reuse=self.reuse,
            engine=self.engine,
            scheduler=self.scheduler,
        )

    def reads_twice(self) -> bool:
        """Whether the vectors are read once more, for the fallback of what was not found.

        Most words are found, and what rules make of these would be made for nothing; only what is
        far away or a pipe is read once for all forms of all words.
        """
        rules = self.options.rules()
        return rules is None or (rules != () and all(map(is_local_file, self._vector_files())))

    def inputs(self) -> list[str]:
        """The files that are read."""
        vocab = [os.fspath(self.vocab)] if isinstance(self.vocab, (str, os.PathLike)) else []
        others = (self.options.vectors_tokens, self.counts, self.words)
        given = [path for path in others if path is not None]
        before = [] if self.reuse is None else [self.reuse.path]
        return [split_member(path)[0] for path in (*self.vectors, *vocab, *given, *before)]
