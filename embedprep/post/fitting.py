"""The knowledge of the rows that a step needs: their mean, and their main directions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError, UsageError
from embedprep.named_tuples import NamedTuple
from embedprep.options.steps import STEPS_WITH_MEAN, Step, parsed_step
from embedprep.post import exact
from embedprep.post.eigen import eigen
from embedprep.post.exact import Sample

_NOTHING = np.zeros((0, 0), np.float32)


class Fitted(NamedTuple):
    """A step with what was fitted; another vector goes the same way."""

    step: Step
    mean: NDArray[np.float32] = _NOTHING
    """The mean, shape (dim,); empty if the step subtracts none."""
    components: NDArray[np.float32] = _NOTHING
    """The directions that `abtt` removes or `pca` keeps, shape (n, dim)."""
    variance: float | None = None
    """The share of the variance that is left; None if the step changes none."""

    def dim(self, before: int) -> int:
        """Return how many values a vector of `before` values has after the step."""
        return len(self.components) if self.step.name == "pca" else before


def fit(step: Step, sample: Sample) -> Fitted:
    """Fit one step on the rows of `sample`. Raises UsageError if they are too few or too narrow."""
    if step.name not in STEPS_WITH_MEAN:
        return Fitted(step)
    if not len(sample.rows):
        raise InputError(
            f"no row was found, so --post {step} has nothing to go by",
            "Check that vocabulary and vectors belong together, or drop --post.",
        )
    largest = exact.largest(sample)
    mean = exact.mean(sample, largest)
    if step.name == "center":
        return Fitted(step, mean)
    _check_number(step, sample)
    variances, directions = eigen(exact.covariance(sample, largest, mean))
    shares = np.cumsum(np.maximum(variances, 0)) / max(np.maximum(variances, 0).sum(), 5e-324)
    count = int(step.number)
    if step.number < 1:
        count = min(int(np.searchsorted(shares, step.number)) + 1, len(shares))
    inside = min(1.0, float(shares[count - 1]))
    components = exact.on_grid(directions[:count])
    return Fitted(step, mean, components, inside if step.name == "pca" else 1 - inside)


def _check_number(step: Step, sample: Sample) -> None:
    dim, rows = sample.matrix.shape[1], len(sample.rows)
    most = dim - 1 if step.name == "abtt" else dim
    if step.number > most:
        raise UsageError(
            f"--post {step} wants {step.number:g} directions of vectors with {dim} values",
            f"Give at most {step.name}:{most}." if most else f"Drop {step}.",
        )
    if step.number >= rows:
        raise UsageError(
            f"--post {step} wants {step.number:g} directions, and there are only {rows} rows to "
            "find them in",
            f"Give fewer than {rows}; or fit on records of a file: --post-fit vectors:100000.",
        )


def packed(steps: Sequence[Fitted]) -> NDArray[np.float32]:
    """Return all means and components, one after the other, as a matrix file has them."""
    arrays = [values.ravel() for one in steps for values in (one.mean, one.components)]
    return np.concatenate([_NOTHING.ravel(), *arrays])


def unpacked(
    values: NDArray[np.float32], steps: Sequence[tuple[str, int, float | None]], dim: int
) -> list[Fitted]:
    """Return the steps that `packed` has stored, for vectors of `dim` values.

    Each of `steps` has its name, the number of its components, and its variance. Raises ValueError
    or UsageError if these are not the values of such steps.
    """
    fitted: list[Fitted] = []
    begin = 0

    def taken(*shape: int) -> NDArray[np.float32]:
        nonlocal begin
        begin, first = begin + math.prod(shape), begin
        return values[first:begin].reshape(shape)

    for name, count, variance in steps:
        one = Fitted(parsed_step(name), variance=variance)
        if one.step.name in STEPS_WITH_MEAN:
            one = one._replace(mean=taken(dim), components=taken(count, dim))
        fitted.append(one)
        dim = one.dim(dim)
    if begin != len(values):
        raise ValueError(f"its steps have {begin} numbers, and {len(values)} are there")
    return fitted
