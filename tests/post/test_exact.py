"""Sums that are exact come out the same in any order, whatever library adds them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embedprep.post import exact
from embedprep.post.exact import Sample


def vectors(seed: int, rows: int, dim: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    sizes = np.exp2(rng.integers(-20, 20, dim))
    return (rng.standard_normal((rows, dim)) * sizes + sizes).astype(np.float32)


def sample(matrix: NDArray[np.float32], threads: int = 1) -> Sample:
    return Sample(matrix, np.arange(len(matrix)), threads)


@given(
    st.integers(0, 1000),
    st.integers(1, 300),
    st.integers(1, 12),
    st.sampled_from([2.0**-100, 1.0, 2.0**104]),
)
def test_mean_and_covariance(seed: int, rows: int, dim: int, size: float) -> None:
    x = vectors(seed, rows, dim) * np.float32(size)
    largest = exact.largest(sample(x))
    assert np.array_equal(largest, np.abs(x).max(axis=0))
    mean = exact.mean(sample(x), largest)
    assert np.allclose(mean, x.astype(np.float64).mean(axis=0), rtol=1e-6, atol=largest * 1e-7)
    expected = np.cov(x.astype(np.float64), rowvar=False, bias=True).reshape(dim, dim)
    found = exact.covariance(sample(x), largest, mean)
    both = largest[:, None] * largest
    assert np.allclose(found / both, expected / both, atol=1e-5)


@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 40), st.integers(1, 9))
def test_a_product_is_near_and_depends_on_its_row_alone(
    seed: int, rows: int, dim: int, count: int
) -> None:
    x = vectors(seed, rows, dim)
    directions = np.random.default_rng(seed).uniform(-1, 1, (count, dim))
    components = exact.on_grid(directions)
    assert np.abs(components - directions).max() <= 2**-23
    found = exact.product(x, components)
    bound = np.abs(x).max(axis=1)[:, None] * dim * 2**-22
    assert (np.abs(found - x @ components.T) <= bound).all()
    alone = [exact.product(x[i : i + 1], components)[0] for i in range(rows)]
    assert np.array_equal(found, alone)
    order = np.random.default_rng(seed).permutation(dim)
    assert np.array_equal(found, exact.product(x[:, order], components[:, order]))


@pytest.mark.parametrize("block_values", [1, 40, 1 << 17])
@pytest.mark.parametrize("threads", [1, 3])
def test_any_block_size_and_order_of_rows(
    block_values: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = vectors(5, 1000, 8)
    one = sample(x)
    largest = exact.largest(one)
    mean = exact.mean(one, largest)
    covariance = exact.covariance(one, largest, mean)
    monkeypatch.setattr(exact, "_BLOCK_VALUES", block_values)
    shuffled = sample(x[np.random.default_rng(0).permutation(len(x))], threads)
    assert np.array_equal(mean, exact.mean(shuffled, largest))
    assert np.array_equal(covariance, exact.covariance(shuffled, largest, mean))


@pytest.mark.parametrize(
    "of", [exact.squares, lambda x: exact.product(x, np.zeros((1, 3), np.float32))]
)
def test_nothing(of: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> None:
    assert len(of(np.zeros((0, 3)))) == 0
    assert not of(np.zeros((2, 3))).any()
