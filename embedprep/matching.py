"""Stage 4: which record fills which row.

Owns the policy: the better-ranked key wins, then the earlier record; what happens to duplicate
and malformed records. Every record that is not used is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from embedprep.census import Census
from embedprep.errors import InputError
from embedprep.lookup import COMPOSED, EXACT, UNMATCHED, LookupKeys
from embedprep.means import PartVectors, PieceMeans
from embedprep.vectors.hits import Hits, Vectors

Matrix = NDArray[np.float32] | NDArray[np.float16]


@dataclass(frozen=True)
class Policy:
    """What to do with records that are not as they should be."""

    on_malformed: Literal["error", "skip"] = "error"
    on_duplicate: Literal["first", "last", "error"] = "first"


@dataclass
class Records:
    """The records of a vector file, counted."""

    total: int = 0
    duplicates: int = 0
    """Records whose wanted key had come before."""
    malformed: int = 0
    """Records of wrong width, and wanted ones with a value that is not a number."""
    nonfinite: int = 0
    """Wanted records with a value that is nan, infinite or beyond float32."""
    undecodable: int = 0
    """Those of the malformed that have the right width."""
    duplicates_of_forms: int = 0
    """Those of the duplicates whose key is the exact form of no token."""
    spaced_keys: int = 0
    """Records whose key contains the separator."""

    def add(self, hits: Hits) -> None:
        """Count a chunk; its duplicates only the caller knows."""
        self.total += hits.records
        self.spaced_keys += hits.spaced_keys
        self.malformed += hits.malformed + hits.undecodable
        self.undecodable += hits.undecodable
        self.nonfinite += hits.nonfinite

    def add_wanted(self, again: Records) -> None:
        """Count what was not used when the same file was read `again`, for other forms."""
        self.duplicates += again.duplicates_of_forms
        self.duplicates_of_forms += again.duplicates_of_forms
        self.malformed += again.undecodable
        self.undecodable += again.undecodable
        self.nonfinite += again.nonfinite


@dataclass(frozen=True, eq=False)
class Claims:
    """What fills each row so far; kept up to date while files are read."""

    rank: NDArray[np.uint16]
    """Of the key, shape (rows,); `UNMATCHED` where none did."""
    record: NDArray[np.int64]
    """In its file, shape (rows,); -1 where the row is no record."""

    @classmethod
    def none(cls, rows: int) -> Self:
        return cls(np.full(rows, UNMATCHED, np.uint16), np.full(rows, NO_RECORD))


NO_RECORD = -1


def match(
    vectors: Vectors,
    keys: LookupKeys,
    matrix: Matrix,
    policy: Policy,
    progress: Callable[[int], object],
    claims: Claims,
    census: Census | None,
    *,
    compose: bool = True,
) -> Records:
    """Read `vectors` once and copy the record of each wanted key into its rows of `matrix`.

    `matrix` has shape (rows, dim). Calls `progress` with the bytes read since the last call. What
    a format composes for a key that the file lacks fills the rows of which it is the exact form.
    `census` receives the keys of all records, unless they are known. Without `compose` nothing is
    made of n-grams.
    """
    records = Records()
    seen = np.zeros(len(keys.keys), bool)
    place = np.empty(len(keys.keys), np.int32)
    several = (np.bincount(keys.row) > 1).any()
    contested = several or (claims.rank[keys.row] <= keys.rank).any()
    later_wins = policy.on_duplicate == "last"
    before = claims.rank.copy()
    dim = matrix.shape[1]
    parts = keys.means and PartVectors(keys.means, len(keys.keys), dim)
    pieces = keys.pieces and PieceMeans(keys.pieces, len(keys.keys), dim)
    for hits in vectors.hits(keys.keys, keys.exact if compose else 0):
        progress(hits.bytes)
        records.add(hits)
        if census is not None:
            census.add(hits.hashes, hits.capitals)
        check_fault(vectors, hits, policy)
        if hits.composed:
            rows = _as_dtype(matrix.dtype, vectors, keys, hits)
            _fill_composed(matrix, claims, keys, hits.key, rows)
            continue
        new = _new_keys(hits.key, seen, place)
        records.duplicates += len(hits.key) - len(new)
        other = hits.key >= keys.exact
        records.duplicates_of_forms += int(other.sum()) - int(other[new].sum())
        if policy.on_duplicate == "error" and records.duplicates:
            raise _duplicate(vectors, keys, hits, new)
        seen[hits.key] = True
        first = hits
        if len(new) < len(hits.key):
            first = replace(hits, key=hits.key[new], record=hits.record[new], rows=hits.rows[new])
        used = hits if later_wins else first
        rows = _as_dtype(matrix.dtype, vectors, keys, used)
        if contested:
            pairs = _best_pairs(keys, used.key, claims.rank, before, later_wins=later_wins)
        else:
            pairs = _pairs(keys, used.key)
        _fill(matrix, claims, keys, pairs, used, rows)
        if parts:
            parts.take(used.key, used.rows)
        if pieces:
            pieces.take(first.key, first.rows)
    check_count(vectors, records.total, policy)
    for gathered in (parts, pieces):
        if gathered:
            filled = gathered.settle(matrix, claims.rank)
            claims.record[filled] = NO_RECORD
    return records


def _new_keys(
    key: NDArray[np.int64], seen: NDArray[np.bool_], place: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The hits of a chunk, in order, whose key occurs for the first time.

    `place`, shape (keys,), is room to work in: a number for each key is faster than sorting.
    """
    hit = np.arange(len(key))
    place[key[::-1]] = hit[::-1]  # assigned in order: of several hits the first stays
    return np.flatnonzero((place[key] == hit) & ~seen[key])


def _as_dtype(
    dtype: np.dtype[np.floating], vectors: Vectors, keys: LookupKeys, hits: Hits
) -> NDArray[np.floating]:
    """The vectors in the precision of the matrix; one that does not fit is an error."""
    if dtype == hits.rows.dtype:
        return hits.rows
    with np.errstate(over="ignore"):
        rows = hits.rows.astype(dtype)
    fits = np.isfinite(rows).all(axis=1)
    if not fits.all():
        misfit = int(np.argmin(fits))
        raise InputError(
            f"a value is beyond the range of {dtype}",
            "Build with --dtype float32.",
            path=vectors.path,
            line=_line(vectors, hits, misfit),
            token=_name(keys, hits.key[misfit]),
        )
    return rows


def _best_pairs(
    keys: LookupKeys,
    key: NDArray[np.int64],
    rank: NDArray[np.uint16],
    before: NDArray[np.uint16],
    *,
    later_wins: bool,
) -> _Pairs:
    """Of the pairs of `key` those that are to be filled, where several keys may want one row.

    `rank` says what has filled each row, `before` what had when the file was begun.
    """
    pair, hit = _pairs(keys, key)
    # Assignment runs in order, so what is to stay goes last: the best rank, and of equal ranks
    # the earlier record.
    position = np.arange(len(pair))
    order = np.lexsort((position if later_wins else -position, -keys.rank[pair].astype(int)))
    pair, hit = pair[order], hit[order]
    row, own = keys.row[pair], keys.rank[pair]
    better = (own <= rank[row]) & (own < before[row]) if later_wins else own < rank[row]
    return pair[better], hit[better]


def _fill(
    matrix: Matrix,
    claims: Claims,
    keys: LookupKeys,
    pairs: _Pairs,
    hits: Hits,
    vectors: NDArray[np.floating],
) -> None:
    """Give the vector of each hit to the rows of its pairs."""
    pair, hit = pairs
    row = keys.row[pair]
    unchanged = np.array_equal(hit, np.arange(len(vectors)))
    matrix[row] = vectors if unchanged else vectors[hit]  # the first spares a copy
    claims.rank[row] = keys.rank[pair]
    claims.record[row] = hits.record[hit]


def _fill_composed(
    matrix: Matrix,
    claims: Claims,
    keys: LookupKeys,
    key: NDArray[np.int64],
    vectors: NDArray[np.floating],
) -> None:
    """Give each vector to those rows that have none yet and whose exact form is its key."""
    pair, vector = _pairs(keys, key)
    free = (keys.rank[pair] == EXACT) & (claims.rank[keys.row[pair]] > COMPOSED)
    row = keys.row[pair[free]]
    matrix[row] = vectors[vector[free]]
    claims.rank[row] = COMPOSED


_Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Pairs of key and row, and for each the hit that has the key."""


def _pairs(keys: LookupKeys, key: NDArray[np.int64]) -> _Pairs:
    """Which pairs of key and row each of the keys `key` has, and which of `key` it is."""
    first = keys.first[key]
    pairs = keys.first[key + 1] - first
    vector = np.repeat(np.arange(len(key)), pairs)
    start = np.cumsum(pairs) - pairs
    return np.arange(len(vector)) - start[vector] + first[vector], vector


def _duplicate(
    vectors: Vectors, keys: LookupKeys, hits: Hits, new: NDArray[np.int64]
) -> InputError:
    again = int(np.setdiff1d(np.arange(len(hits.key)), new)[0])
    return InputError(
        "a second record of this key",
        "Keep one with --on-duplicate first or --on-duplicate last.",
        path=vectors.path,
        line=_line(vectors, hits, again),
        token=_name(keys, hits.key[again]),
    )


def _line(vectors: Vectors, hits: Hits, hit: int) -> int | None:
    """Where a hit stands, from 1, in a file that has lines."""
    return int(hits.record[hit]) + 1 if vectors.has_lines else None


def _name(keys: LookupKeys, number: np.int64) -> str:
    return keys.keys[int(number)].decode("utf-8", "replace")


def check_fault(vectors: Vectors, hits: Hits, policy: Policy) -> None:
    """Raise for the first bad record of a chunk, unless such records are to be left out."""
    if hits.fault and policy.on_malformed == "error":
        raise InputError(
            hits.fault.reason,
            ("Repair or delete the line" if vectors.has_lines else "Download or export it again")
            + ", or leave such records out with --on-malformed skip.",
            path=vectors.path,
            line=hits.fault.line,
            byte=hits.fault.byte,
        )


def check_count(vectors: Vectors, total: int, policy: Policy) -> None:
    """Raise if the file has not as many records as its header promises."""
    problem = count_problem(vectors.declared_records, total)
    if problem is not None and policy.on_malformed == "error":
        raise InputError(*problem, path=vectors.path)


def count_problem(declared: int | None, total: int) -> tuple[str, str] | None:
    """Reason and remedy where a header does not promise the number of records there are."""
    if declared is None or total == declared:
        return None
    fewer = total < declared
    return (
        f"the header promises {declared} records, the file has {total}"
        + (": it is truncated" if fewer else ""),
        ("Download or copy it again, or use" if fewer else "Correct the header, or use")
        + " what is there with --on-malformed skip.",
    )
