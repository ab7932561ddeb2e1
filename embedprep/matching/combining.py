"""Fill one matrix, or several at once, from several vector files.

A later file fills what the earlier ones left, or the vectors are placed side by side. Comes in:
opened vector files. Goes out: the matrices filled, and where each row came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.lookup import COMPOSED, EXACT, PIECES, SPELLING, UNMATCHED, Lookup, LookupKeys
from embedprep.matching.census import Census
from embedprep.matching.matching import NO_RECORD, Claims, Matching, Matrix, match
from embedprep.matching.records import Policy, Records, duplicate_problem
from embedprep.named_tuples import NamedTuple
from embedprep.options import Combine
from embedprep.provenance import KEY_SEPARATOR, Origins, Provenance
from embedprep.sources import is_pipe
from embedprep.vectors import Vectors
from embedprep.vocabulary.key_convention import KeyConvention

MOST_FILES = 8
"""The limit of files: one byte has a bit for each file of a row."""


class Part(NamedTuple):
    """Columns of the matrix, and the vector files that fill them, in order of preference."""

    columns: slice
    files: tuple[int, ...]
    """The numbers of the files."""


class Filled(NamedTuple):
    """The result of filling one part."""

    columns: slice
    files: tuple[int, ...]
    """The numbers of the files that have been read."""
    claims: Claims
    sources: NDArray[np.uint8]
    """The file of each row, shape (rows,): bit k is set if file k filled it."""
    records: tuple[Records, ...]
    """The records of each file."""
    censuses: tuple[Census, ...]
    """The census of each file."""

    def conventions(self) -> dict[KeyConvention, int]:
        """Return each kind of keys, with the files that have it as bits of `sources`."""
        bits: dict[KeyConvention, int] = {}
        for number, census in zip(self.files, self.censuses, strict=True):
            bits[census.keys_are] = bits.get(census.keys_are, 0) | 1 << number
        return bits


class Mistaken(Exception):  # noqa: N818  nothing is wrong: the file is to be read again
    """Raised if all keys of a file show a different kind than its first ones did."""

    def __init__(self, number: int, keys_are: KeyConvention) -> None:
        super().__init__(number, keys_are)
        self.number = number
        self.keys_are = keys_are

    def check_rereadable(self, path: str) -> None:
        """Raise InputError if the file at `path` can be read only once."""
        if is_pipe(path):
            raise InputError(
                f"its keys are {self.keys_are.title}, which its first ones did not show, and a "
                "pipe can be read only once",
                "Save it to a file first, and name the file.",
                path=path,
            )


def arrange(vectors: Sequence[Vectors], combine: Combine) -> list[Part]:
    """Return the columns of each file. Raises if the dimensions differ but must not."""
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


class Target(NamedTuple):
    """A matrix to fill, and what is looked up for it."""

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
    """Fill the rows that have no exact form yet; read each file of `part` once for all targets.

    `told` maps the number of a file to the kind of its keys. For other files, the first keys
    decide. If all keys together show a different kind, and that makes a difference, Mistaken is
    raised.

    A better form in a later file replaces a worse one: for example, the word itself replaces a
    vector made of its n-grams. If two forms are equal, the earlier file's stays.
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
            one._replace(
                files=(*one.files, number),
                records=(*one.records, records),
                censuses=(*one.censuses, census),
            )
            for one, records in zip(filled, counted, strict=True)
        ]
    return filled


def _check(number: int, census: Census, targets: Sequence[Target]) -> None:
    """Raise Mistaken if other keys should have been looked up."""
    evident = census.evident()
    if any(target.lookup.differs(census.keys_are, evident) for target in targets):
        raise Mistaken(number, evident)
    census.keys_are = evident


def fill_again(
    part: Part,
    filled: Sequence[Filled],
    vectors: Sequence[Vectors],
    targets: Sequence[Target],
    progress: Callable[[int], object],
) -> None:
    """Read the same files again, for other forms of the words that were not found exactly.

    Nothing is composed of n-grams this time.
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
    """Read one file for `keys`, one lookup per target, and fill the rows without their exact form.

    Updates `filled`. With `again`, the file's `census` is already complete.
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
    """Count the duplicates of those `keys` that an earlier file filled, and are not `wanted`.

    So the counts of each file do not depend on the order of the files.
    """
    if wanted is keys:
        return
    asked = set(wanted.keys)
    given = [key for key in keys.keys[: keys.exact] if key not in asked]
    again, key = census.repeated(given)
    if key is not None and policy.on_duplicate == "error":
        raise duplicate_problem(vectors.path, None, key)
    records.duplicates += again


class Traced(NamedTuple):
    """The origin of the rows of one part."""

    provenance: NDArray[np.uint8]
    """The provenance code of each row."""
    keys: dict[int, bytes]
    """The keys of rows, as in `Origins`."""


def trace(part: Filled, lookup: Lookup, without: NDArray[np.uint8]) -> Traced:
    """Trace the rows; `without` is the provenance that they would have without any vectors."""
    rank = part.claims.rank
    provenance = without.copy()
    for known, code in _OF_RANK.items():
        provenance[rank == known] = code
    matched: dict[int, bytes] = {}
    for row, pieces in part.claims.made_of.items():
        if rank[row] == COMPOSED:  # and not filled with something better by a later file
            provenance[row] = Provenance.COMPOSED
            matched[row] = pieces
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
    """Return where each row came from, for all parts together.

    If vectors are side by side, the one farthest from the word decides, with its key.
    """
    ranks = np.stack([part.claims.rank for part in parts])
    has_vector = ranks != UNMATCHED
    farthest = np.where(has_vector, ranks.astype(np.int64), -1).argmax(axis=0)
    rows = np.arange(ranks.shape[1])
    provenance = np.stack([found.provenance for found in traced])[farthest, rows]
    count = has_vector.sum(axis=0)
    provenance[(count > 0) & (count < len(parts))] = Provenance.PARTIAL
    records = np.stack([part.claims.record for part in parts])[farthest, rows]
    records[count > 1] = NO_RECORD  # made of several files
    keys = {
        row: key
        for number, found in enumerate(traced)
        for row, key in found.keys.items()
        if farthest[row] == number
    }
    sources = np.bitwise_or.reduce([part.sources for part in parts])
    return Origins(provenance, sources, records, dict(sorted(keys.items())))
