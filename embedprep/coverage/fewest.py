"""The fewest fallback rules that find nearly everything: an exact search over sets of rules.

Comes in: for each word the sets of rules that find it. Goes out: the best set. A set of rules is a
number with one bit per rule.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

MOST_ASKED = 20_000
"""The most sets that are examined, which takes a second or two. After that the best one so far
wins.
"""

_Score = tuple[float, int, int]


def best_set(
    word: NDArray[np.int64], route: NDArray[np.int64], weights: NDArray[np.int64], enough: float
) -> int:
    """Return the set that finds the most weight, if each rule costs `enough`.

    Among equal sets it is the smallest, then the one whose rules come first. Every set that
    contains `route[k]` finds word `word[k]`, which weighs `weights[word[k]]`.
    """
    return _Search(word, route, weights, enough).best()


class _Search:
    """A search that decides on each rule in turn, and leaves it out first.

    The weight that all undecided rules could still find bounds the result of a decision.
    """

    def __init__(
        self,
        word: NDArray[np.int64],
        route: NDArray[np.int64],
        weights: NDArray[np.int64],
        enough: float,
    ) -> None:
        self._word, self._route, self._weight = _alike(word, route, weights)
        self._enough = enough
        self._asked = 0
        self._gains: dict[int, int] = {}

    def best(self) -> int:
        rules = self._worthwhile()
        self._best = self._one_by_one(sum(rules))
        self._score = self._scored(self._best)
        self._decide(0, rules)
        return self._best

    def _gain(self, rules: int) -> int:
        """Return the weight that these rules find."""
        if rules not in self._gains:
            self._asked += 1
            found = np.zeros(len(self._weight), bool)
            found[self._word[self._route & ~rules == 0]] = True
            self._gains[rules] = int(self._weight[found].sum())
        return self._gains[rules]

    def _scored(self, rules: int) -> _Score:
        size = rules.bit_count()
        return self._gain(rules) - self._enough * size, -size, -rules

    def _worthwhile(self) -> list[int]:
        """Return the rules that may pay off, the last first.

        A rule does not pay off if all the words that need it weigh less than it costs, or nothing.
        """
        every = int(np.bitwise_or.reduce(self._route, initial=0))
        rules = [1 << place for place in reversed(range(every.bit_length())) if every >> place & 1]
        while True:
            usable = self._route & ~sum(rules) == 0
            kept = [
                rule for rule in rules if self._has_part_in(rule, usable) >= max(1, self._enough)
            ]
            if kept == rules:
                return rules
            rules = kept

    def _has_part_in(self, rule: int, usable: NDArray[np.bool_]) -> int:
        words = np.unique(self._word[usable & (self._route & rule != 0)])
        return int(self._weight[words].sum())

    def _one_by_one(self, rules: int) -> int:
        """Return a good first set: drop the least useful rule, again and again."""
        best = rules
        while rules:
            rules = max((rules & ~rule for rule in _each(rules)), key=self._scored)
            best = max(best, rules, key=self._scored)
        return best

    def _decide(self, chosen: int, undecided: list[int]) -> None:
        """Find the best set of `chosen` and some of the `undecided`."""
        score = self._scored(chosen)
        if score > self._score:
            self._best, self._score = chosen, score
        if not undecided or self._asked > MOST_ASKED:
            return
        size = chosen.bit_count() + 1
        most = self._gain(chosen | sum(undecided)) - self._enough * size
        if (most, -size) < self._score[:2]:
            return
        rule, *rest = undecided
        self._decide(chosen, rest)
        self._decide(chosen | rule, rest)


def _each(rules: int) -> list[int]:
    return [1 << place for place in range(rules.bit_length()) if rules >> place & 1]


def _alike(
    word: NDArray[np.int64], route: NDArray[np.int64], weights: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the same problem with the words merged that the same sets find."""
    routes = defaultdict(set)
    for one, way in zip(word.tolist(), route.tolist(), strict=True):
        routes[one].add(way)
    weight = Counter[frozenset[int]]()
    for one, ways in routes.items():
        weight[frozenset(ways)] += int(weights[one])
    pairs = [(number, way) for number, ways in enumerate(weight) for way in sorted(ways)]
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1], np.fromiter(weight.values(), np.int64, len(weight))
