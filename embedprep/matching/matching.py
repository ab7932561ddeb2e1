"""Stage 4: which record fills which row.

This module owns the policy: the better-ranked key wins, then the earlier record, or the later one.
Every record that is not used is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self, cast

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.errors import InputError
from embedprep.fallback.digits import is_hashes
from embedprep.lookup import COMPOSED, EQUIVALENT, EXACT, UNMATCHED, LookupKeys
from embedprep.matching.census import Census
from embedprep.matching.means import PartVectors, PieceMeans
from embedprep.matching.records import (
    Policy,
    Records,
    check_count,
    duplicate_problem,
    fault_problem,
)
from embedprep.matching.shared_keys import SharedKeys, Wanted
from embedprep.named_tuples import NamedTuple
from embedprep.vectors.gathering import gathered
from embedprep.vectors.hits import Hits, Vectors

Matrix = NDArray[np.float32] | NDArray[np.float16]


class Claims(NamedTuple):
    """The key and record that fill each row so far; updated while files are read."""

    rank: NDArray[np.uint16]
    """The rank of the key that filled each row, shape (rows,); `UNMATCHED` if none did."""
    record: NDArray[np.int64]
    """The record of each row in its file, shape (rows,); -1 if the row is no record."""
    made_of: dict[int, bytes]
    """The keys whose mean a composed row is, joined by `KEY_SEPARATOR`; not for n-grams."""

    @classmethod
    def none(cls, rows: int) -> Self:
        return cls(np.full(rows, UNMATCHED, np.uint16), np.full(rows, NO_RECORD), {})


NO_RECORD = -1


class Matching:
    """One matrix, while a vector file is read once for it.

    It copies the record of each wanted key into its rows.
    """

    def __init__(
        self,
        vectors: Vectors,
        keys: LookupKeys,
        matrix: Matrix,
        policy: Policy,
        claims: Claims,
        *,
        compose: bool = True,
    ) -> None:
        """`matrix` has shape (rows, dim). If a format composes a vector for a key that is not in
        the file, it fills the rows of which the key is the exact form; without `compose`, it fills
        none.
        """
        self.wanted = Wanted(keys.keys, keys.composable if compose else 0)
        self._vectors = vectors
        self._keys = keys
        self._matrix = matrix
        self._policy = policy
        self._claims = claims
        self._records = Records()
        self._seen = np.zeros(len(keys.keys), bool)
        self._place = np.empty(len(keys.keys), np.int32)
        several = np.bincount(keys.row, minlength=len(matrix)) > 1
        contested = several[keys.row] | (claims.rank[keys.row] <= keys.rank)
        self._contested = contested if contested.any() else None
        self._before = claims.rank.copy()
        dim = matrix.shape[1]
        self._hashes = _hashes(keys)
        self._waiting: list[Hits] = []
        self._parts = keys.means and PartVectors(keys.means, len(keys.keys), dim)
        self._pieces = keys.pieces and PieceMeans(keys.pieces, len(keys.keys), dim)

    def take(self, hits: Hits) -> None:
        """Take the next chunk of hits for `wanted`.

        If several things are wrong, the first one in the file is raised, wherever the chunks begin
        and end.
        """
        self._records.add(hits)
        problem = fault_problem(self._vectors, hits.fault, self._policy)
        if hits.composed:
            if problem is not None:
                raise problem
            self._fill_composed(hits)
            return
        if len(hits.untrained):
            self._records.untrained += [self._keys.keys[k] for k in hits.untrained.tolist()]
            if not self._is_own(hits):
                return
        if problem is not None and hits.fault is not None:
            hits = hits.first(int(np.searchsorted(hits.record, hits.fault.record)))
        new = _new_keys(hits.key, self._seen, self._place)
        if self._policy.on_duplicate == "error" and len(new) < len(hits.key):
            again = int(np.setdiff1d(np.arange(len(hits.key)), new)[0])
            problem, hits, new = self._duplicate(hits, again), hits.first(again), new[:again]
        self._fill(hits, new)
        if problem is not None:
            raise problem

    def _is_own(self, untrained: Hits) -> bool:
        """Whether the vocabulary is that of the table, whose rows are its own, trained or not.

        It has each of its keys, except perhaps that of the padding, whose row is zeros.
        """
        own = int(self._seen.sum()) + len(untrained.key)
        return own + 1 >= (self._vectors.declared_records or 0)

    def finish(self, census: Census) -> Records:
        """Finish after the file has been read.

        This fills the rows that are made of several of its records, and those that depend on the
        `census` of all its keys.
        """
        check_count(self._vectors, self._records.total, self._policy)
        self._fill_numbers(census)
        for means in (self._parts, self._pieces):
            if means:
                filled = means.settle(self._matrix, self._claims.rank)
                self._claims.record[filled] = NO_RECORD
        self._records.zero_rows = self._zero_rows()
        return self._records

    def _zero_rows(self) -> int:
        """Return how many rows the file has filled with zeros."""
        filled = np.flatnonzero(self._claims.rank < self._before)
        # only a few, so the other rows need no check
        suspects = filled[self._matrix[filled, 0] == 0]
        return int(np.count_nonzero(~self._matrix[suspects].any(axis=1)))

    def _fill(self, hits: Hits, new: NDArray[np.int64]) -> None:
        """Copy the vector of each hit to the rows that want it; the hits `new` are the first of
        their keys.
        """
        keys, rank, later_wins = self._keys, self._claims.rank, self._policy.on_duplicate == "last"
        other = hits.key >= keys.exact
        self._records.duplicates += len(hits.key) - len(new)
        self._records.duplicates_of_forms += int(other.sum()) - int(other[new].sum())
        self._seen[hits.key] = True
        first = hits if len(new) == len(hits.key) else hits.at(new)
        used = hits if later_wins else first
        pair, hit = _pairs(keys, used.key)
        if self._contested is not None:
            several = self._contested[pair]
            contested = pair[several], hit[several]
            best = _best_pairs(keys, contested, rank, self._before, later_wins=later_wins)
            pair = np.concatenate([pair[~several], best[0]])
            hit = np.concatenate([hit[~several], best[1]])
        if len(self._hashes):
            wait = np.isin(used.key, self._hashes)
            if wait.any():
                self._waiting.append(_kept(used, np.flatnonzero(wait)))
                ready = ~(wait[hit] & (keys.rank[pair] > EXACT))
                pair, hit = pair[ready], hit[ready]
        self._place_at(used, pair, hit)
        if self._parts:
            self._parts.take(used.key, used.vectors())
        if self._pieces:
            self._pieces.take(first.key, first.vectors())

    def _fill_numbers(self, census: Census) -> None:
        """Decide what `#` alone is in this file.

        It is a number without digits, and fills the rows that have waited for it, or punctuation,
        and fills none.
        """
        keys, later_wins = self._keys, self._policy.on_duplicate == "last"
        barred = self._hashes
        if len(barred):
            named = [keys.keys[k] for k in barred.tolist()]
            barred = barred[census.punctuation(named)]
        for hits in self._waiting:
            hits = hits.at(np.flatnonzero(~np.isin(hits.key, barred)))
            pairs = _pairs(keys, hits.key)
            best = _best_pairs(keys, pairs, self._claims.rank, self._before, later_wins=later_wins)
            self._place_at(hits, *best)
        if self._parts:
            self._parts.forget(barred)

    def _place_at(self, hits: Hits, pair: NDArray[np.int64], hit: NDArray[np.int64]) -> None:
        """Copy each hit to its pair."""
        row = self._keys.row[pair]
        self._copy(hits, hit, row)
        self._claims.rank[row] = self._keys.rank[pair]
        self._claims.record[row] = hits.record[hit]

    def _fill_composed(self, hits: Hits) -> None:
        """Copy each vector to the empty rows that have its key as their exact form."""
        keys, rank = self._keys, self._claims.rank
        pair, hit = _pairs(keys, hits.key)
        free = (keys.rank[pair] <= EXACT) & (rank[keys.row[pair]] > COMPOSED)
        row = keys.row[pair[free]]
        self._copy(hits, hit[free], row)
        rank[row] = COMPOSED
        if hits.made_of:
            of_hit = hits.sources()[hit[free]]
            made = (hits.made_of[number] for number in of_hit.tolist())
            self._claims.made_of.update(zip(row.tolist(), made, strict=True))

    def _copy(self, hits: Hits, hit: NDArray[np.int64], row: NDArray[np.int64]) -> None:
        """Copy the vector of each of the hits numbered `hit` to each `row` of the matrix.

        A vector that does not fit the precision of the matrix is an error.
        """
        if self._matrix.dtype == np.float32:
            matrix = cast("NDArray[np.float32]", self._matrix)
            core.load().place_rows(hits.rows, hits.sources()[hit], row, matrix)
            return
        with np.errstate(over="ignore"):
            vectors = hits.vectors().astype(self._matrix.dtype)
        fits = np.isfinite(vectors).all(axis=1)
        if not fits.all():
            raise self._problem(
                f"a value is beyond the range of {self._matrix.dtype}",
                "Build with --dtype float32.",
                hits,
                int(np.argmin(fits)),
            )
        self._matrix[row] = vectors[hit]

    def _duplicate(self, hits: Hits, again: int) -> InputError:
        line = int(hits.record[again]) + 1 if self._vectors.has_lines else None
        return duplicate_problem(self._vectors.path, line, self._keys.keys[int(hits.key[again])])

    def _problem(self, reason: str, remedy: str, hits: Hits, hit: int) -> InputError:
        return InputError(
            reason,
            remedy,
            path=self._vectors.path,
            line=int(hits.record[hit]) + 1 if self._vectors.has_lines else None,
            token=self._keys.keys[int(hits.key[hit])].decode("utf-8", "replace"),
        )


def match(
    vectors: Vectors,
    matchings: Sequence[Matching],
    progress: Callable[[int], object],
    census: Census,
    *,
    again: bool = False,
) -> list[Records]:
    """Read `vectors` once for all of `matchings`; return the records of each.

    Calls `progress` with the bytes read since the last call. `census` receives the keys of all
    records; when the file is read `again`, it already has them.
    """
    shared = SharedKeys([matching.wanted for matching in matchings])
    for hits in gathered(vectors.hits(shared.keys, shared.composable), progress):
        if not again:
            census.add(hits.hashes, hits.capitals, hits.marks)
        for number, matching in enumerate(matchings):
            matching.take(shared.share(hits, number))
    return [matching.finish(census) for matching in matchings]


def _hashes(keys: LookupKeys) -> NDArray[np.int64]:
    """Return the hashes of the keys of `#` alone, if fallback rules are in use."""
    if keys.means is None and not (keys.rank > EQUIVALENT).any():
        return np.empty(0, np.int64)
    return np.array([k for k, key in enumerate(keys.keys) if is_hashes(key)], np.int64)


def _kept(hits: Hits, which: NDArray[np.int64]) -> Hits:
    """Select these hits, with their own copies of the vectors, which survive the next chunk."""
    some = hits.at(which)
    return some._replace(rows=some.vectors().copy(), source=None)


def _new_keys(
    key: NDArray[np.int64], seen: NDArray[np.bool_], place: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the hits of a chunk, in order, whose key occurs for the first time.

    `place`, shape (keys,), is working memory: a number for each key is faster than sorting.
    """
    hit = np.arange(len(key))
    place[key[::-1]] = hit[::-1]  # assigned in order: the first of several hits stays
    return np.flatnonzero((place[key] == hit) & ~seen[key])


def _best_pairs(
    keys: LookupKeys,
    pairs: _Pairs,
    rank: NDArray[np.uint16],
    before: NDArray[np.uint16],
    *,
    later_wins: bool,
) -> _Pairs:
    """Return which of `pairs` to fill, when several keys may want the same row.

    `rank` is the rank of the key that has filled each row, `before` the one when the file was
    begun.
    """
    pair, hit = pairs
    # Assignment runs in order, so the winner goes last: the best rank, and among equal ranks the
    # earlier record.
    position = np.arange(len(pair))
    order = np.lexsort((position if later_wins else -position, -keys.rank[pair].astype(int)))
    pair, hit = pair[order], hit[order]
    row, own = keys.row[pair], keys.rank[pair]
    better = (own <= rank[row]) & (own < before[row]) if later_wins else own < rank[row]
    return pair[better], hit[better]


_Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Pairs of key and row, and for each pair the hit with that key."""


def _pairs(keys: LookupKeys, key: NDArray[np.int64]) -> _Pairs:
    """Return the pairs of each of the keys `key`, and the index in `key` of each pair."""
    if keys.one_row_each:
        return key, np.arange(len(key))
    first = keys.first[key]
    pairs = keys.first[key + 1] - first
    vector = np.repeat(np.arange(len(key)), pairs)
    start = np.cumsum(pairs) - pairs
    return np.arange(len(vector)) - start[vector] + first[vector], vector
