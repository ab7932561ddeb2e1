"""All steps, one after the other, over a whole matrix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple
from embedprep.options.steps import Step
from embedprep.post.applying import Weights, apply
from embedprep.post.exact import Sample, block_rows
from embedprep.post.fitting import Fitted, fit
from embedprep.vectors.blocks import ordered

Matrix = NDArray[np.float32]


class Changed(NamedTuple):
    """The rows in their new space, and how they came there."""

    matrix: Matrix
    """The rows, in the memory of those before; maybe with fewer columns."""
    fitted: list[Fitted]


def change(
    matrix: Matrix,
    has_vector: NDArray[np.bool_],
    share: Weights | None,
    steps: Sequence[Step | Fitted],
    sample: Sample,
) -> Changed:
    """Do the `steps` with the rows of `matrix` that have a vector; the others become zeros.

    A step that is not fitted yet is fitted on `sample`, which goes through the steps before it.
    """
    apart = sample.matrix is not matrix
    done: list[Fitted] = []
    for number, step in enumerate(steps):
        one = step if isinstance(step, Fitted) else fit(step, sample)
        done.append(one)
        matrix = _applied(one, matrix, has_vector, share, sample.threads)
        if not apart:
            sample = sample._replace(matrix=matrix)
        elif any(isinstance(later, Step) for later in steps[number + 1 :]):
            every = np.ones(len(sample.matrix), bool)
            moved = _applied(one, sample.matrix, every, None, sample.threads)
            sample = sample._replace(matrix=moved)
    return Changed(matrix, done)


def transformed(fitted: Iterable[Fitted], vectors: NDArray[np.float32]) -> Matrix:
    """Return other vectors, shape (n, dim), after the same steps; one of zeros stays zeros."""
    nothing = ~vectors.any(axis=1)
    for one in fitted:
        vectors = apply(one, vectors, None)
        vectors[nothing] = 0
    return vectors


def _applied(
    fitted: Fitted,
    matrix: Matrix,
    has_vector: NDArray[np.bool_],
    share: Weights | None,
    threads: int,
) -> Matrix:
    """Do one step in place, block by block.

    A row never moves down, as it never gets wider: a block is written to where it and earlier ones
    were, and these have been read.
    """
    rows, dim = matrix.shape
    size, width = block_rows(dim), fitted.dim(dim)
    after = matrix.reshape(-1)[: rows * width].reshape(rows, width)

    def work(begin: int) -> Matrix:
        some = slice(begin, begin + size)
        block = apply(fitted, matrix[some], None if share is None else share[some])
        block[~has_vector[some]] = 0
        return block

    begins = range(0, rows, size)
    for begin, block in zip(begins, ordered(work, begins, threads), strict=True):
        after[begin : begin + size] = block
    return after
