"""Which keys a vector file has: what may be asked when it is already read.

Only hashes are kept, eight bytes a record, for files of millions of records.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.vectors.hits import no_marks
from embedprep.vectors.key_convention import WORDS, KeyConvention, of_marks

MOST_KEYS = 1 << 24
"""128 MiB of hashes; no published file of words has a fifth of them."""


class Census:
    """The keys of one vector file.

    A hash has 64 bits, so a key that the file lacks is taken for one that it has once in many
    billions of questions. Whoever needs a vector looks the key itself up.
    """

    def __init__(self, keys_are: KeyConvention = WORDS, first: tuple[bytes, ...] = ()) -> None:
        self.first = first
        """The first few keys."""
        self.keys_are = keys_are
        """What the keys were taken for when the file was read."""
        self.capitals = False
        """Whether a key has a capital letter of ASCII."""
        self._parts: list[NDArray[np.int64]] = []
        self._count = 0
        self._marks = no_marks()

    @property
    def complete(self) -> bool:
        """Whether the file is small enough; `contains` may only be asked if it is."""
        return self._count <= MOST_KEYS

    def add(
        self,
        hashes: NDArray[np.int64],
        capitals: bool,
        marks: NDArray[np.int64] | None = None,
    ) -> None:
        """The `hash_keys` of some more records, whether one has a capital letter of ASCII, and how
        many have each of the `MARKS` of tokenizers.
        """
        self.capitals |= capitals
        self._count += len(hashes)
        if marks is not None:
            self._marks += marks
        if self.complete:
            self._parts.append(hashes.copy())
        else:
            self._parts.clear()

    def shown(self) -> KeyConvention:
        """What all keys show that they are."""
        return of_marks(self._marks, self._count)

    def contains(self, words: list[bytes]) -> NDArray[np.bool_]:
        """Whether the file has each of these words, as it spells them."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate([np.empty(0, np.int64), *self._parts])]
        [hashes] = self._parts
        implementation = core.load()
        asked = implementation.hash_keys(list(map(self.keys_are.word, words)))
        return np.isin(asked, hashes[implementation.find_hashes(hashes, asked)])
