"""Rows without a vector: a function of seed, token and dimension, and of nothing else."""

from __future__ import annotations

import hashlib
import itertools
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import embedprep
from embedprep.errors import EmbedprepError, InputError
from embedprep.post.oov import STRATEGIES, Oov, fill_missing
from embedprep.provenance import Provenance
from embedprep.vocabulary import Role, Vocabulary

RANDOM = ["uniform", "normal"]


def vocabulary(tokens: Sequence[str], rows: Sequence[int] | None = None) -> Vocabulary:
    places = np.array(range(len(tokens)) if rows is None else rows, np.int64)
    return Vocabulary(
        format="test",
        tokens=tuple(tokens),
        rows=places,
        roles=np.full(len(tokens), Role.WORD, np.uint8),
        n_rows=int(places.max(initial=-1)) + 1,
    )


def filled(
    oov: Oov,
    missing: Sequence[str],
    found: NDArray[np.float32] | None = None,
    *,
    dim: int = 4,
    dtype: str = "float32",
) -> NDArray[np.floating]:
    """The rows of `missing`, below the rows `found` of the file."""
    given = np.zeros((0, dim), np.float32) if found is None else found
    n = len(given)
    matrix = np.concatenate([given, np.full((len(missing), given.shape[1]), 7)]).astype(dtype)
    provenance = np.full(len(matrix), Provenance.OOV, np.uint8)
    provenance[:n] = Provenance.EXACT
    names = [f"found {i}" for i in range(n)] + list(missing)
    fill_missing(matrix, vocabulary(names), provenance, oov)
    assert np.array_equal(matrix[:n], given.astype(dtype))
    return matrix[n:]


def splitmix64(token: str, seed: int, count: int) -> list[int]:
    """The generator as published, one 64-bit output at a time; halves, the low one first."""
    salt = (seed % 2**64).to_bytes(8, "little")
    digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8, salt=salt)
    state = int.from_bytes(digest.digest(), "little")
    halves = []
    for _ in range((count + 1) // 2):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        z ^= z >> 31
        halves += [z % 2**32, z >> 32]
    return halves[:count]


GOLDEN_UNIFORM: dict[tuple[str, int], list[str]] = {
    ("the", 0): [
        "-0x1.4745000000000p-3",
        "-0x1.a2f3a00000000p-5",
        "0x1.888f000000000p-3",
        "-0x1.bf73d00000000p-4",
    ],
    ("the", 1): [
        "-0x1.0e28bc0000000p-3",
        "0x1.0bc18c0000000p-3",
        "0x1.4c2ca40000000p-3",
        "0x1.4022000000000p-8",
    ],
    ("", 0): [
        "0x1.521d3c0000000p-3",
        "-0x1.b104a80000000p-4",
        "0x1.db3df40000000p-3",
        "0x1.1ee4800000000p-3",
    ],
    ("\u017di\u017eek", 42): [
        "0x1.b5d1d00000000p-4",
        "-0x1.beee800000000p-5",
        "-0x1.65a8000000000p-8",
        "-0x1.ce2fa80000000p-4",
    ],
    ("\ud800", -1): [
        "-0x1.169d500000000p-5",
        "-0x1.fcc6500000000p-5",
        "-0x1.243df40000000p-3",
        "0x1.decef40000000p-3",
    ],
}

GOLDEN_NORMAL: dict[tuple[str, int], list[str]] = {
    ("the", 0): [
        "-0x1.a7c53c0000000p-1",
        "0x1.ed088a0000000p-2",
        "0x1.b1231e0000000p+1",
        "-0x1.40e1220000000p-3",
    ],
    ("the", 1): [
        "-0x1.bfd4f60000000p-2",
        "0x1.3608e20000000p+1",
        "0x1.6ea6180000000p+1",
        "0x1.0c8a240000000p+0",
    ],
    ("", 0): [
        "0x1.74754e0000000p+1",
        "-0x1.d7b35c0000000p-4",
        "0x1.2674740000000p+2",
        "0x1.45d3c60000000p+1",
    ],
    ("\u017di\u017eek", 42): [
        "0x1.1080640000000p+1",
        "0x1.c8ae860000000p-2",
        "0x1.e3fb0a0000000p-1",
        "-0x1.98bd260000000p-3",
    ],
    ("\ud800", -1): [
        "0x1.508cba0000000p-1",
        "0x1.77ada00000000p-2",
        "-0x1.29823a0000000p-1",
        "0x1.2c58680000000p+2",
    ],
}

# Mean 1 and deviation 2 in each of its dimensions, exactly.
FOUND = np.array([[-1] * 4, [3] * 4], np.float32)


def as_hex(row: NDArray[np.floating]) -> list[str]:
    return [float(x).hex() for x in row]


@pytest.mark.parametrize(("token", "seed"), GOLDEN_UNIFORM)
def test_a_token_has_these_values_on_every_machine(token: str, seed: int) -> None:
    uniform = filled(Oov("uniform", seed=seed), [token])
    assert as_hex(uniform[0]) == GOLDEN_UNIFORM[token, seed]
    normal = filled(Oov("normal", seed=seed), [token], FOUND)
    assert as_hex(normal[0]) == GOLDEN_NORMAL[token, seed]


@given(st.text(), st.integers(-(2**70), 2**70), st.integers(1, 9))
def test_uniform_is_the_published_generator(token: str, seed: int, dim: int) -> None:
    expected = [((half >> 8) / 2**23 - 1) / 4 for half in splitmix64(token, seed, dim)]
    assert filled(Oov(seed=seed), [token], dim=dim).tolist() == [expected]


@pytest.mark.parametrize("strategy", RANDOM)
def test_a_row_depends_on_no_other_row(strategy: str) -> None:
    oov = Oov(strategy)
    tokens = [f"token {i}" for i in range(50)]
    rows = filled(oov, tokens, FOUND)
    assert len({row.tobytes() for row in rows}) == 50
    assert np.array_equal(filled(oov, tokens[::-1], FOUND), rows[::-1])
    for i in (0, 17, 49):
        assert np.array_equal(filled(oov, [tokens[i]], FOUND)[0], rows[i])
    assert np.array_equal(filled(oov, [*tokens[:20], "new", *tokens[20:]], FOUND)[21:], rows[20:])


@pytest.mark.parametrize("strategy", RANDOM)
def test_it_begins_the_same_in_every_dimension(strategy: str) -> None:
    found = np.tile(FOUND[:, :1], 70_001)
    wide = filled(Oov(strategy), ["a", "b"], found)
    for dim in (1, 2, 3, 300):
        assert np.array_equal(filled(Oov(strategy), ["a", "b"], found[:, :dim]), wide[:, :dim])


@pytest.mark.parametrize("strategy", RANDOM)
def test_many_rows_are_the_same_as_few(strategy: str) -> None:
    tokens = [f"{i}" for i in range(3000)]
    rows = filled(Oov(strategy), tokens, np.tile(FOUND, 25))
    for i in (0, 326, 327, 328, 2999):
        assert np.array_equal(filled(Oov(strategy), [tokens[i]], np.tile(FOUND, 25))[0], rows[i])


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
@pytest.mark.parametrize("rows", [[1, 3], [3, 200]])
def test_a_row_does_not_depend_on_its_number(rows: list[int], dtype: type[np.integer]) -> None:
    ids = vocabulary(["dog", "cat"], rows)
    ids = Vocabulary("test", ids.tokens, ids.rows.astype(dtype), ids.roles, ids.n_rows)
    matrix = np.zeros((201, 4), np.float32)
    provenance = np.full(201, Provenance.UNASSIGNED, np.uint8)
    provenance[rows] = Provenance.OOV
    fill_missing(matrix, ids, provenance, Oov())
    assert np.array_equal(matrix[rows], filled(Oov(), ["dog", "cat"]))
    assert not np.delete(matrix, rows, axis=0).any()


@pytest.mark.parametrize("strategy", RANDOM)
def test_seed_and_token_change_a_row(strategy: str) -> None:
    names = ["", "a", "A", "a ", "ab", "é", "e\u0301", "\0", "\ud800", "\udfff"]
    seeds = (0, 1, -1, 2**63, 2**64 - 2)
    rows = [filled(Oov(strategy, seed=seed), names, FOUND) for seed in seeds]
    assert len({row.tobytes() for matrix in rows for row in matrix}) == len(names) * len(seeds)


@pytest.mark.parametrize("scale", [0.25, 1.0, 0.05, 1e-30, 3e38, 0.0])
def test_uniform_stays_within_its_scale(scale: float) -> None:
    rows = filled(Oov(scale=scale), [f"{i}" for i in range(500)], dim=20)
    assert rows.dtype == np.float32
    assert np.abs(rows).max() <= np.float32(scale)
    # All of the interval is used, and none of it more than the rest.
    if scale:
        share, _ = np.histogram(rows.astype(np.float64) / scale, bins=10, range=(-1, 1))
        assert np.abs(share - 1000).max() < 5 * np.sqrt(1000)


def test_the_default_is_a_quarter_to_both_sides() -> None:
    rows = filled(Oov(), [f"{i}" for i in range(1000)], dim=20)
    assert -0.25 <= rows.min() < -0.249
    assert 0.249 < rows.max() <= 0.25
    assert abs(float(rows.mean())) < 0.005
    # Neighbouring values and rows have nothing to do with each other.
    for a, b in ((rows[:, :-1], rows[:, 1:]), (rows[:-1], rows[1:])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.03


def test_normal_is_the_inverse_of_the_normal_distribution() -> None:
    inverse = statistics.NormalDist(1, 2).inv_cdf
    tokens = [f"{i}" for i in range(500)]
    rows = filled(Oov("normal", seed=9), tokens, FOUND)
    expected = [
        [inverse((half + 0.5) / 2**32) for half in splitmix64(token, 9, 4)] for token in tokens
    ]
    np.testing.assert_allclose(rows, expected, rtol=3e-7, atol=3e-7)


def test_normal_follows_each_dimension_of_the_rows_found() -> None:
    rng = np.random.default_rng(3)
    found = (rng.standard_normal((2000, 3)) * [1, 0.01, 50] + [0, 5, -100]).astype(np.float32)
    rows = filled(Oov("normal"), [f"{i}" for i in range(4000)], found)
    deviation = found.std(axis=0)
    assert (np.abs(rows.mean(axis=0) - found.mean(axis=0)) < 0.1 * deviation).all()
    np.testing.assert_allclose(rows.std(axis=0), deviation, rtol=0.05)


def test_normal_in_a_dimension_that_never_varies_is_its_value() -> None:
    found = np.array([[0.1, 2], [0.1, 4]], np.float32)
    assert (filled(Oov("normal"), ["a", "b"], found)[:, 0] == np.float32(0.1)).all()


def test_mean_is_the_mean() -> None:
    rng = np.random.default_rng(4)
    found = (rng.standard_normal((5000, 9)) * 10.0 ** rng.integers(-20, 20, 9)).astype(np.float32)
    found[:, 0] = 0
    rows = filled(Oov("mean"), ["a", "b"], found)
    assert np.array_equal(rows[0], rows[1])
    expected = found.astype(np.float64).mean(axis=0)
    largest = np.abs(found).max(axis=0)
    assert (np.abs(rows[0] - expected) <= 1e-7 * np.abs(expected) + 1e-14 * largest).all()


extremes = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("strategy", ["mean", "normal"])
@given(st.lists(st.lists(extremes, min_size=2, max_size=2), min_size=1, max_size=20))
def test_the_order_of_the_rows_found_does_not_matter(
    strategy: str, content: list[list[float]]
) -> None:
    found = np.array(content, np.float32)
    shuffled = found[np.random.default_rng(len(content)).permutation(len(found))]

    def row(found: np.ndarray) -> bytes:
        try:
            return filled(Oov(strategy), ["a"], found).tobytes()
        except InputError as error:  # a value far from the mean of large ones
            return str(error).encode()

    assert row(found) == row(shuffled) == row(found[::-1])


@pytest.mark.parametrize("strategy", ["mean", "normal"])
def test_nor_does_it_where_floating_point_sums_differ(strategy: str) -> None:
    # (2^60 + 1) - 2^60 is 0, and (2^60 - 2^60) + 1 is 1.
    found = [[2.0**60], [1.0], [-(2.0**60)], [3.0]]
    orders = itertools.permutations(found)
    rows = {filled(Oov(strategy), ["a"], np.array(o, np.float32)).tobytes() for o in orders}
    assert len(rows) == 1


@pytest.mark.parametrize("code", [code for code in Provenance if code >= Provenance.EXACT])
def test_every_row_that_has_a_vector_counts(code: Provenance) -> None:
    matrix = np.array([[1, 2], [3, 6], [0, 0], [0, 0], [7, 7]], np.float32)
    others = [Provenance.PADDING, Provenance.UNASSIGNED, Provenance.OOV]
    provenance = np.array([Provenance.EXACT, code, *others], np.uint8)
    fill_missing(matrix, vocabulary(["the", "cat", "unseen"], [0, 1, 4]), provenance, Oov("mean"))
    assert matrix[4].tolist() == [2, 4]


def test_zeros() -> None:
    assert not filled(Oov("zeros"), ["a", "b"], FOUND).any()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_but_missing_rows_is_touched(strategy: str) -> None:
    codes = [
        Provenance.PADDING, Provenance.EXACT, Provenance.OOV, Provenance.UNASSIGNED,
        Provenance.OOV, Provenance.EXACT,
    ]  # fmt: skip
    before = np.arange(24, dtype=np.float32).reshape(6, 4)
    matrix = before.copy()
    ids = vocabulary(["<pad>", "the", "a", "b", "of"], [0, 1, 2, 4, 5])
    fill_missing(matrix, ids, np.array(codes, np.uint8), Oov(strategy))
    changed = (matrix != before).any(axis=1)
    assert changed.tolist() == [False, False, True, False, True, False]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_missing_is_nothing_to_do(strategy: str) -> None:
    matrix = np.full((2, 3), 7, np.float32)
    codes = np.array([Provenance.PADDING, Provenance.UNASSIGNED], np.uint8)
    fill_missing(matrix, vocabulary(["<pad>"], [0]), codes, Oov(strategy))
    assert (matrix == 7).all()


@pytest.mark.parametrize("strategy", ["mean", "normal"])
def test_statistics_of_nothing_are_an_error(strategy: str) -> None:
    with pytest.raises(InputError, match=f"--oov {strategy} has nothing to go by") as caught:
        filled(Oov(strategy), ["a"])
    assert "--oov uniform" in caught.value.remedy


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_float16_is_the_rounded_float32(strategy: str) -> None:
    tokens = ["a", "b", "c"]
    half = filled(Oov(strategy), tokens, FOUND, dtype="float16")
    assert half.dtype == np.float16
    assert np.array_equal(half, filled(Oov(strategy), tokens, FOUND).astype(np.float16))


@pytest.mark.parametrize(("scale", "dtype"), [(1e39, "float32"), (1e6, "float16")])
def test_a_scale_beyond_the_type_never_makes_infinite_rows(
    scale: float, dtype: str, workdir: Path
) -> None:
    (workdir / "vectors").write_bytes(b"the 1 2\n")
    with np.errstate(over="ignore"):
        try:
            matrix, _ = embedprep.build("vectors", ["a", "b"], oov_scale=scale, dtype=dtype)
        except EmbedprepError:
            return
    assert np.isfinite(matrix).all()


def test_random_rows_beyond_the_type_are_an_error() -> None:
    matrix = np.zeros((3, 1), np.float16)
    matrix[:2] = [[60_000], [-60_000]]
    provenance = np.array([Provenance.EXACT, Provenance.EXACT, Provenance.OOV], np.uint8)
    words = vocabulary(["a", "b", "c"])
    seed = next(seed for seed in range(100) if deviate("c", seed) > 2)
    with pytest.raises(InputError, match="beyond the range of float16"):
        fill_missing(matrix, words, provenance, Oov("normal", seed=seed))


def deviate(token: str, seed: int) -> float:
    """The standard normal value of a token, told by rows of mean 0 and deviation 1."""
    matrix = np.array([[1], [-1], [0]], np.float32)
    provenance = np.array([Provenance.EXACT, Provenance.EXACT, Provenance.OOV], np.uint8)
    fill_missing(matrix, vocabulary(["a", "b", token]), provenance, Oov("normal", seed=seed))
    return float(matrix[2, 0])
