"""What to look for, for a vocabulary: the words of its tokens and other forms of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from embedprep.fallback.forms import Forms
from embedprep.fallback.rule import Rule
from embedprep.lookup.keys import EXACT, LookupKeys, Means, Pieces, starts
from embedprep.lookup.normal_forms import equivalents
from embedprep.provenance import Provenance
from embedprep.vocabulary import Role, Surface, Vocabulary
from embedprep.vocabulary.words import words

if TYPE_CHECKING:
    from embedprep.vocabulary.piece_words import PieceWords
    from embedprep.vocabulary.word_list import WordList


@dataclass(frozen=True, eq=False)
class Lookup:
    """What is looked for, and why."""

    vocabulary: Vocabulary
    words: list[bytes | None]
    """Per token its word, or None for a piece of one."""
    rules: tuple[Rule, ...]
    keys: LookupKeys


def look_up(
    vocabulary: Vocabulary,
    rules: Sequence[Rule] = (),
    *,
    match_pieces: bool = False,
    word_list: WordList | None = None,
) -> Lookup:
    """The forms of every token that has one; padding is never looked up, and only words fall back.

    With `match_pieces` a piece from inside a word has the form of the word spelt the same. With a
    `word_list` a piece without a vector gets the mean of those of the words that contain it.
    """
    found = words(vocabulary, match_pieces=match_pieces)
    for i in np.flatnonzero(vocabulary.roles == Role.PADDING).tolist():
        found[i] = None
    # Where words have no marks, two tokens are never the same word.
    as_they_stand = vocabulary.surface is Surface.PLAIN and not vocabulary.repeated
    keys = _exact(found, vocabulary.rows, distinct=as_they_stand)
    keys = _with_equivalents(keys, _ordinary(vocabulary, found))
    if rules:
        keys = _with_fallbacks(keys, _ordinary(vocabulary, found), rules)
    if word_list is not None:
        from embedprep.vocabulary.piece_words import piece_words

        keys = _with_pieces(keys, piece_words(vocabulary, word_list))
    return Lookup(vocabulary, found, tuple(rules), keys)


def look_up_again(lookup: Lookup, rules: Sequence[Rule], rows: NDArray[np.bool_]) -> Lookup:
    """`lookup`, which had no rules, with what `rules` make of the words of a mask of rows.

    What pieces are made of was there the first time.
    """
    words = _ordinary(lookup.vocabulary, lookup.words, rows)
    keys = _with_fallbacks(replace(lookup.keys, pieces=None), words, rules)
    return replace(lookup, rules=tuple(rules), keys=keys)


def _exact(words: list[bytes | None], rows: NDArray[np.int64], *, distinct: bool) -> LookupKeys:
    """`distinct`: no word is there twice, which takes a while to find out."""
    if all(words):
        wanted = cast("list[bytes]", words)  # not copied: there may be millions
    else:
        wanted = list(filter(None, words))
        rows = rows[np.fromiter(map(bool, words), bool, len(words))]
    keys = wanted if distinct else list(dict.fromkeys(wanted))
    rank = np.full(len(wanted), EXACT, np.uint16)
    code = np.full(len(wanted), Provenance.EXACT, np.uint8)
    if len(keys) == len(wanted):  # nearly always, and far cheaper
        return LookupKeys(keys, np.arange(len(keys) + 1), rows, rank, code, len(keys))
    numbers = {key: number for number, key in enumerate(keys)}
    number = np.array([numbers[key] for key in wanted])
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(len(keys) + 1))
    return LookupKeys(keys, first, rows[order], rank, code, len(keys))


def _with_equivalents(exact: LookupKeys, words: Words) -> LookupKeys:
    """`exact` and the other normal forms of `words`, which only the exact spelling goes before."""
    found = _Found(exact.keys) if not all(map(bytes.isascii, exact.keys)) else None
    if found is None:  # as nearly always
        return exact
    for place, word in words:
        if word is not None:
            for order, other in enumerate(equivalents(word), start=EXACT + 1):
                found.add(place, order, Provenance.EXACT, [other])
    return _joined(exact, found) if found.pairs else exact


_FIRST_FORM = EXACT + 3
"""The rank of the first fallback form: two other normal forms of the word may go before."""


def _with_fallbacks(exact: LookupKeys, words: Words, rules: Sequence[Rule]) -> LookupKeys:
    """`exact` and the forms that `rules` make of `words`."""
    forms, found = Forms(rules), _Found(exact.keys)
    codes = {rule.name: Provenance.of_rule(rule.name) for rule in rules}
    for place, word in words:
        made = forms.of(word.decode()) if word else {}
        for order, (form, rule) in enumerate(made.items(), start=_FIRST_FORM):
            found.add(place, order, codes[rule.name], [part.encode() for part in form])
    return _joined(exact, found)


def _joined(exact: LookupKeys, found: _Found) -> LookupKeys:
    """`exact` and what was found beside it."""
    key, row, rank, code = np.array(found.pairs, np.int64).reshape(-1, 4).T
    key = np.concatenate([exact.key_of_pair(), key])
    by_key = np.argsort(key, kind="stable")
    return replace(
        exact,
        keys=list(found.numbers),
        first=np.searchsorted(key[by_key], np.arange(len(found.numbers) + 1)),
        row=np.concatenate([exact.row, row])[by_key],
        rank=np.concatenate([exact.rank, rank])[by_key].astype(np.uint16),
        code=np.concatenate([exact.code, code])[by_key].astype(np.uint8),
        means=found.as_means(),
    )


Words = Iterable[tuple[int, bytes | None]]
"""Rows with the words of their tokens."""


class _Found:
    """Forms while they are found: each key has one number, in whichever forms it is."""

    def __init__(self, keys: list[bytes]) -> None:
        self.numbers = {key: number for number, key in enumerate(keys)}
        self.pairs: list[tuple[int, int, int, int]] = []  # key, row, rank, code
        self._means: list[tuple[int, int, int, int]] = []  # row, rank, code, how many keys
        self._terms: list[int] = []  # the keys of all means

    def add(self, row: int, rank: int, code: int, keys: list[bytes]) -> None:
        found = [self.numbers.setdefault(key, len(self.numbers)) for key in keys]
        if len(found) == 1:
            self.pairs.append((found[0], row, rank, code))
        else:
            self._means.append((row, rank, code, len(found)))
            self._terms += found

    def as_means(self) -> Means | None:
        if not self._means:
            return None
        row, rank, code, length = np.array(self._means, np.int64).T
        return Means(
            row.copy(),
            rank.astype(np.uint16),
            code.astype(np.uint8),
            starts(length),
            np.array(self._terms, np.int64),
        )


def _ordinary(
    vocabulary: Vocabulary, words: list[bytes | None], rows: NDArray[np.bool_] | None = None
) -> Words:
    """The words of tokens that are words: a special token must not take the vector of one."""
    chosen = vocabulary.roles == Role.WORD
    if rows is not None:
        chosen &= rows[vocabulary.rows]
    for i in np.flatnonzero(chosen).tolist():
        yield int(vocabulary.rows[i]), words[i]


def _with_pieces(keys: LookupKeys, found: PieceWords) -> LookupKeys:
    """`keys` and the words that contain pieces."""
    numbers = {key: number for number, key in enumerate(keys.keys)}
    key = [numbers.setdefault(word, len(numbers)) for word in found.words]
    more = len(numbers) - len(keys.keys)
    return replace(
        keys,
        keys=list(numbers),
        first=np.concatenate([keys.first, np.full(more, keys.first[-1])]),
        pieces=Pieces(np.array(key, np.int64), found.weight, found.first, found.row),
    )
