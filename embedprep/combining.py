"""Several vector files for one matrix: a later one fills what the earlier left, or they stand side
by side.

Comes in: opened vector files. Goes out: the matrix filled, and for each row where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.lookup import EXACT, LookupKeys
from embedprep.matching import COMPOSED, UNMATCHED, Matrix, Policy, Records, match
from embedprep.provenance import Provenance
from embedprep.vectors import Vectors

MOST_FILES = 8
"""A row's files are the bits of one byte."""

Combine = Literal["fill", "concat"]


@dataclass(frozen=True)
class Part:
    """Columns of the matrix, and the vector files that fill them, in order of preference."""

    columns: slice
    files: tuple[int, ...]
    """Their numbers."""


@dataclass(frozen=True, eq=False)
class Filled:
    """What became of one part."""

    columns: slice
    rank: NDArray[np.uint8]
    """The rank of the key that filled each row, shape (rows,)."""
    sources: NDArray[np.uint8]
    """Bit k is set where file k gave the row, shape (rows,)."""
    records: tuple[Records, ...]
    """Of each file."""


def arrange(vectors: Sequence[Vectors], combine: Combine) -> list[Part]:
    """Which columns the files fill. Raises if they are of several dimensions and must not be."""
    if combine == "concat":
        ends = np.cumsum([file.dim for file in vectors]).tolist()
        starts = [0, *ends[:-1]]
        return [
            Part(slice(start, end), (number,))
            for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        ]
    first = vectors[0]
    for file in vectors[1:]:
        if file.dim != first.dim:
            raise InputError(
                f"its vectors have {file.dim} values, those of {first.path} have {first.dim}",
                "Give files of one dimension, or join the dimensions with --combine concat.",
                path=file.path,
            )
    return [Part(slice(0, first.dim), tuple(range(len(vectors))))]


def fill(
    part: Part,
    vectors: Sequence[Vectors],
    keys: LookupKeys,
    matrix: Matrix,
    policy: Policy,
    progress: Callable[[int], object],
) -> Filled:
    """Read the files of `part` one after the other, each for the rows without a word's vector.

    One made of n-grams is a guess: the vector of the word itself in a later file replaces it.
    """
    rank = np.full(len(matrix), UNMATCHED, np.uint8)
    sources = np.zeros(len(matrix), np.uint8)
    records = []
    for number in part.files:
        before = rank.copy()
        wanted = keys.only(rank >= COMPOSED)
        columns = matrix[:, part.columns]
        records.append(match(vectors[number], wanted, columns, policy, progress, rank))
        sources[rank != before] = 1 << number
    return Filled(part.columns, rank, sources, tuple(records))


def provenance_of(parts: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """One code a row, from the codes that each part gives it, shape (rows,)."""
    if len(parts) == 1:
        return parts[0]
    codes = np.stack(parts)
    has_vector = codes >= Provenance.EXACT
    every, some = has_vector.all(axis=0), has_vector.any(axis=0)
    composed = (codes == Provenance.SUBWORD).any(axis=0)
    combined: NDArray[np.uint8] = parts[0].copy()
    combined[every] = Provenance.EXACT
    combined[every & composed] = Provenance.SUBWORD
    combined[some & ~every] = Provenance.PARTIAL
    return combined


def sources_of(parts: Sequence[Filled]) -> NDArray[np.uint8]:
    """Bit k is set where file k gave a row, or some columns of it, shape (rows,)."""
    sources = parts[0].sources.copy()
    for part in parts[1:]:
        sources |= part.sources
    return sources


def codes_of(rank: NDArray[np.uint8], base: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`base`, the provenance without any vectors, with the rows that a part filled."""
    codes = base.copy()
    codes[rank == EXACT] = Provenance.EXACT
    codes[rank == COMPOSED] = Provenance.SUBWORD
    return codes
