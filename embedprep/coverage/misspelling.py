"""Which missing words are one slip of the pen away from a word that was found.

Comes in: missing words, and the words found. Goes out: per missing word the place of the found
word that may have been meant. A slip is a letter too many, a letter too few, a wrong one, or two
neighbours swapped: edit distance 1 (Damerau 1964: four in five misspellings are one such slip).

No pair of words is compared to find them. A word stands for a few keys, numbers made of its
letters, such that two words share a key just where they are one slip apart: the word with its
i-th letter masked, with its i-th letter left out, with two letters swapped. Words of one length
are a rectangular array, so that the keys of all of them are a few array operations. Two different
spellings may have the same key by chance; so each pair that is found is compared in the end.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST = 5
"""Letters. Too many shorter words are one slip apart and mean what they say."""
LONGEST = 32
"""Letters. Longer words are taken to be spelt as meant."""

_WORDS_AT_ONCE = 1 << 17
"""Bounds the memory: at most this many words have their keys made at the same time."""
_LARGEST_TABLE = 25
"""In bits of the index: 32 MB, where cache misses begin to cost more than false hits."""
_NO_PLACE = np.iinfo(np.int64).max

_Keys = NDArray[np.uint64]
_Places = NDArray[np.int64]


def neighbours(words: Sequence[str], found: Sequence[str]) -> NDArray[np.int64]:
    """For each of `words` the index of the first of `found` that is one slip away, or -1.

    Case is ignored. Only words of `SHORTEST` to `LONGEST` letters, and no other characters, have
    and are neighbours; a word that is spelt like one of `found` has none.
    """
    result = np.full(len(words), -1, np.int64)
    missing = [_folded(word) for word in words]
    if not any(missing):
        return result
    meant = _all_folded(found)
    known = set(meant)
    missing = ["" if word in known else word for word in missing]
    groups = defaultdict(list)
    for group in _by_length(meant):
        groups[group.letters.shape[1]].append(group)

    for group in _by_length(missing):
        first = np.full(len(group.places), _NO_PLACE)
        length = group.letters.shape[1]
        for other in groups[length]:
            _lower(first, _masked(group), _masked(other), other.places)
            _lower(first, _swapped(group), _whole(other), other.places)
        for other in groups[length + 1]:
            _lower(first, _whole(group), _shortened(other), other.places)
        for other in groups[length - 1]:
            _lower(first, _shortened(group), _whole(other), other.places)
        for row in np.flatnonzero(first != _NO_PLACE).tolist():
            place = group.places[row]
            result[place] = _checked(missing[place], int(first[row]), meant)
    return result


def one_slip_apart(one: str, other: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours makes them equal."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    i = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if i is None:
        return True  # one is the other and a letter
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return longer[i + 1 :] == shorter[i:]
    swapped = one[i : i + 2] == other[i : i + 2][::-1] and one[i + 2 :] == other[i + 2 :]
    return swapped or one[i + 1 :] == other[i + 1 :]


def _checked(word: str, candidate: int, meant: Sequence[str]) -> int:
    """`candidate`, unless it shares a key by chance; then whatever comparing all of them says."""
    if one_slip_apart(word, meant[candidate]):
        return candidate
    return next((i for i, other in enumerate(meant) if one_slip_apart(word, other)), -1)


def _all_folded(words: Sequence[str]) -> list[str]:
    """`_folded` of each; of all at once, as there may be a million."""
    folded = "\n".join(words).casefold().split("\n")
    if len(folded) != len(words):  # a word with a line break
        return [_folded(word) for word in words]
    sizes = map(len, folded)
    return [
        small if letters and SHORTEST <= size <= LONGEST and size == len(word) else _folded(word)
        for word, small, letters, size in zip(
            words, folded, map(str.isalpha, folded), sizes, strict=True
        )
    ]


def _folded(word: str) -> str:
    """The word without case; empty if it can be no neighbour."""
    if not SHORTEST <= len(word) <= LONGEST:
        return ""
    word = word.casefold()
    if word.isalpha() or word.isascii():
        return word if word.isalpha() and len(word) <= LONGEST else ""
    # The vowels of many scripts are marks, which are no letters to `isalpha`.
    letters = all(unicodedata.category(c)[0] in "LM" for c in word)
    return word if letters and len(word) <= LONGEST else ""


@dataclass(frozen=True)
class _Group:
    """Words of one length."""

    places: _Places
    """Which words they are, ascending; shape (words,)."""
    letters: _Keys
    """A well-mixed number for each letter; shape (words, length)."""


def _by_length(words: Sequence[str]) -> Iterator[_Group]:
    """All words but the empty ones; at most `_WORDS_AT_ONCE` in a group."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    for length in range(SHORTEST, LONGEST + 1):
        places = np.flatnonzero(lengths == length)
        for start in range(0, len(places), _WORDS_AT_ONCE):
            part = places[start : start + _WORDS_AT_ONCE]
            text = "".join([words[i] for i in part.tolist()]).encode("utf-32-le")
            yield _Group(part, _mixed(np.frombuffer(text, "<u4").reshape(-1, length)))


def _mixed(numbers: NDArray[np.uint32]) -> _Keys:
    """The last step of SplitMix64 (Steele, Lea and Flood 2014): 64 bits that look random."""
    z = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


# A key is the sum, modulo 2**64, of each letter times the factor of its place. Below, `whole` is
# that sum, and what a slip changes is added to it. Shape (words, keys).

_FACTORS = _mixed(np.arange(1, LONGEST + 1, dtype=np.uint32))
_MASK = _mixed(np.array([0x110000], np.uint32))  # what no letter is


def _whole(group: _Group) -> _Keys:
    factors = _FACTORS[: group.letters.shape[1]]
    keys: _Keys = (group.letters * factors).sum(axis=1, keepdims=True)
    return keys


def _masked(group: _Group) -> _Keys:
    """With the i-th letter masked: shared by words that differ in it alone."""
    factors = _FACTORS[: group.letters.shape[1]]
    return _whole(group) + (_MASK - group.letters) * factors


def _swapped(group: _Group) -> _Keys:
    """With the i-th letter and the next one swapped."""
    factors = _FACTORS[: group.letters.shape[1]]
    return _whole(group) + (group.letters[:, 1:] - group.letters[:, :-1]) * (
        factors[:-1] - factors[1:]
    )


def _shortened(group: _Group) -> _Keys:
    """Without the i-th letter.

    Two of them that follow on each other differ in one letter: the one's i-th stands where the
    other's does.
    """
    letters, factors = group.letters, _FACTORS[: group.letters.shape[1] - 1]
    without_first = (letters[:, 1:] * factors).sum(axis=1, keepdims=True)
    steps = (letters[:, :-1] - letters[:, 1:]) * factors
    return np.cumsum(np.concatenate([without_first, steps], axis=1), axis=1)


def _lower(first: _Places, ours: _Keys, theirs: _Keys, places: _Places) -> None:
    """Lower `first`, per row of `ours`, to the first of `places` that shares a key in `theirs`.

    Nearly all keys are on one side only. So each side is first thinned out by a table of the
    other's leading bits, and only what is left is sorted.
    """
    bits = min(ours.size.bit_length() + 4, _LARGEST_TABLE)
    rows, columns = _marked(theirs, _table(ours, bits))
    shared, position = np.unique(theirs[rows, columns], return_index=True)  # the first of equals
    if len(shared) == 0:
        return
    place = places[rows[position]]
    rows, columns = _marked(ours, _table(shared, bits))
    keys = ours[rows, columns]
    at = np.minimum(np.searchsorted(shared, keys), len(shared) - 1)
    equal = shared[at] == keys
    np.minimum.at(first, rows[equal], place[at[equal]])


def _table(keys: _Keys, bits: int) -> NDArray[np.bool_]:
    table = np.zeros(1 << bits, bool)
    table[_leading(keys, bits)] = True
    return table


def _marked(keys: _Keys, table: NDArray[np.bool_]) -> tuple[_Places, _Places]:
    """Rows and columns of the keys that `table` has the leading bits of, in ascending order."""
    rows, columns = np.nonzero(table[_leading(keys, len(table).bit_length() - 1)])
    return rows, columns


def _leading(keys: _Keys, bits: int) -> NDArray[np.int64]:
    return (keys >> np.uint64(64 - bits)).view(np.int64)
