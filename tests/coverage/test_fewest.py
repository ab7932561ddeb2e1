"""The fewest rules, against every set there is."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.coverage import fewest
from embedprep.coverage.fewest import best_set

Ways = list[tuple[int, int]]
"""Pairs of a word and a set of rules that finds it."""


def asked(ways: Ways, weights: list[int], enough: float) -> int:
    word, route = np.array(ways, np.int64).reshape(-1, 2).T
    return best_set(word, route, np.array(weights, np.int64), enough)


def of_all_sets(ways: Ways, weights: list[int], enough: float, rules: int) -> int:
    def score(rules: int) -> tuple[float, int, int]:
        found = {word for word, route in ways if route & ~rules == 0}
        size = rules.bit_count()
        return sum(weights[word] for word in found) - enough * size, -size, -rules

    return max(range(1 << rules), key=score)


@given(
    ways=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 127)), max_size=30),
    weights=st.lists(st.integers(0, 9), min_size=10, max_size=10),
    enough=st.sampled_from([0, 0.5, 1, 3, 100]),
)
def test_the_best_of_all_sets(ways: Ways, weights: list[int], enough: float) -> None:
    assert asked(ways, weights, enough) == of_all_sets(ways, weights, enough, 7)


def test_one_rule_that_finds_what_two_find() -> None:
    # One by one, the rule that finds all alone would be left out first.
    assert asked([(0, 0b011), (0, 0b100), (1, 0b100), (1, 0b001)], [5, 5], 0.001) == 0b100


def test_of_equals_the_earliest_rules() -> None:
    assert asked([(0, 0b10), (0, 0b100)], [5], 0) == 0b10


def test_nothing_to_find() -> None:
    assert asked([], [], 0) == 0
    assert asked([(0, 1)], [0], 0) == 0


def test_eighteen_rules_are_searched_in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    pairs = list(itertools.combinations(range(18), 2))
    ways = [(word, sum(1 << k for k in rng.choice(pairs))) for word in range(300) for _ in "ab"]
    weights = [rng.randrange(1, 1000) for _ in range(300)]
    best = asked(ways, weights, 900)
    monkeypatch.setattr(fewest, "MOST_ASKED", 10)
    # Far too few for an answer that is certain, but there is one.
    assert asked(ways, weights, 900).bit_count() == pytest.approx(best.bit_count(), abs=3)
