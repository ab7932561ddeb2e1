"""The main directions of a small matrix: those of LAPACK, and with the same bits every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.post.eigen import Floats, eigen


def symmetric(seed: int, size: int) -> Floats:
    x = np.random.default_rng(seed).standard_normal((2 * size, size)) * np.geomspace(9, 0.1, size)
    return np.asarray(x.T @ x / len(x))


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_as_lapack_has_it(seed: int, size: int) -> None:
    matrix = symmetric(seed, size)
    values, vectors = eigen(matrix)
    assert np.allclose(values, np.linalg.eigvalsh(matrix)[::-1], rtol=0, atol=1e-12 * values[0])
    assert np.allclose(vectors @ vectors.T, np.eye(size), atol=1e-12)
    assert np.allclose(vectors @ matrix, values[:, None] * vectors, atol=1e-12 * values[0])
    largest = vectors[np.arange(size), np.abs(vectors).argmax(axis=1)]
    assert (largest > 0).all()


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((4, 4)),
        np.eye(5),
        np.ones((6, 6)),
        np.diag([1.0, 2.0, 3.0, 0.0]),
        np.array([[2.0, 1e-200], [1e-200, 2.0]]),
        np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1e-9], [0.0, 1e-9, 0.0]]),
        np.kron(np.eye(3), np.ones((2, 2))),
    ],
)
def test_equal_values_and_zeros(matrix: Floats) -> None:
    values, vectors = eigen(matrix)
    assert np.allclose(values, np.linalg.eigvalsh(matrix)[::-1], atol=1e-14)
    assert np.allclose(vectors @ vectors.T, np.eye(len(matrix)), atol=1e-14)
    assert np.allclose(vectors @ matrix, values[:, None] * vectors, atol=1e-14)


def test_the_matrix_stays_as_it_is() -> None:
    matrix = symmetric(0, 7)
    before = matrix.copy()
    eigen(matrix)
    assert np.array_equal(matrix, before)
