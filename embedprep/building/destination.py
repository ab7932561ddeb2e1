"""The destination of a build's result: a matrix file with its report beside it, or memory.

Use it as a context manager: if the block ends before `publish`, no files are left.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from embedprep import containers
from embedprep.building.job import Job
from embedprep.containers import Annotations, static_model, tokens_beside
from embedprep.containers.digest import sha256_of
from embedprep.containers.publication import Publication, identity, refuse_inputs, same_file
from embedprep.containers.quantised import decoded
from embedprep.errors import InputError, OutputError, UsageError, printable, system_reason
from embedprep.indexing.place import ENDING
from embedprep.named_tuples import NamedTuple
from embedprep.options.arguments import vocab_file
from embedprep.vectors.unnamed import unnamed_inputs
from embedprep.vocabulary import Vocabulary
from embedprep.vocabulary.folders import vocabulary_file
from embedprep.vocabulary.source import errors_naming, text_of


class Paths(NamedTuple):
    """The files that a build writes."""

    matrix: str
    tokens: str | None
    """The tokens as a list, beside a container that other programs read without them."""
    report: str
    page: str | None
    """The report as an HTML page."""
    model: str | None = None
    """The folder of a static model, whose other files are written as well."""

    def all(self) -> list[str]:
        others = [] if self.model is None else static_model.paths(self.model)[1:]
        # The last one appears first.
        every = (self.matrix, self.tokens, *others, self.page, self.report)
        return [path for path in every if path is not None]


class Destination(Protocol):
    """The place to which a build writes."""

    matrix: NDArray[Any]
    """The matrix, shape (rows, dim), which `allocate` makes."""

    def allocate(self, dim: int) -> NDArray[Any]:
        """Make the matrix, of zeros, with rows of `dim` values, and return it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *details: object) -> None: ...

    def settle(self, scales: NDArray[np.float32] | None) -> None:
        """Begin to bring the rows, which are final, to their destination; int8 has `scales`."""

    def settled(self) -> str:
        """Wait for the rows to arrive; return the sha256 of them and their scales."""

    def write(self, annotations: Annotations, report: str, page: str | None) -> None:
        """Write everything that belongs to the rows."""

    def publish(self) -> None:
        """Make the result visible: the report first, the matrix last."""

    def result(self) -> NDArray[np.floating]:
        """Return the rows of the published matrix; those of int8 are decoded."""


class Memory:
    """A destination without files."""

    def __init__(self, rows: int, dtype: np.dtype[Any]) -> None:
        self._rows, self._dtype = rows, dtype

    def allocate(self, dim: int) -> NDArray[Any]:
        self.matrix: NDArray[Any] = np.zeros((self._rows, dim), self._dtype)
        return self.matrix

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        pass

    def settle(self, scales: NDArray[np.float32] | None) -> None:
        pass

    def settled(self) -> str:
        return sha256_of(self.matrix)

    def write(self, annotations: Annotations, report: str, page: str | None) -> None:
        pass

    def publish(self) -> None:
        pass

    def result(self) -> NDArray[np.floating]:
        return self.matrix


class Files:
    """A matrix file, its report, and optionally a list of tokens and a page, all atomic."""

    def __init__(
        self,
        paths: Paths,
        rows: int,
        dtype: np.dtype[Any],
        *,
        clobber: bool,
        durable: bool,
        contents: Mapping[str, bytes],
    ) -> None:
        """`contents` are those of the files that belong to a static model, by path."""
        self._paths = paths
        self._rows, self._dtype = rows, dtype
        self._contents = contents
        with ExitStack() as undo:
            if paths.model is not None:
                undo.enter_context(static_model.place(paths.model))
            self._publication = undo.enter_context(
                Publication(paths.all(), clobber=clobber, durable=durable)
            )
            self._undo = undo.pop_all()

    def allocate(self, dim: int) -> NDArray[Any]:
        file = self._publication.files[self._paths.matrix]
        self._writer = containers.writer(file, (self._rows, dim), self._dtype)
        self.matrix = self._writer.matrix
        return self.matrix

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._undo.close()

    def settle(self, scales: NDArray[np.float32] | None) -> None:
        # It takes time without holding the interpreter, so the caller continues.
        pool = ThreadPoolExecutor(1, thread_name_prefix="embedprep")
        self._settled = pool.submit(self._writer.settle, scales)
        self._undo.callback(pool.shutdown)  # until no thread uses the rows and their file

    def settled(self) -> str:
        return self._settled.result()

    def write(self, annotations: Annotations, report: str, page: str | None) -> None:
        others = {}
        if self._paths.model is not None and annotations.scales is not None:
            others = static_model.arrays(annotations.scales)
        self._writer.annotate(annotations, others)
        paths, files = self._paths, self._publication.files
        files[paths.report].write(report.encode())
        if paths.page is not None and page is not None:
            files[paths.page].write(page.encode())
        for path, content in self._contents.items():
            files[path].write(content)
        if paths.tokens is not None:
            files[paths.tokens].write(tokens_beside.as_json(annotations.tokens.all()))

    def publish(self) -> None:
        self._publication.publish()

    def result(self) -> NDArray[np.floating]:
        try:
            rows, notes = containers.read(self._paths.matrix)
            return rows if notes.scales is None else decoded(rows, notes.scales)
        except (InputError, OSError) as error:
            reason = error.reason if isinstance(error, InputError) else system_reason(error)
            raise OutputError(
                f"it has been written, but cannot be read back: {printable(reason)}",
                "Check it with embedprep verify.",
                path=self._paths.matrix,
            ) from error


def open_destination(
    job: Job,
    paths: Paths | None,
    vocabulary: Vocabulary,
    dtype: np.dtype[Any],
) -> Destination:
    """Open a destination for the matrix of `vocabulary`; raise if there is no place."""
    rows = vocabulary.n_rows
    if paths is None:
        return Memory(rows, dtype)
    contents: Mapping[str, bytes] = {}
    if paths.model is not None:
        contents = static_model.contents(paths.model, _tokenizer(job, vocabulary, rows))
    return Files(paths, rows, dtype, clobber=job.clobber, durable=job.durable, contents=contents)


def _tokenizer(job: Job, vocabulary: Vocabulary, rows: int) -> dict[str, Any]:
    """Return the `tokenizer.json` of a vocabulary, whose ids are the rows. Raises UsageError."""
    if vocabulary.format != "huggingface-tokenizer" or vocabulary.path is None:
        raise UsageError(
            f"-o {printable(str(job.output))} asks for the folder of a static model, whose "
            "tokenizer is that of the vocabulary, and the vocabulary has none",
            "Name a tokenizer.json as --vocab. Or end the output in .npy, .h5 or .safetensors.",
            path=vocabulary.path,
        )
    if len(vocabulary.tokens) != rows:
        raise UsageError(
            f"a static model has a row for each token, and there are {rows:,} rows for "
            f"{len(vocabulary.tokens):,} tokens",
            "Leave --rows and --num-words out; if the ids have gaps, end the output in .npy, .h5 "
            "or .safetensors.",
            path=vocabulary.path,
        )
    path = vocab_file(job.vocab) or vocabulary.path  # which is without secrets
    with errors_naming(vocabulary.path):
        text = text_of(vocabulary_file(path), as_told=True)
    saved: dict[str, Any] = json.loads(text)
    return saved


def checked_paths(job: Job) -> Paths | None:
    """Return the paths of all outputs; None is memory.

    The report is beside the matrix unless the user names another path: `embeddings.npy` →
    `embeddings.coverage.json`. So is the list of tokens. Raises if a file would be both read and
    written, or written twice.
    """
    if job.output is None:
        for path in (job.report, job.html):
            if path is not None:
                raise UsageError(
                    "a report is asked for without an output",
                    "Name the output too, with -o.",
                    path=path,
                )
        return None
    model = job.output if static_model.is_folder(job.output) else None
    matrix = job.output if model is None else static_model.paths(model)[0]
    ending = containers.suffix(matrix)
    stem = matrix[: -len(ending)]
    has_list = model is None and "build" in containers.container_of(matrix).lists_tokens
    tokens = stem + tokens_beside.ENDING if has_list else None
    paths = Paths(matrix, tokens, job.report or stem + ".coverage.json", job.html, model)
    if paths.page is not None:
        check_page_name(paths.page)
    written = paths.all()
    inputs = job.inputs()
    for request in job.reading().files:
        inputs += unnamed_inputs(request, written)
    refuse_inputs(written, inputs)
    for vectors, path in itertools.product(job.vectors, written):
        if same_file(path, vectors + ENDING):
            raise UsageError(
                "this is the place of an index", "Choose another name for it.", path=path
            )
    for i, path in enumerate(written):
        if any(same_file(path, other) for other in written[:i]):
            raise UsageError(
                "the matrix, its tokens and its reports cannot be one file",
                "Choose another name for --report or --html.",
                path=path,
            )
    return paths


def check_apart(jobs: Sequence[Job]) -> None:
    """Raise if one of `jobs` would write a file that another one reads or writes."""
    written: dict[object, int] = {}
    for number, job in enumerate(jobs):
        paths = checked_paths(job)
        for path in [] if paths is None else paths.all():
            if written.setdefault(identity(path), number) != number:
                raise UsageError(
                    "two builds would write it", "Give each an output of its own.", path=path
                )
    for number, job in enumerate(jobs):
        for path in job.inputs():
            if written.get(identity(path), number) != number:
                raise UsageError(
                    "one build reads it, and another would write it",
                    "Choose another name for the output.",
                    path=path,
                )


def check_page_name(path: str) -> None:
    """Raise unless `path` is a name for a page, and not for a report or matrix."""
    if not path.lower().endswith((".html", ".htm")):
        raise UsageError(
            "not a name for an HTML page",
            "Give --html a name that ends in .html.",
            path=path,
        )
