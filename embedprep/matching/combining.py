"""Several vector files for one matrix: a later one fills what the earlier left, or they stand side
by side. Several matrices are filled at the same time.

Comes in: opened vector files. Goes out: the matrices filled, and for each row where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.lookup import COMPOSED, EXACT, PIECES, UNMATCHED, LookupKeys
from embedprep.matching.census import Census
from embedprep.matching.matching import NO_RECORD, Claims, Matching, Matrix, match
from embedprep.matching.records import Policy, Records
from embedprep.options import Combine
from embedprep.provenance import KEY_SEPARATOR, Origins, Provenance
from embedprep.vectors import Vectors

MOST_FILES = 8
"""A row's files are the bits of one byte."""


@dataclass(frozen=True, eq=False)
class Part:
    """Columns of the matrix, and the vector files that fill them, in order of preference."""

    columns: slice
    files: tuple[int, ...]
    """Their numbers."""


@dataclass(frozen=True, eq=False)
class Filled:
    """What became of one part."""

    columns: slice
    claims: Claims
    sources: NDArray[np.uint8]
    """Bit k is set where file k gave the row, shape (rows,)."""
    records: tuple[Records, ...]
    """Of each file."""
    censuses: tuple[Census, ...]
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


@dataclass(frozen=True, eq=False)
class Target:
    """A matrix to be filled, and what is looked for."""

    matrix: Matrix
    keys: LookupKeys
    policy: Policy


def fill(
    part: Part,
    vectors: Sequence[Vectors],
    targets: Sequence[Target],
    progress: Callable[[int], object],
) -> list[Filled]:
    """Read the files of `part` one after the other, each once for all targets, for their rows
    without their exact form.

    A better form in a later file replaces a lesser one, as the word itself replaces what was made
    of its n-grams; of equal forms the earlier file's stays.
    """
    claims = [Claims.none(len(target.matrix)) for target in targets]
    filled = [
        Filled(part.columns, claimed, np.zeros(len(claimed.rank), np.uint8), (), ())
        for claimed in claims
    ]
    for number in part.files:
        census = Census()
        counted = _fill_from(number, vectors, targets, filled, progress, census)
        filled = [
            replace(one, records=(*one.records, records), censuses=(*one.censuses, census))
            for one, records in zip(filled, counted, strict=True)
        ]
    return filled


def fill_again(
    part: Part,
    filled: Sequence[Filled],
    vectors: Sequence[Vectors],
    targets: Sequence[Target],
    progress: Callable[[int], object],
) -> None:
    """Read the same files once more, for other forms where the first time found none that is exact.

    Nothing is composed of n-grams again.
    """
    targets = [
        replace(target, keys=target.keys.still_unknown(one.claims.rank))
        for target, one in zip(targets, filled, strict=True)
    ]
    for place, number in enumerate(part.files):
        counted = _fill_from(number, vectors, targets, filled, progress, None)
        for one, again in zip(filled, counted, strict=True):
            one.records[place].add_wanted(again)


def _fill_from(
    number: int,
    vectors: Sequence[Vectors],
    targets: Sequence[Target],
    filled: Sequence[Filled],
    progress: Callable[[int], object],
    census: Census | None,
) -> list[Records]:
    """Read one file for the rows of each of `filled` without their exact form, which is brought
    up to date; without a `census` it is not the first time.
    """
    before = [one.claims.rank.copy() for one in filled]
    matchings = [
        Matching(
            vectors[number],
            target.keys.only(one.claims.rank > EXACT),
            target.matrix[:, one.columns],
            target.policy,
            one.claims,
            compose=census is not None,
        )
        for target, one in zip(targets, filled, strict=True)
    ]
    counted = match(vectors[number], matchings, progress, census)
    for one, rank in zip(filled, before, strict=True):
        one.sources[one.claims.rank != rank] = 1 << number
    return counted


@dataclass(frozen=True, eq=False)
class Traced:
    """Where the rows of one part came from."""

    provenance: NDArray[np.uint8]
    """A code a row."""
    keys: dict[int, bytes]
    """See `Origins`."""


def trace(part: Filled, keys: LookupKeys, without: NDArray[np.uint8]) -> Traced:
    """`without` is the provenance that the rows would have without any vectors."""
    rank = part.claims.rank
    provenance = without.copy()
    for known, code in _OF_RANK.items():
        provenance[rank == known] = code
    matched: dict[int, bytes] = {}
    for row, form_code, parts in keys.filled(rank):
        provenance[row] = form_code
        matched[row] = KEY_SEPARATOR.join(parts)
    return Traced(provenance, matched)


_OF_RANK = {
    EXACT: Provenance.EXACT,
    COMPOSED: Provenance.SUBWORD,
    PIECES: Provenance.PIECES,
}


def origins_of(parts: Sequence[Filled], traced: Sequence[Traced]) -> Origins:
    """Where each row came from, of all parts together.

    Of several vectors side by side the one farthest from the word tells, with its key.
    """
    ranks = np.stack([part.claims.rank for part in parts])
    has_vector = ranks != UNMATCHED
    farthest = np.where(has_vector, ranks.astype(np.int64), -1).argmax(axis=0)
    rows = np.arange(ranks.shape[1])
    provenance = np.stack([found.provenance for found in traced])[farthest, rows]
    count = has_vector.sum(axis=0)
    provenance[(count > 0) & (count < len(parts))] = Provenance.PARTIAL
    records = np.stack([part.claims.record for part in parts])[farthest, rows]
    records[count > 1] = NO_RECORD  # of several files
    keys = {
        row: key
        for number, found in enumerate(traced)
        for row, key in found.keys.items()
        if farthest[row] == number
    }
    sources = np.bitwise_or.reduce([part.sources for part in parts])
    return Origins(provenance, sources, records, dict(sorted(keys.items())))
