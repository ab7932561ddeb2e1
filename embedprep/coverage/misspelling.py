"""Find missing words that are one typing error away from a word that was found.

Comes in: missing words, and the words found. Goes out: for each missing word, the index of the
found word that may have been meant. An error is one letter too many, one too few, a wrong one, or
two neighbours swapped: edit distance 1 (Damerau 1964: four in five misspellings are one such slip).

No pairs of words are compared to find them. Each word gets a few keys, which are numbers made of
its letters, such that two words share a key exactly if they are one slip apart: the word with its
i-th letter masked, with its i-th letter left out, with two letters swapped. Words of one length are
a rectangular array, so a few array operations make the keys of all of them. Two different spellings
may have the same key by chance, so each pair that is found is compared in the end.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

SHORTEST = 5
"""The fewest letters. Too many shorter words are one slip apart but meant as they are."""
LONGEST = 32
"""The most letters. Longer words are assumed to be spelt correctly."""

_WORDS_AT_ONCE = 1 << 17
"""How many words have their keys made at the same time, at most; this limits the memory."""
_LARGEST_TABLE = 25
"""The bits of the index: 32 MB, above which cache misses cost more than false hits."""
_NO_PLACE = np.iinfo(np.int64).max

_Keys = NDArray[np.uint64]
_Places = NDArray[np.int64]


def neighbours(words: Sequence[str], found: Sequence[str]) -> NDArray[np.int64]:
    """For each of `words`, return the index of the first of `found` that is one slip away, or -1.

    Case is ignored. Only words of `SHORTEST` to `LONGEST` letters, and no other characters, have
    and are neighbours; a word that is spelt like one of `found` has none.
    """
    result = np.full(len(words), -1, np.int64)
    missing = _Folded.of(words)
    if not missing.lengths.any():
        return result
    meant = _Folded.of(found)
    groups = defaultdict(list)
    for group in _by_length(meant):
        groups[group.letters.shape[1]].append(group)

    for group in _by_length(missing):
        same = np.full(len(group.places), _NO_PLACE)
        first = same.copy()
        length = group.letters.shape[1]
        for other in groups[length]:
            _lower(same, group.whole, other.whole, other.places)
            _lower(first, _masked(group), _masked(other), other.places)
            _lower(first, _swapped(group), other.whole, other.places)
        for other in groups[length + 1]:
            _lower(first, group.whole, _shortened(other), other.places)
        for other in groups[length - 1]:
            _lower(first, _shortened(group), other.whole, other.places)
        for row in np.flatnonzero(first != _NO_PLACE).tolist():
            place = int(group.places[row])
            word = missing[place]
            if not _is_there(word, int(same[row]), meant):
                result[place] = _checked(word, int(first[row]), meant)
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


def _is_there(word: str, candidate: int, meant: _Folded) -> bool:
    """Whether a found word has this spelling; `candidate` is the first with the same key."""
    return candidate != _NO_PLACE and (meant[candidate] == word or word in meant)


def _checked(word: str, candidate: int, meant: _Folded) -> int:
    """Return `candidate`, or compare all words if it shares its key by chance."""
    if one_slip_apart(word, meant[candidate]):
        return candidate
    return next((i for i, other in enumerate(meant) if one_slip_apart(word, other)), -1)


@dataclass(frozen=True, eq=False)
class _Folded:
    """Words without case, as one text: there may be a million."""

    text: str
    characters: NDArray[np.uint32]
    """The code points of `text`."""
    starts: _Places
    """The index in `text` at which each word begins."""
    lengths: _Places
    """The length of each word; 0 if the word cannot be a neighbour."""

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        if max(map(len, words), default=0) > LONGEST:  # it may be megabytes long
            words = [word if len(word) <= LONGEST else "" for word in words]
        lines = "\n".join([*words, ""])
        if lines.count("\n") != len(words):  # a word contains a line break, and is no neighbour
            words = [_folded(word) for word in words]
            lines = "\n".join([*words, ""])
        text = lines.casefold()
        characters = _code_points(text)
        starts, lengths = _lines(characters)
        _, before = _lines(_code_points(lines))
        foreign = characters >= 0x80
        letters = foreign | (characters - ord("a") < 26) | (characters == _LINE_BREAK)
        fits = (before >= SHORTEST) & (before <= LONGEST) & (lengths <= LONGEST)
        fits &= np.logical_and.reduceat(letters, starts)
        for i in np.flatnonzero(fits & np.logical_or.reduceat(foreign, starts)).tolist():
            fits[i] = bool(_folded(words[i]))
        return cls(text, characters, starts, np.where(fits, lengths, 0))

    def __getitem__(self, place: int) -> str:
        start = self.starts[place]
        return self.text[start : start + self.lengths[place]]

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self.starts)))


_LINE_BREAK = ord("\n")


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _lines(characters: NDArray[np.uint32]) -> tuple[_Places, _Places]:
    """Return where each line begins, and its length without the line break that ends it."""
    ends = np.flatnonzero(characters == _LINE_BREAK)
    starts = np.concatenate([np.zeros(1, np.int64), ends + 1])[:-1]
    return starts, ends - starts


def _folded(word: str) -> str:
    """Return the word without case; empty if it cannot be a neighbour."""
    if not SHORTEST <= len(word) <= LONGEST:
        return ""
    word = word.casefold()
    if word.isalpha() or word.isascii():
        return word if word.isalpha() and len(word) <= LONGEST else ""
    # The vowels of many scripts are marks, which are no letters to `isalpha`.
    letters = all(unicodedata.category(c)[0] in "LM" for c in word)
    return word if letters and len(word) <= LONGEST else ""


@dataclass(frozen=True, eq=False)
class _Group:
    """Words of one length."""

    places: _Places
    """The indices of the words, ascending; shape (words,)."""
    letters: _Keys
    """A well-mixed number for each letter; shape (words, length)."""

    @cached_property
    def whole(self) -> _Keys:
        """Return the key of each whole word."""
        factors = _FACTORS[: self.letters.shape[1]]
        keys: _Keys = (self.letters * factors).sum(axis=1, keepdims=True)
        return keys


def _by_length(words: _Folded) -> Iterator[_Group]:
    """Yield all words that can be neighbours, at most `_WORDS_AT_ONCE` in a group."""
    for length in range(SHORTEST, LONGEST + 1):
        places = np.flatnonzero(words.lengths == length)
        for start in range(0, len(places), _WORDS_AT_ONCE):
            part = places[start : start + _WORDS_AT_ONCE]
            letters = words.characters[words.starts[part][:, None] + np.arange(length)]
            yield _Group(part, _mixed(letters))


def _mixed(numbers: NDArray[np.uint32]) -> _Keys:
    """Apply the last step of SplitMix64 (Steele, Lea and Flood 2014): 64 bits that look random."""
    z = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


# A key is the sum, modulo 2**64, of each letter times the factor of its position. Below, `whole` is
# that sum, and the change by a slip is added to it. Shape (words, keys).

_FACTORS = _mixed(np.arange(1, LONGEST + 1, dtype=np.uint32))
_MASK = _mixed(np.array([0x110000], np.uint32))  # not the code of any letter


def _masked(group: _Group) -> _Keys:
    """Return the keys with the i-th letter masked: shared by words that differ only in it."""
    factors = _FACTORS[: group.letters.shape[1]]
    return group.whole + (_MASK - group.letters) * factors


def _swapped(group: _Group) -> _Keys:
    """Return the keys with the i-th letter and the next one swapped."""
    factors = _FACTORS[: group.letters.shape[1]]
    return group.whole + (group.letters[:, 1:] - group.letters[:, :-1]) * (
        factors[:-1] - factors[1:]
    )


def _shortened(group: _Group) -> _Keys:
    """Return the keys without the i-th letter.

    Two consecutive ones differ in one letter: the i-th letter of one is in the position of the i-th
    letter of the other.
    """
    letters, factors = group.letters, _FACTORS[: group.letters.shape[1] - 1]
    without_first = (letters[:, 1:] * factors).sum(axis=1, keepdims=True)
    steps = (letters[:, :-1] - letters[:, 1:]) * factors
    return np.cumsum(np.concatenate([without_first, steps], axis=1), axis=1)


def _lower(first: _Places, ours: _Keys, theirs: _Keys, places: _Places) -> None:
    """Lower `first`, per row of `ours`, to the first of `places` that shares a key in `theirs`.

    Nearly all keys are on one side only. So each side is first reduced by a table of the other
    side's leading bits, and only the rest is sorted.
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
    """Return rows and columns, ascending, of the keys whose leading bits are in `table`."""
    bits = len(table).bit_length() - 1
    marked = np.flatnonzero(table.take(_leading(keys, bits).reshape(-1)))
    rows, columns = np.divmod(marked, keys.shape[1])
    return rows, columns


def _leading(keys: _Keys, bits: int) -> NDArray[np.int64]:
    return (keys >> np.uint64(64 - bits)).view(np.int64)
