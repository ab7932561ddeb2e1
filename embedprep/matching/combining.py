"""Several vector files for one matrix: a later one fills what the earlier left, or they stand side
by side. Several matrices are filled at the same time.

Comes in: opened vector files. Goes out: the matrices filled, and for each row where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.lookup import COMPOSED, EXACT, PIECES, SPELLING, UNMATCHED, Lookup, LookupKeys
from embedprep.matching.census import Census
from embedprep.matching.matching import NO_RECORD, Claims, Matching, Matrix, match
from embedprep.matching.records import Policy, Records, duplicate_problem
from embedprep.options import Combine
from embedprep.provenance import KEY_SEPARATOR, Origins, Provenance
from embedprep.sources import is_pipe
from embedprep.vectors import Vectors
from embedprep.vectors.key_convention import KeyConvention

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
    files: tuple[int, ...]
    """The numbers of those that have been read."""
    claims: Claims
    sources: NDArray[np.uint8]
    """Bit k is set where file k gave the row, shape (rows,)."""
    records: tuple[Records, ...]
    """Of each file."""
    censuses: tuple[Census, ...]
    """Of each file."""

    def conventions(self) -> dict[KeyConvention, int]:
        """What the keys of the files are, and which files: the bits of `sources`."""
        bits: dict[KeyConvention, int] = {}
        for number, census in zip(self.files, self.censuses, strict=True):
            bits[census.keys_are] = bits.get(census.keys_are, 0) | 1 << number
        return bits


class Mistaken(Exception):  # noqa: N818  nothing is wrong: the file is to be read again
    """All keys of a file show something else than its first ones did."""

    def __init__(self, number: int, keys_are: KeyConvention) -> None:
        super().__init__(number, keys_are)
        self.number = number
        self.keys_are = keys_are

    def check_rereadable(self, path: str) -> None:
        """Raise InputError if the file, which is at `path`, can be read only once."""
        if is_pipe(path):
            raise InputError(
                f"its keys are {self.keys_are.title}, which its first ones did not show, and a "
                "pipe can be read only once",
                "Save it to a file first, and name the file.",
                path=path,
            )


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
    lookup: Lookup
    policy: Policy


def fill(
    part: Part,
    vectors: Sequence[Vectors],
    targets: Sequence[Target],
    progress: Callable[[int], object],
    told: Mapping[int, KeyConvention] = MappingProxyType({}),
) -> list[Filled]:
    """Read the files of `part` one after the other, each once for all targets, for their rows
    without their exact form.

    `told` says, by the number of a file, what its keys are. Of another file its first keys tell,
    and Mistaken is raised if all of them tell otherwise, and that makes a difference.

    A better form in a later file replaces a lesser one, as the word itself replaces what was made
    of its n-grams; of equal forms the earlier file's stays.
    """
    claims = [Claims.none(len(target.matrix)) for target in targets]
    filled = [
        Filled(part.columns, (), claimed, np.zeros(len(claimed.rank), np.uint8), (), ())
        for claimed in claims
    ]
    for number in part.files:
        about = vectors[number].about_keys()
        census = Census(told.get(number, about.keys_are), about.first)
        keys = [target.lookup.keys_for(census.keys_are) for target in targets]
        counted = _fill_from(number, vectors, targets, keys, filled, progress, census, again=False)
        if number not in told and not about.certain:
            _check(number, census, targets)
        filled = [
            replace(
                one,
                files=(*one.files, number),
                records=(*one.records, records),
                censuses=(*one.censuses, census),
            )
            for one, records in zip(filled, counted, strict=True)
        ]
    return filled


def _check(number: int, census: Census, targets: Sequence[Target]) -> None:
    """Raise Mistaken if what was looked for is not what should have been."""
    shown = census.shown()
    if any(target.lookup.differs(census.keys_are, shown) for target in targets):
        raise Mistaken(number, shown)
    census.keys_are = shown


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
    exact = [one.claims.rank.copy() for one in filled]
    for place, number in enumerate(part.files):
        keys = [
            target.lookup.keys_for(one.censuses[place].keys_are).still_unknown(rank)
            for target, one, rank in zip(targets, filled, exact, strict=True)
        ]
        census = filled[0].censuses[place]
        counted = _fill_from(number, vectors, targets, keys, filled, progress, census, again=True)
        for one, again in zip(filled, counted, strict=True):
            one.records[place].add_wanted(again)


def _fill_from(
    number: int,
    vectors: Sequence[Vectors],
    targets: Sequence[Target],
    keys: Sequence[LookupKeys],
    filled: Sequence[Filled],
    progress: Callable[[int], object],
    census: Census,
    *,
    again: bool,
) -> list[Records]:
    """Read one file for `keys`, one lookup a target, and the rows of each of `filled` without their
    exact form, which is brought up to date; `again` if its `census` is there already.
    """
    before = [one.claims.rank.copy() for one in filled]
    unfilled = [own.only(rank > EXACT) for own, rank in zip(keys, before, strict=True)]
    matchings = [
        Matching(
            vectors[number],
            wanted,
            target.matrix[:, one.columns],
            target.policy,
            one.claims,
            compose=not again,
        )
        for target, wanted, one in zip(targets, unfilled, filled, strict=True)
    ]
    counted = match(vectors[number], matchings, progress, census, again=again)
    if not again:
        for records, target, own, wanted in zip(counted, targets, keys, unfilled, strict=True):
            _count_repeated(records, vectors[number], target.policy, own, wanted, census)
    for one, rank in zip(filled, before, strict=True):
        one.sources[one.claims.rank != rank] = 1 << number
    return counted


def _count_repeated(
    records: Records,
    vectors: Vectors,
    policy: Policy,
    keys: LookupKeys,
    wanted: LookupKeys,
    census: Census,
) -> None:
    """Count the duplicates of those `keys` that an earlier file gave, and that are not `wanted` of
    this one: whatever the order of the files, each says the same of itself.
    """
    if wanted is keys:
        return
    asked = set(wanted.keys)
    given = [key for key in keys.keys[: keys.exact] if key not in asked]
    again, key = census.repeated(given)
    if key is not None and policy.on_duplicate == "error":
        raise duplicate_problem(vectors.path, None, key)
    records.duplicates += again


@dataclass(frozen=True, eq=False)
class Traced:
    """Where the rows of one part came from."""

    provenance: NDArray[np.uint8]
    """A code a row."""
    keys: dict[int, bytes]
    """See `Origins`."""


def trace(part: Filled, lookup: Lookup, without: NDArray[np.uint8]) -> Traced:
    """`without` is the provenance that the rows would have without any vectors."""
    rank = part.claims.rank
    provenance = without.copy()
    for known, code in _OF_RANK.items():
        provenance[rank == known] = code
    matched: dict[int, bytes] = {}
    for keys_are, bits in part.conventions().items():
        own = np.where(part.sources & bits, rank, UNMATCHED).astype(np.uint16)
        for row, form_code, parts in lookup.keys_for(keys_are).filled(own):
            provenance[row] = form_code
            matched[row] = KEY_SEPARATOR.join(parts)
    return Traced(provenance, matched)


_OF_RANK = {
    SPELLING: Provenance.EXACT,
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
