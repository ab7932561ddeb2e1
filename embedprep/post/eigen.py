"""The eigenvectors of a small symmetric matrix, with the same bits on every machine.

LAPACK gives other last bits with another number of threads or another processor, and these would
change the rows. Here every sum is rounded once (`math.fsum`) or added in a fixed order, and the
rest is the four operations and square roots, which IEEE 754 defines. The method is the classical
one (Golub and Van Loan, Matrix Computations, section 8.3): Householder reflections make the matrix
tridiagonal, implicit QL steps with Wilkinson's shift make it diagonal.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple

Floats = NDArray[np.float64]

_PRECISION = 2.0**-53


def eigen(matrix: Floats) -> tuple[Floats, Floats]:
    """Return the eigenvalues, the largest first, and the eigenvectors as rows.

    Of each vector, the first of its largest values is positive.
    """
    diagonal, beside, vectors = _tridiagonal(matrix.astype(np.float64))
    _turn(vectors, _rotations(diagonal, beside))
    order = np.argsort(-np.array(diagonal), kind="stable")
    vectors = vectors[order]
    largest = np.abs(vectors).argmax(axis=1)
    signs = np.copysign(1.0, vectors[np.arange(len(vectors)), largest])
    return np.array(diagonal)[order], vectors * signs[:, None]


def _tridiagonal(a: Floats) -> tuple[list[float], list[float], Floats]:
    """Reflect `a` until only the diagonal and the values beside it are left.

    Returns both, and the reflections multiplied, transposed.
    """
    mirrors: list[tuple[int, Floats, float]] = []
    beside = [0.0] * len(a)
    for k in range(len(a) - 1):
        v = a[k + 1 :, k].copy()
        beside[k] = float(v[0])
        if not v[1:].any():
            continue
        beside[k] = -math.copysign(math.sqrt(_dot(v, v)), v[0])
        v[0] -= beside[k]
        half = _dot(v, v) / 2
        rest = a[k + 1 :, k + 1 :]
        w = _times(rest, v) / half
        w -= v * (_dot(v, w) / (2 * half))
        rest -= v[:, None] * w
        rest -= w[:, None] * v
        mirrors.append((k + 1, v, half))
    vectors = np.eye(len(a))
    for k, v, half in reversed(mirrors):
        rest = vectors[k:, k:]
        rest -= v[:, None] * (_times(rest, v) / half)
    return np.diagonal(a).tolist(), beside, vectors.T.copy()


def _dot(x: Floats, y: Floats) -> float:
    return math.fsum((x * y).tolist())


def _times(a: Floats, v: Floats) -> Floats:
    """Return the product of `v` and `a`, added row by row."""
    total: Floats = (a * v[:, None]).sum(axis=0)
    return total


class _Rotations(NamedTuple):
    """Rotations of two neighbouring rows each, in their order."""

    row: list[int]
    """The upper of the two rows."""
    cosine: list[float]
    sine: list[float]
    turn: list[int]
    """The rotations of one turn have no row in common, and need those of earlier turns only."""


def _rotations(d: list[float], e: list[float]) -> _Rotations:
    """Make the tridiagonal matrix diagonal: `d` becomes the eigenvalues."""
    done, step = _Rotations([], [], [], []), 0
    for low in range(len(d)):
        while (high := _block_end(d, e, low)) > low:
            step += 2  # rows that the step before turns last are two turns ahead
            g = (d[low + 1] - d[low]) / (2 * e[low])
            g = d[high] - d[low] + e[low] / (g + math.copysign(math.sqrt(g * g + 1), g))
            s, c, p = 1.0, 1.0, 0.0
            for i in range(high - 1, low - 1, -1):
                f, b = s * e[i], c * e[i]
                r = e[i + 1] = math.sqrt(f * f + g * g)
                if r == 0:  # it has fallen apart
                    d[i + 1] -= p
                    break
                s, c = f / r, g / r
                g = d[i + 1] - p
                r = (d[i] - g) * s + 2 * c * b
                p = s * r
                d[i + 1] = g + p
                g = c * r - b
                done.row.append(i)
                done.cosine.append(c)
                done.sine.append(s)
                done.turn.append(step - i)
            else:
                d[low] -= p
                e[low] = g
            e[high] = 0.0
    return done


def _block_end(d: list[float], e: list[float], low: int) -> int:
    """Return the last row that is connected to the row `low`."""
    high = low
    while high < len(d) - 1 and abs(e[high]) > _PRECISION * (abs(d[high]) + abs(d[high + 1])):
        high += 1
    return high


def _turn(z: Floats, rotations: _Rotations) -> None:
    """Rotate the rows of `z`, all rows of a turn at once."""
    turn = np.array(rotations.turn, np.int64)
    order = np.argsort(turn, kind="stable")
    row = np.array(rotations.row, np.int64)[order]
    cosine, sine = (np.array(some)[order, None] for some in (rotations.cosine, rotations.sine))
    ends = np.flatnonzero(np.diff(turn[order], append=-1)) + 1
    for begin, end in pairwise([0, *ends.tolist()]):
        i, c, s = row[begin:end], cosine[begin:end], sine[begin:end]
        upper, lower = z[i], z[i + 1]
        z[i + 1] = lower * c + upper * s
        z[i] = upper * c - lower * s
