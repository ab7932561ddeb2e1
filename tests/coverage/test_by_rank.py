"""Coverage by frequency: what the most frequent types alone would show."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.coverage.by_rank import by_rank
from embedprep.coverage.record import AtRank, ByRank, Share

pytestmark = pytest.mark.parametrize("implementation", ["reference"], indirect=True)


def ranked(found: list[bool], counts: list[int] | None = None) -> ByRank:
    return by_rank(np.array(found, bool), None if counts is None else np.array(counts, np.int64))


def test_types_are_taken_by_descending_count() -> None:
    assert ranked([False, True, True], [1, 6, 3]) == ByRank(
        order="count",
        top=(AtRank(3, Share(3, 2), Share(10, 9)),),
        curve=((1, 1.0, 0.6), (2, 1.0, 0.9), (3, 2 / 3, 0.9)),
    )


def test_without_counts_the_order_given_is_the_rank() -> None:
    assert ranked([False, True, True]) == ByRank(
        order="id",
        top=(AtRank(3, Share(3, 2), None),),
        curve=((1, 0.0, None), (2, 0.5, None), (3, 2 / 3, None)),
    )


def test_types_of_equal_count_keep_their_order() -> None:
    result = ranked([True] * 50 + [False] * 50, [7] * 100)
    assert [share for rank, share, _ in result.curve if rank <= 50] == [1.0] * sum(
        rank <= 50 for rank, _, _ in result.curve
    )


def test_nothing_to_rank() -> None:
    assert ranked([]) == ByRank("id", (), ())
    assert ranked([], []) == ByRank("count", (), ())


def test_a_text_without_any_of_the_types_is_covered() -> None:
    result = ranked([True, False], [0, 0])
    assert result.top == (AtRank(2, Share(2, 1), Share(0, 0)),)
    assert result.curve == ((1, 1.0, 1.0), (2, 0.5, 1.0))


@pytest.mark.parametrize(
    ("types", "ranks"),
    [(1, [1]), (99, [99]), (100, [100]), (101, [100, 101]), (25_000, [100, 1000, 10_000, 25_000])],
)
def test_the_ranks_reported_by_themselves(types: int, ranks: list[int]) -> None:
    result = ranked([True] * types, [1] * types)
    assert [top.rank for top in result.top] == ranks
    assert [top.tokens and top.tokens.total for top in result.top] == ranks


def test_the_curve_is_short_and_even_on_a_logarithmic_axis() -> None:
    ranks = [rank for rank, _, _ in ranked([True] * 2_000_000).curve]
    assert 70 <= len(ranks) <= 101
    assert ranks[:5] == [1, 2, 3, 4, 5]
    assert max(b / a for a, b in pairwise(ranks[20:])) < 1.2


def test_no_overflow_and_no_rounding_of_a_large_text() -> None:
    result = ranked([True, True, False], [2**60, 3, 1])
    assert result.top[-1].tokens == Share(2**60 + 4, 2**60 + 3)


types = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=300)


@given(types)
def test_each_point_is_the_coverage_of_the_types_up_to_it(types: list[tuple[bool, int]]) -> None:
    result = ranked([found for found, _ in types], [count for _, count in types])
    ordered = sorted(types, key=lambda pair: -pair[1])
    text = sum(count for _, count in types)
    ranks = [rank for rank, _, _ in result.curve]
    assert ranks == sorted(set(ranks))
    assert ranks[0] == 1
    assert ranks[-1] == len(types)
    for rank, share_of_types, share_of_text in result.curve:
        assert share_of_types == sum(found for found, _ in ordered[:rank]) / rank
        covered = sum(count for found, count in ordered[:rank] if found)
        assert share_of_text == (covered / text if text else 1.0)
    for top in result.top:
        assert top.types == Share(top.rank, sum(found for found, _ in ordered[: top.rank]))
        assert top.tokens == Share(
            sum(count for _, count in ordered[: top.rank]),
            sum(count for found, count in ordered[: top.rank] if found),
        )


@given(types)
def test_the_curve_of_the_text_rises_to_the_coverage_of_all(types: list[tuple[bool, int]]) -> None:
    result = ranked([found for found, _ in types], [count for _, count in types])
    rising = [share for _, _, share in result.curve if share is not None]
    assert rising == sorted(rising)
    last = result.top[-1]
    assert last.tokens is not None
    assert result.curve[-1] == (last.rank, last.types.ratio, last.tokens.ratio)


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
    assert {type(value) for point in result.curve for value in point} == {int, float}
    assert all(type(top.rank) is int for top in result.top)
