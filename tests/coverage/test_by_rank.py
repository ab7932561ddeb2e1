"""Coverage by frequency: what the most frequent tokens alone would show."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.coverage.by_rank import by_rank
from embedprep.coverage.record import AtRank, ByRank, Share


def ranked(found: list[bool], counts: list[int] | None = None) -> ByRank:
    return by_rank(np.array(found, bool), None if counts is None else np.array(counts, np.int64))


def test_tokens_are_taken_by_descending_count() -> None:
    assert ranked([False, True, True], [1, 6, 3]) == ByRank(
        order="count",
        top=(AtRank(3, Share(3, 2), Share(10, 9)),),
    )


def test_without_counts_the_order_given_is_the_rank() -> None:
    assert ranked([False, True, True]) == ByRank(
        order="id",
        top=(AtRank(3, Share(3, 2), None),),
    )


def test_tokens_of_equal_count_keep_their_order() -> None:
    assert ranked([True] * 100 + [False] * 50, [7] * 150).top == (
        AtRank(100, Share(100, 100), Share(700, 700)),
        AtRank(150, Share(150, 100), Share(1050, 700)),
    )


def test_nothing_to_rank() -> None:
    assert ranked([]) == ByRank("id", ())
    assert ranked([], []) == ByRank("count", ())


def test_a_text_without_any_of_the_tokens_is_covered() -> None:
    result = ranked([True, False], [0, 0])
    assert result.top == (AtRank(2, Share(2, 1), Share(0, 0)),)


@pytest.mark.parametrize(
    ("tokens", "ranks"),
    [(1, [1]), (99, [99]), (100, [100]), (101, [100, 101]), (25_000, [100, 1000, 10_000, 25_000])],
)
def test_the_ranks_reported_by_themselves(tokens: int, ranks: list[int]) -> None:
    result = ranked([True] * tokens, [1] * tokens)
    assert [top.rank for top in result.top] == ranks
    assert [top.text and top.text.total for top in result.top] == ranks


def test_no_overflow_and_no_rounding_of_a_large_text() -> None:
    result = ranked([True, True, False], [2**60, 3, 1])
    assert result.top[-1].text == Share(2**60 + 4, 2**60 + 3)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=300))
def test_each_rank_has_the_coverage_of_the_tokens_up_to_it(tokens: list[tuple[bool, int]]) -> None:
    result = ranked([found for found, _ in tokens], [count for _, count in tokens])
    ordered = sorted(tokens, key=lambda pair: -pair[1])
    assert result.top[-1].rank == len(tokens)
    for top in result.top:
        assert top.vocabulary == Share(top.rank, sum(found for found, _ in ordered[: top.rank]))
        assert top.text == Share(
            sum(count for _, count in ordered[: top.rank]),
            sum(count for found, count in ordered[: top.rank] if found),
        )


@given(st.dictionaries(st.integers(0, 500), st.booleans(), min_size=1), st.randoms())
def test_where_no_counts_are_equal_the_order_given_is_of_no_matter(
    found_of: dict[int, bool], shuffler: random.Random
) -> None:
    counts = list(found_of)
    shuffled = shuffler.sample(counts, len(counts))
    assert ranked([found_of[count] for count in counts], counts) == ranked(
        [found_of[count] for count in shuffled], shuffled
    )


def test_the_values_are_plain_numbers() -> None:
    result = ranked([True] * 150, list(range(150)))
    json.dumps(result)
    assert all(type(top.rank) is int for top in result.top)
