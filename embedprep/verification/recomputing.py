"""Build a matrix again from what it was built from, and compare.

Comes in: the matrix, whose report has the options of its build, and where the inputs are now. The
second matrix is a temporary file, so that memory does not hold it.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedprep import api
from embedprep.diff.rows import differing
from embedprep.errors import UsageError, printable
from embedprep.fallback.choice import rules_named
from embedprep.lookup import look_up
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import Options, table
from embedprep.options.arguments import Vocab
from embedprep.provenance import Provenance
from embedprep.verification.wrong import Wrong
from embedprep.vocabulary import Vocabulary, read

_OF_ALL_ROWS = ("normal", "mean")
"""OOV rules whose rows depend on all that were found: of a sample they say nothing."""


@dataclass(frozen=True)
class Inputs:
    """What a matrix was built from."""

    vectors: tuple[str, ...]
    vocab: Vocab
    counts: str | None = None
    words: str | None = None
    text: tuple[str, ...] = ()
    """The text whose words compose the pieces, if there is no file of words."""
    vectors_tokens: str | None = None
    sample: int | None = None
    """So many tokens are looked up instead of all."""
    threads: int | None = None
    trust_pickle: bool = False


def recompute(matrix: EmbeddingMatrix, inputs: Inputs) -> str:
    """Return what was compared. Raises Wrong if the inputs give something else."""
    options = _options(matrix)
    vocab, rows = inputs.vocab, np.arange(len(matrix))
    lacking = _lacking(matrix, inputs)
    if lacking is not None and any(step.step.name == "sif" for step in matrix.steps):
        raise UsageError(
            f"sif weighed the rows by the frequencies of their tokens, from {lacking[1]}",
            f"Give it, too: --{lacking[0]} FILE.",
        )
    if "auto" in options.fallback and (inputs.sample is not None or lacking is not None):
        # Which rules gain enough depends on all tokens, and on how often each occurs.
        options = replace(options, fallback=matrix.coverage.fallback)
    if inputs.sample is not None:
        if any(step.step.name == "sif" for step in matrix.steps):
            raise UsageError(
                "sif weighs a row by the frequency of its token among all of them, which a sample "
                "does not show",
                "Leave out --sample: every row is compared then.",
            )
        vocab = _sample(_vocabulary(vocab, options), inputs.sample)
        rows = vocab.rows
        # The sample is read already, and may lack the tokens that these options name.
        options = replace(options, pad_token=None, unk_token=None, special=(), rows=None)
        if options.oov in _OF_ALL_ROWS or options.oov_scale == "match":
            options = replace(options, oov="zeros")
            rows = rows[matrix.provenance[rows[rows < len(matrix)]] != Provenance.OOV]
    if options.post_like is not None or (options.post and inputs.sample is not None):
        # The steps are those of another matrix, or of more rows: they are in this one.
        options = replace(options, post=(), post_fit="rows", post_like=matrix.path)
    with tempfile.TemporaryDirectory(prefix="embedprep-verify-") as folder:
        path = os.path.join(folder, "again.npy")
        given = options.as_told() | {"vectors_tokens": inputs.vectors_tokens}
        if not inputs.text:
            given |= {"field": None, "split": None}
        api.build(
            inputs.vectors,
            vocab,
            path,
            counts=None if inputs.sample is not None else inputs.counts,  # no row of a sample asks
            words=inputs.words,
            text=inputs.text,
            threads=inputs.threads,
            trust_pickle=inputs.trust_pickle,
            index="ignore",  # the file itself is asked
            durable=False,
            **given,
        )
        wrong = _difference(matrix, path, rows)
    if wrong is not None:
        if inputs.sample is not None and _are_limited(matrix, _vocabulary(inputs.vocab, options)):
            raise UsageError(
                "the tokens have so many other forms that they are limited for all together, "
                f"which a sample does not show ({wrong})",
                "Leave out --sample: every row is compared then.",
            )
        raise Wrong(wrong)
    if inputs.sample is None:
        return f"the inputs give the same {len(rows):,} rows"
    return f"the inputs give the same rows for {len(rows):,} tokens, chosen at random"


def _options(matrix: EmbeddingMatrix) -> Options:
    """Return the options of the build; a later version may have more."""
    told = matrix.coverage.options
    return Options(**{name: told[name] for name, _, _ in table(Options) if name in told})


def _are_limited(matrix: EmbeddingMatrix, vocabulary: Vocabulary) -> bool:
    """Whether the tokens have so many forms that those of one depend on the ones before it."""
    rules = rules_named(matrix.coverage.fallback) or ()
    match_pieces = _options(matrix).match_pieces
    return look_up(vocabulary, rules, match_pieces=match_pieces).forms_are_limited()


def _lacking(matrix: EmbeddingMatrix, inputs: Inputs) -> tuple[str, str] | None:
    """Return the option of the first input with frequencies that is not given, and its path."""
    told = matrix.coverage.vocabulary
    if told.counts is not None and inputs.counts is None:
        return "counts", printable(told.counts)
    if told.text is not None and not inputs.text:
        return "text", printable(", ".join(told.text.files))
    return None


def _vocabulary(vocab: Vocab, options: Options) -> Vocabulary:
    found = read(vocab, told=options.of_vocabulary)
    limit = found.num_words if options.num_words == "auto" else options.num_words
    return found if limit is None else found.below(limit)


def _sample(vocabulary: Vocabulary, count: int) -> Vocabulary:
    """Return `count` of its tokens with their rows, other ones each time."""
    total = len(vocabulary.tokens)
    return vocabulary.only(
        np.sort(np.random.default_rng().choice(total, min(count, total), replace=False))
    )


def _difference(matrix: EmbeddingMatrix, path: str, rows: NDArray[np.int64]) -> str | None:
    """Say what differs. The file at `path` can be removed then: an error would hold its map."""
    try:
        _compare(matrix, EmbeddingMatrix(path), rows)
    except Wrong as wrong:
        return str(wrong)
    return None


def _compare(matrix: EmbeddingMatrix, again: EmbeddingMatrix, rows: NDArray[np.int64]) -> None:
    """Raise Wrong unless `rows` are the same in both."""
    if again.shape != matrix.shape or again.stored.dtype != matrix.stored.dtype:
        raise Wrong(
            f"the inputs give {again.shape[0]} x {again.shape[1]} {again.stored.dtype}, not "
            f"{matrix.shape[0]} x {matrix.shape[1]} {matrix.stored.dtype}"
        )
    _compare_tokens(matrix, again, rows)
    wrong = rows[differing(matrix, again, rows, rows)]
    if len(wrong):
        token = _text(matrix.annotations.tokens[int(wrong[0])])
        raise Wrong(
            f"rows that are not what the inputs give: {len(wrong):,}; the first is row {wrong[0]}, "
            f"'{token}'"
        )
    other = rows[matrix.provenance[rows] != again.provenance[rows]]
    if len(other):
        raise Wrong(f"row {other[0]} did not come from where the matrix says")


def _compare_tokens(
    matrix: EmbeddingMatrix, again: EmbeddingMatrix, rows: NDArray[np.int64]
) -> None:
    one, other = matrix.annotations.tokens, again.annotations.tokens
    if np.array_equal(one.offsets, other.offsets) and np.array_equal(one.text, other.text):
        return
    for row in rows.tolist():
        if one[row] != other[row]:
            raise Wrong(
                f"the vocabulary has '{_text(other[row])}' at row {row}, and the matrix "
                f"'{_text(one[row])}'"
            )


def _text(token: bytes) -> str:
    return token.decode("utf-8", "replace")
