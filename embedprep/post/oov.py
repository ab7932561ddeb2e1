"""Stage 5: the rows of tokens that have no vector.

A random row is a function of seed, token and dimension alone. So a token has the same row in every
vocabulary, on every machine, and adding a word changes one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.provenance import Provenance
from embedprep.vocabulary import Vocabulary

Matrix = NDArray[np.float32] | NDArray[np.float16]
RowNumbers = NDArray[np.int64]

_CHUNK_VALUES = 1 << 15
"""Values computed at a time: the intermediate arrays stay in the processor's cache."""


class Oov(NamedTuple):
    """A strategy by name, with its parameters."""

    strategy: str = "uniform"
    scale: float = 0.25
    """Half the width of the interval of `uniform`."""
    seed: int = 0


class Unfilled(NamedTuple):
    """The rows that a strategy fills."""

    rows: RowNumbers
    tokens: Sequence[str]
    """The token of each row."""
    found: RowNumbers
    """The rows that have vectors of the file."""
    first_column: int
    """The number of the first column of the matrix in the whole one."""


def fill_missing(
    matrix: Matrix,
    vocabulary: Vocabulary,
    provenance: NDArray[np.uint8],
    oov: Oov,
    first_column: int = 0,
) -> None:
    """Fill the rows of `matrix` whose `provenance` is OOV, by `oov.strategy`.

    Some strategies take statistics of the rows that hold vectors of the file. `matrix` may be some
    columns of a wider one, from `first_column` on.
    """
    without = np.flatnonzero(provenance[vocabulary.rows] == Provenance.OOV)
    if len(without):
        tokens = [vocabulary.tokens[i] for i in without.tolist()]
        found = np.flatnonzero(provenance >= Provenance.EXACT)
        unfilled = Unfilled(vocabulary.rows[without], tokens, found, first_column)
        if len(found) == 0 and oov.strategy in _OF_THE_ROWS_FOUND:
            raise InputError(
                f"none of its tokens has a vector, so --oov {oov.strategy} has nothing to go by",
                "Check that vocabulary and vectors belong together, or use --oov uniform.",
                path=vocabulary.path,
            )
        try:
            with np.errstate(over="raise"):
                STRATEGIES[oov.strategy](matrix, unfilled, oov)
        except FloatingPointError:
            raise InputError(
                f"--oov {oov.strategy} gives values beyond the range of {matrix.dtype}",
                "Use another --oov, or --dtype float32.",
                path=vocabulary.path,
            ) from None


def _zeros(matrix: Matrix, unfilled: Unfilled, oov: Oov) -> None:
    matrix[unfilled.rows] = 0


def _uniform(matrix: Matrix, unfilled: Unfilled, oov: Oov) -> None:
    scale = np.float32(oov.scale)
    for part, bits in _random_bits(unfilled, oov.seed, matrix.shape[1]):
        # 24 bits are what a float32 holds: each step but the last is exact.
        bits >>= np.uint32(8)
        unit = bits.astype(np.float32)
        unit *= np.float32(2.0**-23)
        unit -= np.float32(1)
        unit *= scale
        matrix[part] = unit


def _normal(matrix: Matrix, unfilled: Unfilled, oov: Oov) -> None:
    mean, deviation = _moments(matrix, unfilled.found)
    for part, bits in _random_bits(unfilled, oov.seed, matrix.shape[1]):
        matrix[part] = _normal_deviates(bits) * deviation + mean


def _mean(matrix: Matrix, unfilled: Unfilled, oov: Oov) -> None:
    matrix[unfilled.rows] = _column_means(matrix, unfilled.found)


Strategy = Callable[[Matrix, Unfilled, Oov], None]

STRATEGIES: dict[str, Strategy] = {
    "zeros": _zeros,
    "uniform": _uniform,
    "normal": _normal,
    "mean": _mean,
}
"""The names that `--oov` accepts."""

_OF_THE_ROWS_FOUND = ("normal", "mean")


def _random_bits(
    unfilled: Unfilled, seed: int, dim: int
) -> Iterator[tuple[RowNumbers, NDArray[np.uint32]]]:
    """Yield some of the rows, and 32 random bits for each of their values, shape (rows, dim).

    The next bits are written into the same memory.
    """
    draw = core.load().random_bits
    chunk = max(1, _CHUNK_VALUES // dim)
    memory = np.empty((min(chunk, len(unfilled.rows)), dim), np.uint32)
    for i in range(0, len(unfilled.rows), chunk):
        tokens = [t.encode("utf-8", "surrogatepass") for t in unfilled.tokens[i : i + chunk]]
        bits = memory[: len(tokens)]
        draw(tokens, seed % 2**64, unfilled.first_column, bits)
        yield unfilled.rows[i : i + chunk], bits


def _normal_deviates(bits: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Standard normal values by the inverse of the distribution function.

    Algorithm AS 241, PPND7 (Wichura 1988), accurate to about 1 in 10^7. It needs the four
    operations, a square root and a logarithm; with our own logarithm every step is defined by
    IEEE 754, so that all platforms agree to the bit.
    """
    p = (bits.astype(np.float64) + 0.5) * 2.0**-32
    q = p - 0.5
    r = 0.180625 - q * q
    top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    low = ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0
    z = q * top / low
    tail = np.abs(q) > 0.425
    # 32 bits stay above 1e-10, where the algorithm's third region would begin at 1e-11.
    r = np.sqrt(-_log(np.minimum(p[tail], 1.0 - p[tail]))) - 1.6
    top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
    low = (0.12021132975 * r + 0.73700164250) * r + 1.0
    z[tail] = np.copysign(top / low, q[tail])
    return z


def _log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Natural logarithm, the same bits everywhere; `np.log` differs between processors."""
    fraction, exponent = np.frexp(x)
    # log(f) = 2 artanh((f - 1) / (f + 1)), and |s| <= 1/3 for f in [0.5, 1].
    s = (fraction - 1.0) / (fraction + 1.0)
    square = s * s
    series = np.zeros_like(s)
    for n in range(31, 0, -2):
        series = series * square + 1.0 / n
    return exponent * 0.6931471805599453 + 2.0 * s * series


def _moments(matrix: Matrix, found: RowNumbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each dimension over the rows `found`."""
    mean = _column_means(matrix, found)
    variance = _exact_sum(matrix, found, lambda x: (x - mean) ** 2) / len(found)
    return mean, np.sqrt(variance)


def _column_means(matrix: Matrix, found: RowNumbers) -> NDArray[np.float64]:
    return _exact_sum(matrix, found, lambda x: x) / len(found)


def _exact_sum(
    matrix: Matrix,
    rows: RowNumbers,
    term: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Sum of `term(row)` over `rows`, the same bits in whatever order they come.

    Floating-point sums depend on the order, integer sums do not: each column is scaled so that
    the sum of its terms just fits 62 bits.
    """
    chunk = max(1, _CHUNK_VALUES // matrix.shape[1])
    parts = [rows[i : i + chunk] for i in range(0, len(rows), chunk)]
    largest = np.zeros(matrix.shape[1])
    for part in parts:
        np.maximum(largest, np.abs(term(matrix[part].astype(np.float64))).max(axis=0), out=largest)
    _, exponent = np.frexp(largest)
    shift = 62 - len(rows).bit_length() - exponent
    total = np.zeros(matrix.shape[1], np.int64)
    for part in parts:
        scaled = np.ldexp(term(matrix[part].astype(np.float64)), shift)
        total += np.rint(scaled).astype(np.int64).sum(axis=0)
    result: NDArray[np.float64] = np.ldexp(total.astype(np.float64), -shift)
    return result
