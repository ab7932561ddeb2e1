"""One build, with checked arguments: what to read, where to write, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import TYPE_CHECKING, Any, Self

from embedprep.building.reading import Reading
from embedprep.errors import UsageError, did_you_mean
from embedprep.matching.combining import MOST_FILES
from embedprep.options import Arguments, table
from embedprep.options.arguments import bad_value, checked_threads, vocab_file
from embedprep.options.progress import Progress, read_progress
from embedprep.options.steps import STEPS_WITH_MEAN, records_to_fit
from embedprep.sources import is_local_file, is_pipe, split_member
from embedprep.sources.storage import parsed as parsed_storage
from embedprep.vectors import Request
from embedprep.vectors.key_form import parse_forms

if TYPE_CHECKING:
    from embedprep.indexing.reuse import Reuse


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Job(Arguments):
    """One build: what to read, where to write, and how."""

    progress: bool | Progress = False
    reuse: Reuse | None = None
    """The rows of an earlier matrix, which need not be read."""

    @classmethod
    def of(cls, given: Mapping[str, Any], reuse: Reuse | None = None) -> Self:
        """Return the build with these arguments of `embedprep.build`. Raises UsageError."""
        defaults = {name: default for name, _, default in table()}
        for name in given.keys() - defaults.keys() - {"progress"}:
            raise UsageError(
                f"there is no option '{name}'{did_you_mean(name, defaults)}",
                "Give those of embedprep.build, by name.",
            )
        for name, default in defaults.items():
            if default is MISSING and name not in given:
                raise UsageError(
                    f"a build has no '{name}'", "Give vectors and vocab for each build."
                )
        return cls(**given, reuse=reuse)

    def __post_init__(self) -> None:
        super().__post_init__()
        read_progress(self.progress)
        parsed_storage(self.storage_option)  # raises for what is none
        if not self.worker_timeout > 0:
            raise bad_value("worker_timeout", self.worker_timeout, "a number above 0")
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
                raise UsageError("it is given twice", "Name each vector file once.", path=path)
        if self.vectors_tokens is not None and len(self.vectors) > 1:
            raise UsageError(
                "--vectors-tokens does not say which of several vector files it belongs to",
                "Put the list beside its file: for words.npy as words.tokens.json.",
            )

        if self.dtype == "int8" and self.output is None:
            raise UsageError(
                "rows of int8 are nothing without their scales, and an array in memory has no "
                "place for these",
                "Name an output, which has both; or build with dtype='float16'.",
            )
        self._check_text()
        self._check_steps()
        once = self._first_pipe()
        if once is not None and self.rules is None:
            raise UsageError(
                "--fallback auto reads the vectors twice, and a pipe can be read only once",
                "Save them to a file, or name the rules: --fallback all uses every one.",
                path=once,
            )

    def _check_text(self) -> None:
        """Raise if the options for words and texts contradict each other."""
        has_words = self.words is not None or bool(self.text)
        if (self.words is not None and self.pieces == "none") or (
            self.pieces == "mean" and not has_words
        ):
            raise UsageError(
                "--pieces mean and --words belong together: the vector of a piece is the mean of "
                "those of the words that contain it",
                "Give both: --pieces mean --words FILE, with lines word<TAB>count; or --pieces "
                "mean --text FILE, which counts the words of a text.",
            )
        if self.text and self.counts is not None:
            raise UsageError(
                "--text and --counts both say how often a token occurs",
                "Give one of them: --text FILE counts, --counts FILE says what was counted.",
            )
        for name in ("field", "split"):
            if getattr(self, name) is not None and not self.text:
                raise UsageError(f"--{name} is for --text", "Add --text FILE.")
        pipe = next((path for path in self.text if is_pipe(path) and path in self.vectors), None)
        if pipe is not None:
            raise UsageError(
                "it cannot be both the vectors and the text", "Save one to a file.", path=pipe
            )

    def _check_steps(self) -> None:
        """Raise if the steps of `--post` cannot be fitted as the user says."""
        count = self.records_to_fit()
        if count is None:
            return
        remedy = "Drop --post-fit: the steps are fitted on the rows found."
        if self.combine == "concat" and len(self.vectors) > 1:
            raise UsageError(
                f"--post-fit {self.post_fit} takes records, and with --combine concat a row is "
                "made of several",
                remedy,
            )
        once = self._first_pipe()
        if once is not None:
            raise UsageError(
                f"--post-fit {self.post_fit} reads the vectors again, and a pipe can be read only "
                "once",
                remedy,
                path=once,
            )
        names = [step.name for step in self.steps]
        if "sif" in names and set(names[names.index("sif") :]) & set(STEPS_WITH_MEAN):
            raise UsageError(
                f"--post-fit {self.post_fit} fits on records, of which sif does not know how "
                "frequent they are",
                "Name sif last, or drop --post-fit.",
            )

    def records_to_fit(self) -> int | None:
        """Return how many records the steps are fitted on, if not on the rows found."""
        return records_to_fit(self.post_fit) if self.steps else None

    def _vector_files(self) -> list[str]:
        """Return the vector files, and the list of their keys if that is another file."""
        tokens = self.vectors_tokens
        return [*self.vectors, *([] if tokens is None else [tokens])]

    def _first_pipe(self) -> str | None:
        """Return a file of these that can be read only once."""
        return next(filter(is_pipe, self._vector_files()), None)

    def reading(self) -> Reading:
        """Return how the vectors are read: jobs with an equal reading share it."""
        files = tuple(
            Request(
                path,
                format=self.vectors_format,
                tokens=self.vectors_tokens,
                dim=self.dim,
                threads=checked_threads(self.threads),
                subwords=self.subwords,
                compose=self.compose,
                trust_pickle=self.trust_pickle,
            )
            for path in self.vectors
        )
        return Reading(
            files=files,
            combine=self.combine,
            key_forms=() if self.key_form is None else parse_forms(self.key_form),
            on_malformed=self.on_malformed,
            index=self.index,
            reuse=self.reuse,
            engine=self.engine,
            scheduler=self.scheduler,
            worker_timeout=self.worker_timeout,
            storage_option=self.storage_option,
        )

    def reads_twice(self) -> bool:
        """Whether the vectors are read a second time, for the fallback forms of the missing words.

        Most words are found, and forms of these would be useless. Only a pipe or a remote file is
        read just once, for all forms of all words.
        """
        rules = self.rules
        return rules is None or (rules != () and all(map(is_local_file, self._vector_files())))

    def inputs(self) -> list[str]:
        """Return the files that are read."""
        others = (
            *(vocab_file(self.vocab), self.vectors_tokens, self.counts, self.words),
            self.post_like,
        )
        given = [*self.text, *(path for path in others if path is not None)]
        before = [] if self.reuse is None else [self.reuse.path]
        return [split_member(path)[0] for path in (*self.vectors, *given, *before)]
