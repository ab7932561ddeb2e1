"""The keys of a vector file, for questions after the file has been read.

Only hashes are kept, eight bytes per record, for files of millions of records.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.fallback.digits import is_hashes, witnesses
from embedprep.vectors.hits import no_marks
from embedprep.vocabulary.key_convention import WORDS, KeyConvention, of_marks

MOST_KEYS = 1 << 24
"""The limit of hashes, 128 MiB; no published file of words has a fifth of them."""


class Census:
    """The keys of one vector file.

    A hash has 64 bits, so once in many billions of questions it takes a missing key for one that
    the file has. A caller that needs a vector must look up the key itself.
    """

    def __init__(self, keys_are: KeyConvention = WORDS, first: tuple[bytes, ...] = ()) -> None:
        self.first = first
        """The first few keys."""
        self.keys_are = keys_are
        """The kind of keys that was assumed when the file was read."""
        self.capitals = False
        """Whether a key contains an ASCII capital letter."""
        self._parts: list[NDArray[np.int64]] = []
        self._count = 0
        self._numbers: dict[bool, bool] = {}
        self._marks = no_marks()

    @property
    def complete(self) -> bool:
        """Whether the file is small enough; otherwise `contains` may not be called."""
        return self._count <= MOST_KEYS

    def add(
        self,
        hashes: NDArray[np.int64],
        capitals: bool,
        marks: NDArray[np.int64] | None = None,
    ) -> None:
        """Add the `hash_keys` of some more records.

        Also says if one has an ASCII capital letter, and how many have each of the `MARKS` of
        tokenizers.
        """
        self.capitals |= capitals
        self._count += len(hashes)
        if marks is not None:
            self._marks += marks
        if self.complete:
            self._parts.append(hashes.copy())
        else:
            self._parts.clear()

    def evident(self) -> KeyConvention:
        """Return what kind of keys all of them show together."""
        return of_marks(self._marks, self._count)

    def punctuation(self, keys: list[bytes]) -> NDArray[np.bool_]:
        """Return a mask of the `keys` that are punctuation, if they are in the file.

        These must not be taken for numbers without digits: they are `#` alone, in a file that also
        contains numbers with as many digits.
        """
        return np.array([is_hashes(key) and self._writes_numbers(len(key)) for key in keys], bool)

    def _writes_numbers(self, digits: int) -> bool:
        """Whether the file is known to contain a number of one digit, or of several."""
        several = digits > 1
        if several not in self._numbers:
            known = self.complete and bool(self.contains(witnesses(digits)).any())
            self._numbers[several] = known
        return self._numbers[several]

    def repeated(self, keys: list[bytes]) -> tuple[int, bytes | None]:
        """Return how many records repeat one of the distinct `keys`, and such a key."""
        if not keys or not self.complete:
            return 0, None
        asked = core.load().hash_keys(keys)
        found, records = np.unique(self._hashes_among(asked), return_counts=True)
        again = int(records.sum()) - len(records)
        if not again:
            return 0, None
        return again, keys[int(np.argmax(asked == found[records.argmax()]))]

    def contains(self, words: list[bytes]) -> NDArray[np.bool_]:
        """Whether the file contains each of these words, in its own spelling."""
        asked = core.load().hash_keys(self.keys_are.words(words))
        return np.isin(asked, self._hashes_among(asked))

    def _hashes_among(self, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the hashes of the records that are among `asked`."""
        if len(self._parts) != 1:
            self._parts = [np.concatenate([np.empty(0, np.int64), *self._parts])]
        [hashes] = self._parts
        return hashes[core.load().find_hashes(hashes, asked)]
