"""Compare two matrices token by token."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from embedprep.diff.difference import (
    LISTED,
    Difference,
    Kept,
    Move,
    Only,
    Side,
    Transition,
    Unpaired,
)
from embedprep.diff.pairing import Pairing, pair
from embedprep.diff.rows import differing
from embedprep.diff.settings import settings
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance

Path = str | os.PathLike[str]


def compare(before: Path | EmbeddingMatrix, after: Path | EmbeddingMatrix) -> Difference:
    """Compare two matrices that `build` wrote, token by token, whatever their containers.

    If a token has several rows, the first is paired with the first. Vectors are compared bit by
    bit, if dimension and type are the same.

    Args:
        before: A matrix, or its path.
        after: Another one.

    Raises:
        InputError: One of them is not a matrix that `build` wrote.
    """
    old, new = _opened(before), _opened(after)
    pairs = pair(old.annotations.tokens, new.annotations.tokens)
    reason = _incomparable(old, new)
    differ = np.zeros(len(pairs.before), bool)
    if reason is None:
        differ = differing(old, new, pairs.before, pairs.after)
    codes = old.provenance[pairs.before], new.provenance[pairs.after]
    had, has = (code >= Provenance.EXACT for code in codes)
    elsewhere = pairs.before != pairs.after
    other = differ | (codes[0] != codes[1])

    def kept(chosen: NDArray[np.bool_]) -> Kept:
        return Kept(int(np.count_nonzero(chosen)), _moves(chosen, pairs, old))

    return Difference(
        before=_side(old),
        after=_side(new),
        incomparable=reason,
        added=_only(pairs.added, new),
        removed=_only(pairs.removed, old),
        moved=kept(elsewhere),
        changed=kept(differ) if reason is None else None,
        unchanged=int(np.count_nonzero(~(other | elsewhere))),
        found=kept(~had & has),
        lost=kept(had & ~has),
        transitions=_transitions(codes, other, pairs, old),
        settings=settings(old.parts.report, new.parts.report),
    )


def _opened(matrix: Path | EmbeddingMatrix) -> EmbeddingMatrix:
    return matrix if isinstance(matrix, EmbeddingMatrix) else EmbeddingMatrix(matrix)


def _incomparable(before: EmbeddingMatrix, after: EmbeddingMatrix) -> str | None:
    old, new = before.shape[1], after.shape[1]
    if old != new:
        return f"of {old} and {new} dimensions"
    if before.stored.dtype != after.stored.dtype:
        return f"of {before.stored.dtype} and {after.stored.dtype}"
    return None


def _side(matrix: EmbeddingMatrix) -> Side:
    counts = matrix.parts.report.counts
    return Side(
        path=matrix.path,
        rows=len(matrix),
        dim=matrix.shape[1],
        dtype=str(matrix.stored.dtype),
        tokens=int(np.count_nonzero(np.diff(matrix.annotations.tokens.offsets))),
        vocabulary=counts.vocabulary,
        text=counts.text,
    )


def _only(rows: NDArray[np.int64], matrix: EmbeddingMatrix) -> Only:
    listed = rows[:LISTED].tolist()
    return Only(len(rows), tuple(Unpaired(matrix.parts.token(row), row) for row in listed))


def _moves(chosen: NDArray[np.bool_], pairs: Pairing, matrix: EmbeddingMatrix) -> tuple[Move, ...]:
    """The first of the pairs `chosen`; the tokens are those of `matrix`, the one before."""
    first = np.flatnonzero(chosen)[:LISTED]
    places = zip(pairs.before[first].tolist(), pairs.after[first].tolist(), strict=True)
    return tuple(Move(matrix.parts.token(old), old, new) for old, new in places)


def _transitions(
    codes: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    other: NDArray[np.bool_],
    pairs: Pairing,
    matrix: EmbeddingMatrix,
) -> tuple[Transition, ...]:
    # Both codes as one number, so that one pass counts them.
    both = codes[0].astype(np.int64) << 8 | codes[1]
    kinds, counts = np.unique(both[other], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return tuple(
        Transition(
            before=Provenance.label_of(kind >> 8),
            after=Provenance.label_of(kind & 0xFF),
            count=count,
            tokens=_moves(other & (both == kind), pairs, matrix),
        )
        for kind, count in zip(kinds[order].tolist(), counts[order].tolist(), strict=True)
    )
