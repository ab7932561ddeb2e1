"""The unused fallback rules: which of the missing tokens they would find.

Comes in: missing words, and the census of each vector file. Nothing is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, repeat

import numpy as np
from numpy.typing import NDArray

from embedprep.coverage.counted_tokens import CountedTokens
from embedprep.coverage.fewest import best_set
from embedprep.coverage.record import Advice, Recommended
from embedprep.fallback.forms import Forms, Reached
from embedprep.fallback.rule import Form, Rule
from embedprep.fallback.table import RULES
from embedprep.matching.census import Census
from embedprep.named_tuples import NamedTuple

EXAMPLES = 5
_FORMS_AT_ONCE = 1 << 15

_CASE = ("lower", "title", "upper")
_SAME_LETTERS = (*_CASE, "nfc", "nfkc", "accents")


class Finds(NamedTuple):
    """Keys that rules make of missing words, and that a vector file contains.

    Find k is the key `key[k]` (the keys of a mean are joined by ` + `) of the word numbered
    `word[k]`; bit j of `route[k]` is set if it needs `rules[j]`.
    """

    rules: tuple[Rule, ...]
    """All rules of the table; those that were used are in their order."""
    used: tuple[Rule, ...]
    word: NDArray[np.int64]
    route: NDArray[np.int64]
    key: list[str]
    examined: int
    """The number of words that were examined, from the first on."""

    def by(self, names: Sequence[str], words: int) -> NDArray[np.bool_]:
        """Return which of `words` words these rules find, in addition to the used ones."""
        found = np.zeros(words, bool)
        found[self.word[self.route & ~self._bits(names) == 0]] = True
        return found

    def _bits(self, names: Sequence[str]) -> int:
        return sum(1 << place for place, rule in enumerate(self.rules) if rule.name in names)


def find(
    words: Sequence[str | None], used: Sequence[Rule], censuses: Sequence[Census]
) -> Finds | None:
    """Look for other forms of `words`, which the `used` rules did not find; None is no word.

    Returns None if a file is too large for this. The words after the first `examined` are left out
    if those before them have very many forms.
    """
    if not all(census.complete for census in censuses):
        return None
    rules = _extended(used)
    capitals = any(census.capitals for census in censuses)
    made = Forms(rules, words=len(words), capitals=capitals)
    bits = {rule.name: 1 << place for place, rule in enumerate(rules) if rule not in used}
    number: list[int] = []
    route: list[int] = []
    key: list[str] = []
    examined = 0 if bits else len(words)  # without an unused rule there is nothing to find
    while examined < len(words) and not made.enough:
        forms: list[Form] = []
        of_word: list[int] = []
        reached: dict[int, Reached] = {}
        while examined < len(words) and not made.enough and len(forms) < _FORMS_AT_ONCE:
            word = words[examined]
            if word:
                reached[examined] = made.reached(word)
                written = reached[examined].written()
                forms += written
                of_word += repeat(examined, len(written))
            examined += 1
        # Few forms are in a file: only for these is it worth knowing which rules lead there.
        in_some = np.flatnonzero(_in_some(forms, censuses)).tolist()
        for i, found in groupby(in_some, of_word.__getitem__):
            routes = reached[i].routes(bits)
            for k in found:
                ways = routes[forms[k]]
                if ways == [0]:  # the used rules led here, and found a record that is useless
                    continue
                number += [i] * len(ways)
                route += ways
                key += [" + ".join(forms[k])] * len(ways)
    places = np.array(number, np.int64), np.array(route, np.int64)
    return Finds(rules, tuple(used), *places, key, examined)


def _extended(used: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return `used` with all other rules, each before those that follow it in the table."""
    order = list(RULES)
    rules = list(used)
    for rule in RULES.values():
        if rule not in used:
            later = (
                place
                for place, other in enumerate(rules)
                if order.index(other.name) > order.index(rule.name)
            )
            rules.insert(next(later, len(rules)), rule)
    return tuple(rules)


def _in_some(forms: Sequence[Form], censuses: Sequence[Census]) -> NDArray[np.bool_]:
    """Return whether one of the files has all parts of each form."""
    parts = [part.encode("utf-8", "surrogatepass") for form in forms for part in form]
    first = np.cumsum([0, *map(len, forms)])[:-1]
    found = np.zeros(len(forms), bool)
    if forms:
        for census in censuses:
            known = census.contains(parts) & ~census.punctuation(parts)
            found |= np.logical_and.reduceat(known, first)
    return found


def letters_found(finds: Finds | None, words: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which words a file has in other case, and which with other accents or normal form."""
    if finds is None:
        return np.zeros(words, bool), np.zeros(words, bool)
    case = finds.by(_CASE, words)
    return case, finds.by(_SAME_LETTERS, words) & ~case


def advise(finds: Finds, missing: CountedTokens) -> tuple[Advice, ...]:
    """Return what each rule would find alone of the `missing` tokens, the most text first."""
    advice = []
    for rule in finds.rules:
        found = finds.by([rule.name], len(missing))
        if rule not in finds.used and found.any():
            advice.append(
                Advice(
                    rule=rule.name,
                    tokens=int(np.count_nonzero(found)),
                    occurrences=_occurrences(missing, found),
                    examples=_examples(finds, rule, missing),
                )
            )
    return tuple(sorted(advice, key=lambda gain: (-(gain.occurrences or 0), -gain.tokens)))


def _occurrences(missing: CountedTokens, chosen: NDArray[np.bool_]) -> int | None:
    return None if missing.counts is None else int(missing.counts[chosen].sum())


def _examples(finds: Finds, rule: Rule, missing: CountedTokens) -> tuple[tuple[str, str], ...]:
    """Return the most frequent tokens that `rule` alone finds, each with its best key.

    Tokens that no rule before it finds come first, because it may be the best rule for them.
    """
    place = finds.rules.index(rule)
    places = np.flatnonzero(finds.route == 1 << place)
    before = finds.by([other.name for other in finds.rules[:place]], len(missing))
    best = places[~before[finds.word[places]]]
    places = best if len(best) else places
    word, first = np.unique(finds.word[places], return_index=True)
    order = np.argsort(-missing.weights[word], kind="stable")[:EXAMPLES]
    return tuple((missing.tokens[word[k]], finds.key[places[first[k]]]) for k in order.tolist())


def recommend(
    finds: Finds, missing: CountedTokens, enough: float, share_of: int
) -> Recommended | None:
    """Return the rules worth using for the `missing` tokens: the set that finds most.

    Each rule must add `enough` of the text, or of the vocabulary if there are no counts. Among sets
    that find the same, it is the smallest, and among these the one with the earliest rules. The
    result is given as a share of the weight `share_of`.
    """
    weights = missing.weights
    chosen = best_set(finds.word, finds.route, weights, enough)
    names = [rule.name for place, rule in enumerate(finds.rules) if chosen >> place & 1]
    found = finds.by(names, len(weights))
    if not found.any():
        return None
    return Recommended(
        fallback=tuple(
            rule.name for rule in finds.rules if rule in finds.used or rule.name in names
        ),
        tokens=int(np.count_nonzero(found)),
        occurrences=_occurrences(missing, found),
        share=int(weights[found].sum()) / max(1, share_of),
    )
