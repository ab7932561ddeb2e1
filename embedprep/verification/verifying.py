"""All checks of one file, one after the other."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from embedprep.errors import UsageError, printable, printable_lines
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options.arguments import Vocab, read_files
from embedprep.verification import checks
from embedprep.verification.beside import without_matrix
from embedprep.verification.checks import Finding
from embedprep.verification.recomputing import Inputs, recompute
from embedprep.verification.wrong import Wrong

Path = str | os.PathLike[str]

SCHEMA = "embedprep.verification/1"


@dataclass(frozen=True)
class Verification:
    """All findings about a file; prints as a table."""

    path: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "ok": self.ok, **asdict(self)}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def __repr__(self) -> str:
        right = sum(finding.ok for finding in self.findings)
        return f"<Verification {printable(self.path)}: {right} of {len(self.findings)} checks ok>"

    def __str__(self) -> str:
        lines = [
            f"{finding.check:<16}{'ok' if finding.ok else 'WRONG':<8}{printable(finding.seen)}"
            for finding in self.findings
        ]
        return printable_lines([printable(self.path), "", *lines])


def verify(
    path: Path,
    *,
    vectors: Path | Sequence[Path] | None = None,
    vocab: Vocab | None = None,
    counts: Path | None = None,
    words: Path | None = None,
    text: Path | Sequence[Path] = (),
    vectors_tokens: Path | None = None,
    sample: int | None = None,
    keras: bool = False,
    threads: int | None = None,
    trust_pickle: bool = False,
) -> Verification:
    """Check that a matrix is what its report says.

    Args:
        path: The matrix.
        vectors: The vector files that it was built from. With `vocab`, the matrix is built again,
            with the options in its report, into a temporary file, and every row is compared.
        vocab: The vocabulary that it was built from.
        counts: As for `build`. They decide what `--fallback auto` and `--post sif` do.
        words: As for `build`.
        text: As for `build`.
        vectors_tokens: As for `build`.
        sample: Compare the rows of this many tokens only, chosen at random.
        keras: Also load the matrix into a layer of the installed Keras, and compare every row.
        threads: As for `build`.
        trust_pickle: As for `build`.

    Returns:
        The findings; `ok` is True if nothing is wrong.

    Raises:
        InputError: The file cannot be opened as a matrix, or an input cannot be read.
        UsageError: Keras is not installed, or only one of `vectors` and `vocab` is given.
    """
    inputs = _inputs(
        vectors, vocab, counts, words, text, vectors_tokens, sample, threads, trust_pickle
    )
    stopped = without_matrix(os.fspath(path))
    if stopped is not None:
        raise stopped
    matrix = EmbeddingMatrix(path)
    wanted = dict(checks.CHECKS)
    if inputs is not None:
        wanted["inputs"] = partial(recompute, inputs=inputs)
    if keras:
        wanted["keras"] = checks.keras
    findings = tuple(_finding(name, check, matrix) for name, check in wanted.items())
    return Verification(matrix.path, findings)


def _inputs(
    vectors: Path | Sequence[Path] | None,
    vocab: Vocab | None,
    counts: Path | None,
    words: Path | None,
    text: Path | Sequence[Path],
    vectors_tokens: Path | None,
    sample: int | None,
    threads: int | None,
    trust_pickle: bool,
) -> Inputs | None:
    others = (counts, words, text or None, vectors_tokens, sample)
    if (vectors is None) != (vocab is None) or (vectors is None and others != (None,) * 5):
        raise UsageError(
            "the inputs of a matrix are its vectors and its vocabulary",
            "Give both: --vectors FILE --vocab FILE, or neither.",
        )
    if sample is not None and sample < 1:
        raise UsageError(f"a sample of {sample} tokens", "Give at least 1.")
    if vectors is None or vocab is None:
        return None
    files = [vectors] if isinstance(vectors, (str, os.PathLike)) else vectors
    return Inputs(
        vectors=tuple(os.fspath(file) for file in files),
        vocab=vocab,
        counts=None if counts is None else os.fspath(counts),
        words=None if words is None else os.fspath(words),
        text=read_files("text", text),
        vectors_tokens=None if vectors_tokens is None else os.fspath(vectors_tokens),
        sample=sample,
        threads=threads,
        trust_pickle=trust_pickle,
    )


def _finding(
    name: str, check: Callable[[EmbeddingMatrix], str], matrix: EmbeddingMatrix
) -> Finding:
    try:
        return Finding(name, True, check(matrix))
    except Wrong as wrong:
        return Finding(name, False, str(wrong))
