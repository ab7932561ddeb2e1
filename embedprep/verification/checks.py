"""The checks of one matrix file. Each returns what it has seen, or raises Wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embedprep import containers
from embedprep.containers.digest import sha256_of
from embedprep.errors import UsageError
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance
from embedprep.verification import beside
from embedprep.verification.wrong import Wrong


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: str
    ok: bool
    seen: str


def shape(matrix: EmbeddingMatrix) -> str:
    """Rows, dimension and type are those of the report."""
    told, array = matrix.coverage.matrix, matrix.stored
    there = (*array.shape, array.dtype.name)
    if there != (told.rows, told.dim, told.dtype):
        raise Wrong(
            f"{there[0]} x {there[1]} {there[2]}, and its report says "
            f"{told.rows} x {told.dim} {told.dtype}"
        )
    return f"{array.shape[0]:,} x {array.shape[1]} {array.dtype}, as its report says"


def content(matrix: EmbeddingMatrix) -> str:
    """The rows are, bit for bit, those that were built."""
    sha256 = sha256_of(matrix.stored, matrix.scales)
    if sha256 != matrix.coverage.matrix.sha256_of_pieces:
        raise Wrong("the rows are not those that were built: their sha256 differs")
    return f"the rows are those that were built: sha256 {sha256[:12]}…"


def tokens(matrix: EmbeddingMatrix) -> str:
    """Every token can be read, and there are as many as the report says."""
    count = sum(1 for token in matrix.tokens if token)
    if len(matrix.tokens) != len(matrix) or count > matrix.coverage.vocabulary.tokens:
        raise Wrong(f"{count} tokens, and its report says {matrix.coverage.vocabulary.tokens}")
    return f"{count:,}, each can be read"


def provenance(matrix: EmbeddingMatrix) -> str:
    """As many rows of each sort as the report counts."""
    codes, counts = np.unique(matrix.provenance, return_counts=True)
    there = {
        Provenance.label_of(code): count
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    }
    told = {sort: count for sort, count in matrix.coverage.counts.rows.items() if count}
    wrong = [sort for sort in {**there, **told} if there.get(sort, 0) != told.get(sort, 0)]
    if wrong:
        sort = wrong[0]
        raise Wrong(
            f"rows that are {sort}: {there.get(sort, 0)}, and its report says {told.get(sort, 0)}"
        )
    return "as many rows of each sort as the report counts"


def zeros(matrix: EmbeddingMatrix) -> str:
    """Padding, and rows without a token, are zeros."""
    empty = np.flatnonzero(np.isin(matrix.provenance, (Provenance.PADDING, Provenance.UNASSIGNED)))
    wrong = empty[matrix.stored[empty].any(axis=1)]
    if len(wrong):
        raise Wrong(f"row {wrong[0]} is padding or has no token, and is not zeros")
    return f"padding and rows without a token are zeros ({len(empty):,})"


def seal(matrix: EmbeddingMatrix) -> str:
    """Everything but the rows is as it was written."""
    if not containers.is_sealed(matrix.path):
        raise Wrong("tokens, provenance, report or structure changed since they were written")
    return "nothing else changed since it was written"


def values(matrix: EmbeddingMatrix) -> str:
    """All are finite numbers."""
    # Whole numbers are finite, and so are the rows unless their scales are not.
    array = matrix.stored if matrix.scales is None else matrix.scales
    if array.size and not np.isfinite([array.min(), array.max()]).all():
        raise Wrong("some are not finite")
    if matrix.scales is not None and not (matrix.scales > 0).all():
        raise Wrong("a scale is not above 0")
    return "all are finite"


def keras(matrix: EmbeddingMatrix) -> str:
    """A layer of the installed Keras gives every row, bit for bit. UsageError without Keras."""
    try:
        from embedprep.keras.checking import description, differing_row
    except ModuleNotFoundError as error:
        raise UsageError(str(error), "Install what is missing, or leave out --keras.") from error
    except ValueError as error:
        raise UsageError(
            f"Keras does not start: {error}", "Correct ~/.keras/keras.json, or leave out --keras."
        ) from error
    row = differing_row(matrix.path)
    if row is not None:
        raise Wrong(f"{description()} gives another vector for id {row}")
    within = "" if matrix.scales is None else ", within the rounding of a division"
    return f"{description()} gives the same vector for every id{within}"


CHECKS: dict[str, Callable[[EmbeddingMatrix], str]] = {
    "matrix": shape,
    "content": content,
    "seal": seal,
    "values": values,
    "tokens": tokens,
    "provenance": provenance,
    "padding": zeros,
    "report beside": beside.report,
    "tokens beside": beside.tokens,
    "page beside": beside.page,
    "left over": beside.left_over,
}
"""What is checked of every matrix, in the order in which it is shown."""
