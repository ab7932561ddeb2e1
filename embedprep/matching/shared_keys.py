"""The keys of several lookups as one list, so a vector file is read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple
from embedprep.vectors.hits import Hits


class Wanted(NamedTuple):
    """The keys that one of the lookups wants from a file."""

    keys: list[bytes]
    composable: int
    """The number of keys, from the first on, for which a vector may be composed."""


class SharedKeys:
    """The distinct keys of all `wanted`."""

    def __init__(self, wanted: Sequence[Wanted]) -> None:
        self._wanted = wanted
        if len(wanted) == 1:
            self.keys, self.composable = wanted[0].keys, wanted[0].composable
            return
        numbers: dict[bytes, int] = {}
        first = [_add(one.keys[: one.composable], numbers) for one in wanted]
        self.composable = len(numbers)
        others = [_add(one.keys[one.composable :], numbers) for one in wanted]
        self.keys = list(numbers)
        self._number_of = [
            _places(np.concatenate(own), len(numbers)) for own in zip(first, others, strict=True)
        ]

    def share(self, hits: Hits, which: int) -> Hits:
        """Return the hits for `wanted[which]` among those for `keys`, as if it were alone."""
        if len(self._wanted) == 1:
            return hits
        number = self._number_of[which]
        if hits.composed:
            number = np.where(number < self._wanted[which].composable, number, _NOT_WANTED)
        key = number[hits.key]
        own = key != _NOT_WANTED
        return hits.at(np.flatnonzero(own))._replace(
            key=key[own],
            undecodable=_own(number, hits.undecodable),
            nonfinite=_own(number, hits.nonfinite),
            untrained=_own(number, hits.untrained),
        )


_NOT_WANTED = -1


def _add(keys: list[bytes], numbers: dict[bytes, int]) -> NDArray[np.int64]:
    """Return the number of each of `keys`; new ones get the next numbers."""
    found = (numbers.setdefault(key, len(numbers)) for key in keys)
    return np.fromiter(found, np.int64, len(keys))


def _places(numbers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return, for each number below `count`, its index in `numbers`."""
    places = np.full(count, _NOT_WANTED)
    places[numbers] = np.arange(len(numbers))
    return places


def _own(number: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    own = number[keys]
    wanted: NDArray[np.int64] = own[own != _NOT_WANTED]
    return wanted
