"""Look up a vocabulary: the exact forms of its tokens, and their other forms."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import filterfalse, repeat
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from embedprep.fallback.forms import CHARACTERS_A_WORD, FORMS_A_WORD, MOST_FORMS, Forms
from embedprep.fallback.rule import Rule
from embedprep.lookup.exact import exact_forms
from embedprep.lookup.keys import EQUIVALENT, EXACT, SPELLING, LookupKeys, Means, Pieces, starts
from embedprep.lookup.normal_forms import equivalents
from embedprep.provenance import Provenance
from embedprep.vocabulary import Position, Role, Surface, Vocabulary
from embedprep.vocabulary.key_convention import WORDS, KeyConvention
from embedprep.vocabulary.words import Spelled, spelled, words_in

if TYPE_CHECKING:
    from embedprep.vocabulary.piece_words import PieceWords
    from embedprep.vocabulary.word_list import WordList


log = logging.getLogger("embedprep")


@dataclass(frozen=True, eq=False)
class Lookup:
    """The keys that are looked up for each token, and why."""

    vocabulary: Vocabulary
    words: list[bytes | None]
    """The word of each token, or None for a piece of one."""
    rules: tuple[Rule, ...]
    found: Spelled
    """The text of each token."""
    match_pieces: bool
    pieces: PieceWords | None
    rows: NDArray[np.bool_] | None = None
    """A mask of the rows whose words may fall back to other forms; None for all."""
    _made: dict[KeyConvention, LookupKeys] = field(default_factory=dict)

    def keys_for(self, keys_are: KeyConvention) -> LookupKeys:
        """Return the keys to look up in a file with this kind of keys; computed once."""
        if keys_are not in self._made:
            self._made[keys_are] = self._keys(keys_are)
        return self._made[keys_are]

    @property
    def keys(self) -> LookupKeys:
        """The keys to look up in a list of words."""
        return self.keys_for(WORDS)

    def count_pieces(self) -> int:
        """Return how many tokens may be part of a word, according to their marks."""
        if self.vocabulary.surface is Surface.PLAIN:
            return 0
        places = (Position.WORD, Position.INSIDE, Position.UNMARKED)
        where = np.isin(self.found.position, places)
        return int(np.count_nonzero(where))

    def differs(self, one: KeyConvention, other: KeyConvention) -> bool:
        """Whether files with these two kinds of keys get different lookups."""
        return one != other and self.keys_for(one).pairs() != self.keys_for(other).pairs()

    def has_other_forms(self, conventions: Iterable[KeyConvention]) -> bool:
        """Whether a fallback form is looked up in one of these files."""
        every = map(self.keys_for, conventions)
        return any(keys.means is not None or (keys.rank > EQUIVALENT).any() for keys in every)

    def forms_are_limited(self) -> bool:
        """Whether the words have so many forms that those of one depend on the words before it."""
        words, forms = self._asked(self.words)
        return any(word and forms.of(word.decode()) and forms.enough for _, word in words)

    def _asked(self, words: list[bytes | None]) -> tuple[Words, Forms]:
        """Return those of `words` that may fall back to other forms, and what makes the forms."""
        chosen = _ordinary(self.found)
        # However many of them are asked for: it must not matter whether the vectors are read twice.
        forms = Forms(self.rules, words=int(np.count_nonzero(chosen)))
        if self.rows is not None:
            chosen &= self.rows[self.vocabulary.rows]
        return _words(self.vocabulary, words, chosen, range(len(words))), forms

    def _keys(self, keys_are: KeyConvention) -> LookupKeys:
        vocabulary, found, words = self.vocabulary, self.found, self.words
        if self.match_pieces and not keys_are.are_words:
            words = words_in(found)  # no piece needs the word that is spelt the same
        forms = exact_forms(vocabulary, found, words, keys_are)
        # Two tokens are never the same word if words have no marks.
        as_they_stand = vocabulary.surface is Surface.PLAIN and not vocabulary.repeated
        distinct = as_they_stand and not forms.foreign
        if keys_are.surface is Surface.PLAIN:
            keys = _exact(forms.usual, vocabulary.rows, distinct=distinct)
        else:
            keys = _special_last(forms.usual, vocabulary, distinct=distinct)
        keys = replace(keys, foreign=forms.foreign)
        if forms.better:
            keys = _with_better(keys, forms.better, vocabulary.rows)
        ordinary = _ordinary(found)
        others = _words(vocabulary, words, ordinary, _not_ascii(vocabulary.tokens))
        keys = _with_equivalents(keys, others, keys_are)
        if self.rules:
            asked, limited = self._asked(words)
            keys = _with_fallbacks(keys, asked, limited, keys_are)
            if limited.cut and not self._made:  # once, whatever the number of conventions
                _note(limited.cut)
        return keys if self.pieces is None else _with_pieces(keys, self.pieces, keys_are)


def look_up(
    vocabulary: Vocabulary,
    rules: Sequence[Rule] = (),
    *,
    match_pieces: bool = False,
    word_list: WordList | None = None,
) -> Lookup:
    """Look up the forms of every token that has one; padding has none, and only words fall back.

    With `match_pieces`, a piece from inside a word is looked up in a list of words as the word with
    the same spelling. With a `word_list`, a piece without a vector gets the mean of the vectors of
    the words that contain it.
    """
    found = spelled(vocabulary)
    words = words_in(found, match_pieces=match_pieces)
    pieces = None
    if word_list is not None:
        from embedprep.vocabulary.piece_words import piece_words

        pieces = piece_words(vocabulary, word_list)
    return Lookup(vocabulary, words, tuple(rules), found, match_pieces, pieces)


def look_up_again(lookup: Lookup, rules: Sequence[Rule], rows: NDArray[np.bool_]) -> Lookup:
    """Return `lookup`, which had no rules, with the forms that `rules` make of the words in `rows`.

    The words for pieces were looked up the first time.
    """
    return replace(lookup, rules=tuple(rules), pieces=None, rows=rows, _made={})


def _exact(words: list[bytes | None], rows: NDArray[np.int64], *, distinct: bool) -> LookupKeys:
    """Return the exact forms; `distinct`: no word occurs twice, which is slow to find out."""
    if all(words):
        wanted = cast("list[bytes]", words)  # no copy: there may be millions
    else:
        wanted = list(filter(None, words))
        rows = rows[np.fromiter(map(bool, words), bool, len(words))]
    keys = wanted if distinct else list(dict.fromkeys(wanted))
    rank = np.full(len(wanted), EXACT, np.uint16)
    code = np.full(len(wanted), Provenance.EXACT, np.uint8)
    if len(keys) == len(wanted):  # nearly always, and much cheaper
        first = np.arange(len(keys) + 1)
    else:
        numbers = {key: number for number, key in enumerate(keys)}
        number = np.array([numbers[key] for key in wanted])
        order = np.argsort(number, kind="stable")
        first = np.searchsorted(number[order], np.arange(len(keys) + 1))
        rows = rows[order]
    return LookupKeys(keys, first, rows, rank, code, exact=len(keys), composable=len(keys))


def _special_last(
    words: list[bytes | None], vocabulary: Vocabulary, *, distinct: bool
) -> LookupKeys:
    """Return the exact forms, likewise, of which those of special tokens are not composable.

    A special token has a purpose and no text: the pieces of its name say nothing.
    """
    special = vocabulary.roles != Role.WORD
    order = np.argsort(special, kind="stable")
    sorted_words = [words[place] for place in order.tolist()]
    keys = _exact(sorted_words, vocabulary.rows[order], distinct=distinct)
    ordinary = sorted_words[: int(np.count_nonzero(~special))]
    return replace(keys, composable=len({word for word in ordinary if word}))


def _with_better(
    exact: LookupKeys, better: dict[int, bytes], rows: NDArray[np.int64]
) -> LookupKeys:
    """Return `exact` with the better keys, by the index of their token, whose row is in `rows`."""
    found = _Found(exact.keys, frozenset(better.values()))
    for place, key in better.items():
        found.add(int(rows[place]), SPELLING, Provenance.EXACT, [key])
    keys = found.added_to(exact)
    return replace(keys, exact=len(keys.keys))


def _with_equivalents(exact: LookupKeys, words: Words, keys_are: KeyConvention) -> LookupKeys:
    """Return `exact` and the other normal forms of `words`, just below the exact spelling."""
    known = [(row, word) for row, word in words if word is not None]
    others = [
        (known[place][0], rank, other)
        for place, forms in equivalents([word for _, word in known])
        for rank, other in enumerate(forms, start=EXACT + 1)
    ]
    if not others:
        return exact
    rows, ranks, forms = zip(*others, strict=True)
    keys = keys_are.words(list(forms))
    found = _Found(exact.keys, frozenset(keys))
    found.add_single(rows, ranks, Provenance.EXACT, keys)
    return found.added_to(exact)


def _with_fallbacks(
    exact: LookupKeys, words: Words, forms: Forms, keys_are: KeyConvention
) -> LookupKeys:
    """Return `exact` and the other `forms` of `words`."""
    found = _Found(exact.keys)
    codes = {rule.name: Provenance.of_rule(rule.name) for rule in forms.rules}
    are_plain = keys_are.are_plain
    for place, word in words:
        made = forms.of(word.decode()) if word else {}
        for order, (form, rule) in enumerate(made.items(), start=EQUIVALENT + 1):
            keys = [part.encode() for part in form]
            if not are_plain:
                keys = keys_are.words(keys)
            found.add(place, order, codes[rule.name], keys)
    return found.added_to(exact)


def _note(cut: int) -> None:
    """Print how many words do not have all their forms."""
    log.warning(
        "tokens with more than %d other forms, or after those with more than %d, or %d characters "
        "of them, on average: %s; only the forms that one or two rules make are looked for",
        MOST_FORMS,
        FORMS_A_WORD,
        CHARACTERS_A_WORD,
        f"{cut:,}",
    )


Words = Iterable[tuple[int, bytes | None]]
"""Rows with the words of their tokens."""


class _Found:
    """A collection of forms: each key has one number, in whatever forms it occurs."""

    def __init__(self, keys: list[bytes], asked: frozenset[bytes] | None = None) -> None:
        """`asked` are all keys that will be added, if they are few and `keys` are many."""
        self.keys = list(keys)
        likely: Iterable[bytes] = keys
        if asked is not None and not any(map(bytes.isascii, asked)):
            likely = filterfalse(bytes.isascii, keys)  # few, and nothing else can be among `asked`
        known = None if asked is None else asked.intersection(likely)
        if known is None:
            self._numbers = {key: number for number, key in enumerate(keys)}
        elif known:
            self._numbers = {key: number for number, key in enumerate(keys) if key in known}
        else:
            self._numbers = {}
        self.pairs: list[tuple[int, int, int, int]] = []  # key, row, rank, code
        self._means: list[tuple[int, int, int, int]] = []  # row, rank, code, how many keys
        self._terms: list[int] = []  # the keys of all means

    def add(self, row: int, rank: int, code: int, keys: list[bytes]) -> None:
        found = [self._number(key) for key in keys]
        if len(found) == 1:
            self.pairs.append((found[0], row, rank, code))
        else:
            self._means.append((row, rank, code, len(found)))
            self._terms += found

    def add_single(
        self, rows: Iterable[int], ranks: Iterable[int], code: int, keys: Iterable[bytes]
    ) -> None:
        """Add forms of one key each."""
        self.pairs += zip(map(self._number, keys), rows, ranks, repeat(code), strict=False)

    def _number(self, key: bytes) -> int:
        number = self._numbers.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
        return number

    def added_to(self, exact: LookupKeys) -> LookupKeys:
        """Return `exact`, which contains the first keys, with these forms."""
        added = np.array(self.pairs, np.int64).reshape(-1, 4)
        key, row, rank, code = added[np.argsort(added[:, 0], kind="stable")].T
        # A pair is added behind those of its key, and behind all pairs if the key is new.
        after = exact.first[np.minimum(key + 1, len(exact.first) - 1)]
        pairs = np.bincount(key, minlength=len(self.keys))
        pairs[: len(exact.keys)] += np.diff(exact.first)
        return replace(
            exact,
            keys=self.keys,
            first=starts(pairs),
            row=np.insert(exact.row, after, row),
            rank=np.insert(exact.rank, after, rank),
            code=np.insert(exact.code, after, code),
            means=self._as_means(),
        )

    def _as_means(self) -> Means | None:
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


def _not_ascii(tokens: Sequence[str]) -> NDArray[np.int64]:
    """Return the places of the tokens that are not ASCII: no other word has other normal forms.

    Every step that looks at each of millions of tokens counts; this one is the cheapest.
    """
    is_ascii = np.frombuffer(bytes(map(str.isascii, tokens)), np.bool_)
    return np.flatnonzero(~is_ascii)


def _ordinary(found: Spelled) -> NDArray[np.bool_]:
    """Return a mask of the tokens that are not matched as they stand, as special tokens are."""
    ordinary: NDArray[np.bool_] = found.position != Position.VERBATIM
    return ordinary


def _words(
    vocabulary: Vocabulary,
    words: list[bytes | None],
    chosen: NDArray[np.bool_],
    places: Sequence[int] | NDArray[np.int64],
) -> Words:
    """Return the words at `places` that are `chosen`."""
    where = np.asarray(places, np.int64)
    where = where[chosen[where]]
    return zip(vocabulary.rows[where].tolist(), (words[i] for i in where.tolist()), strict=True)


def _with_pieces(keys: LookupKeys, found: PieceWords, keys_are: KeyConvention) -> LookupKeys:
    """Return `keys` and the words that contain pieces."""
    numbers = {key: number for number, key in enumerate(keys.keys)}
    key = [numbers.setdefault(word, len(numbers)) for word in keys_are.words(found.words)]
    more = len(numbers) - len(keys.keys)
    return replace(
        keys,
        keys=list(numbers),
        first=np.concatenate([keys.first, np.full(more, keys.first[-1])]),
        pieces=Pieces(np.array(key, np.int64), found.weight, found.first, found.row),
    )
