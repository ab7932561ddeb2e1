"""All checks of one file, one after the other."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from embedprep.errors import UsageError, printable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options.arguments import Vocab
from embedprep.verification import checks
from embedprep.verification.checks import Finding, Wrong
from embedprep.verification.recomputing import Inputs, recompute

Path = str | os.PathLike[str]

SCHEMA = "embedprep.verification/1"


@dataclass(frozen=True)
class Verification:
    """All findings of a file; shows itself as a table."""

    path: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "ok": self.ok, **asdict(self)}

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def __str__(self) -> str:
        lines = [
            f"{finding.check:<16}{'ok' if finding.ok else 'WRONG':<8}{printable(finding.seen)}"
            for finding in self.findings
        ]
        return "\n".join([printable(self.path), "", *lines])


def verify(
    path: Path,
    *,
    vectors: Path | Sequence[Path] | None = None,
    vocab: Vocab | None = None,
    words: Path | None = None,
    vectors_tokens: Path | None = None,
    sample: int | None = None,
    keras: bool = False,
    threads: int | None = None,
    trust_pickle: bool = False,
) -> Verification:
    """Check a matrix that `build` wrote against what its report says of it.

    vectors, vocab: what it was built from; it is then built again, with the options in its report,
        into a temporary file, and every row compared.
    words, vectors_tokens, threads, trust_pickle: as for `build`.
    sample: with them, look up and compare so many tokens only, chosen at random.
    keras: load it into a layer of the installed Keras, too, and compare every row.

    Raises InputError for a file that cannot be opened as a matrix at all, or for an input that
    cannot be read; UsageError without Keras, or for one of `vectors` and `vocab` without the other.
    """
    inputs = _inputs(vectors, vocab, words, vectors_tokens, sample, threads, trust_pickle)
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
    words: Path | None,
    vectors_tokens: Path | None,
    sample: int | None,
    threads: int | None,
    trust_pickle: bool,
) -> Inputs | None:
    if (vectors is None) != (vocab is None) or (vectors is None and sample is not None):
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
        words=None if words is None else os.fspath(words),
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
