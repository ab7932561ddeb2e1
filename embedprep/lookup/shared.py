"""The keys of several lookups as one list, so that a vector file is read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from embedprep.vectors.hits import Hits


@dataclass(frozen=True, eq=False)
class Wanted:
    """What one of those who share wants of a file."""

    keys: list[bytes]
    composable: int
    """For the first so many a vector may be composed."""


class SharedKeys:
    """Distinct keys: each of those that any of `wanted` has."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._wanted = wanted
        if len(wanted) == 1:
            self.keys, self.composable = wanted[0].keys, wanted[0].composable
            return
        firsts = chain.from_iterable(one.keys[: one.composable] for one in wanted)
        numbers = dict.fromkeys(firsts, 0)
        self.composable = len(numbers)
        numbers.update(dict.fromkeys(chain.from_iterable(one.keys for one in wanted), 0))
        self.keys = list(numbers)
        numbers = {key: number for number, key in enumerate(self.keys)}
        self._number_of = [_numbers_of(one.keys, numbers) for one in wanted]

    def share(self, hits: Hits, which: int) -> Hits:
        """Of the hits for `keys` those for `wanted[which]`, as if it had been alone."""
        if len(self._wanted) == 1:
            return hits
        number = self._number_of[which]
        if hits.composed:
            number = np.where(number < self._wanted[which].composable, number, _NOT_WANTED)
        key = number[hits.key]
        own = key != _NOT_WANTED
        return replace(
            hits.at(np.flatnonzero(own)),
            key=key[own],
            undecodable=_own(number, hits.undecodable),
            nonfinite=_own(number, hits.nonfinite),
        )


_NOT_WANTED = -1


def _numbers_of(keys: list[bytes], numbers: dict[bytes, int]) -> NDArray[np.int64]:
    """For each of all keys its number among `keys`."""
    found = np.full(len(numbers), _NOT_WANTED)
    found[np.fromiter(map(numbers.__getitem__, keys), np.int64, len(keys))] = np.arange(len(keys))
    return found


def _own(number: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    own = number[keys]
    wanted: NDArray[np.int64] = own[own != _NOT_WANTED]
    return wanted
