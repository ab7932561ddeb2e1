"""Do a step with some vectors: a block of rows comes in, the changed block goes out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.post import exact
from embedprep.post.exact import Floats, Rows
from embedprep.post.fitting import Fitted

Weights = NDArray[np.float64]
"""The share of each row's token in a text, shape (rows,), which `sif` needs."""


def apply(fitted: Fitted, x: Rows, share: Weights | None) -> Rows:
    """Return the vectors `x`, shape (n, dim), after the step.

    Each depends on itself alone: in any block, it comes out the same to the bit. Raises InputError
    for a value beyond float32.
    """
    try:
        with np.errstate(over="raise"):
            changed = _STEPS[fitted.step.name](fitted, x, share)
            return changed.astype(np.float32, copy=False)
    except FloatingPointError as error:
        raise InputError(
            f"--post {fitted.step} gives values beyond the range of float32",
            "Look for giant values in the vectors with embedprep doctor.",
        ) from error


def _center(fitted: Fitted, x: Rows, share: Weights | None) -> Rows:
    return x - fitted.mean


def _all_but_the_top(fitted: Fitted, x: Rows, share: Weights | None) -> Floats:
    """Mu and Viswanath, ICLR 2018: https://arxiv.org/abs/1702.01417"""
    rest = x.astype(np.float64)
    rest -= fitted.mean
    along = exact.product(rest.astype(np.float32), fitted.components)
    removed = np.empty_like(rest)
    for number, direction in enumerate(fitted.components.astype(np.float64)):
        rest -= np.multiply(along[:, number, None], direction, out=removed)
    return rest


def _principal_components(fitted: Fitted, x: Rows, share: Weights | None) -> Floats:
    return exact.product(_center(fitted, x, share), fitted.components)


def _unit(fitted: Fitted, x: Rows, share: Weights | None) -> Floats:
    values = x.astype(np.float64)
    length = np.sqrt(exact.squares(values))
    length[length == 0] = 1
    values /= length[:, None]
    return values


def _smooth_inverse_frequency(fitted: Fitted, x: Rows, share: Weights | None) -> Rows | Floats:
    """Arora, Liang and Ma, ICLR 2017. The vector of an unknown token keeps its length."""
    if share is None:
        return x
    a = fitted.step.number
    return x * (a / (a + share))[:, None]


_STEPS: dict[str, Callable[[Fitted, Rows, Weights | None], Rows | Floats]] = {
    "center": _center,
    "abtt": _all_but_the_top,
    "pca": _principal_components,
    "unit": _unit,
    "sif": _smooth_inverse_frequency,
}
