"""Which keys a vector file has: what may be asked when it is already read.

Only hashes are kept, eight bytes a record, for files of millions of records.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.fallback.digits import is_hashes, witnesses
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
        self._numbers: dict[bool, bool] = {}
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

    def punctuation(self, keys: list[bytes]) -> NDArray[np.bool_]:
        """Which of `keys`, where the file has them, are punctuation that must not be taken for
        numbers without their digits: `#` alone, in a file that has numbers of as many digits as
        they are.
        """
        return np.array([is_hashes(key) and self._writes_numbers(len(key)) for key in keys], bool)

    def _writes_numbers(self, digits: int) -> bool:
        """Whether the file is known to have a number of one digit, or of several."""
        several = digits > 1
        if several not in self._numbers:
            known = self.complete and bool(self.contains(witnesses(digits)).any())
            self._numbers[several] = known
        return self._numbers[several]

    def repeated(self, keys: list[bytes]) -> tuple[int, bytes | None]:
        """How many more records than one each the file has of distinct `keys`, and such a key."""
        if not keys or not self.complete:
            return 0, None
        asked = core.load().hash_keys(keys)
        found, records = np.unique(self._hashes_among(asked), return_counts=True)
        again = int(records.sum()) - len(records)
        if not again:
            return 0, None
        return again, keys[int(np.argmax(asked == found[records.argmax()]))]

    def contains(self, words: list[bytes]) -> NDArray[np.bool_]:
        """Whether the file has each of these words, as it spells them."""
        asked = core.load().hash_keys(list(map(self.keys_are.word, words)))
        return np.isin(asked, self._hashes_among(asked))

    def _hashes_among(self, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        """The hashes of the records that are among `asked`."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate([np.empty(0, np.int64), *self._parts])]
        [hashes] = self._parts
        return hashes[core.load().find_hashes(hashes, asked)]
