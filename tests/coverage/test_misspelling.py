"""Words one slip of the pen away from a word found: those that comparing all pairs gives."""

from __future__ import annotations

import random
import string
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embedprep.coverage import misspelling
from embedprep.coverage.misspelling import LONGEST, SHORTEST, neighbours, one_slip_apart


def distance(a: str, b: str) -> int:
    """Damerau's distance by dynamic programming, the restricted one (optimal string alignment)."""
    d = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i, j] = min(
                d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
    return d[len(a), len(b)]


def by_comparing_all(words: list[str], found: list[str]) -> list[int]:
    def eligible(word: str) -> bool:
        return SHORTEST <= len(word) <= LONGEST and word.isalpha()

    return [
        next(
            (
                i
                for i, other in enumerate(found)
                if eligible(word) and eligible(other) and distance(word, other) == 1
            ),
            -1,
        )
        if word not in found
        else -1
        for word in words
    ]


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("recieve", "receive"),  # swapped
        ("acommodate", "accommodate"),  # too few
        ("untill", "until"),  # too many
        ("seperate", "separate"),  # wrong
        ("xhouse", "house"),
        ("ohuse", "house"),
        ("housr", "house"),
        ("ouses", "houses"),
        ("Recieve", "receive"),
        ("recieve", "RECEIVE"),
        ("каварный", "коварный"),
        ("हिन्दीी", "हिन्दी"),
        ("a" * 32, "a" * 31),
    ],
)
def test_a_slip_leads_to_the_word(slip: str, word: str) -> None:
    assert neighbours([slip], ["other", word]).tolist() == [1]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("house", "house"),
        ("House", "house"),
        ("hosue", "mouse"),
        ("hoseu", "house"),  # a swap that is none of neighbours
        ("horse", "horsing"),
        ("hose", "house"),  # too short
        ("house", "hose"),
        ("route66", "route67"),
        ("don't", "dont't"),
        ("a" * 33, "a" * 32),
        ("", ""),
        ("\ud800house", "house"),
        ("house\0", "house"),
        ("ß" * 20, "ß" * 19 + "s"),  # folded, 40 letters
    ],
)
def test_no_slip(word: str, found: str) -> None:
    assert neighbours([word], [found]).tolist() == [-1]


def test_the_first_of_several_found() -> None:
    assert neighbours(["house"], ["zebra", "horse", "mouse", "houses"]).tolist() == [1]
    assert neighbours(["house"], ["houses", "mouse", "horse"]).tolist() == [0]
    assert neighbours(["house"], ["mouse", "mouse"]).tolist() == [0]


def test_a_word_spelt_like_one_found_is_no_slip_of_another() -> None:
    assert neighbours(["Horse", "hoarse"], ["house", "horse"]).tolist() == [-1, 1]


def test_nothing_to_compare() -> None:
    assert neighbours([], []).tolist() == []
    assert neighbours([], ["house"]).tolist() == []
    assert neighbours(["house", "mouse"], []).tolist() == [-1, -1]


few = st.lists(st.text("abc", min_size=3, max_size=8), max_size=30)


@given(few, few)
def test_as_comparing_all_pairs(words: list[str], found: list[str]) -> None:
    assert neighbours(words, found).tolist() == by_comparing_all(words, found)


@given(st.text("ab", max_size=7), st.text("ab", max_size=7))
def test_one_slip_is_distance_one(one: str, other: str) -> None:
    assert one_slip_apart(one, other) == (distance(one, other) == 1)


@given(few, few)
def test_when_many_words_share_a_key_by_chance(words: list[str], found: list[str]) -> None:
    def mixed_badly(numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
        return (numbers.astype(np.uint64) & np.uint64(1)) << np.uint64(40)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(misspelling, "_mixed", mixed_badly)
        assert neighbours(words, found).tolist() == by_comparing_all(words, found)


@pytest.mark.parametrize("at_once", [1, 3, 10, 1000])
def test_in_groups_of_any_size(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misspelling, "_WORDS_AT_ONCE", at_once)
    rng = random.Random(3)
    words, found = (
        ["".join(rng.choices("abcd", k=rng.choice([4, 5, 5, 6, 7, 9]))) for _ in range(n)]
        for n in (60, 80)
    )
    expected = by_comparing_all(words, found)
    assert -1 in expected
    assert len(set(expected)) > 5
    assert neighbours(words, found).tolist() == expected


@given(few, few, st.randoms(use_true_random=False))
def test_the_order_of_the_missing_words_is_of_no_matter(
    words: list[str], found: list[str], shuffler: random.Random
) -> None:
    order = list(range(len(words)))
    shuffler.shuffle(order)
    shuffled = neighbours([words[i] for i in order], found)
    assert shuffled.tolist() == neighbours(words, found)[order].tolist()


@given(st.lists(st.text(max_size=9), max_size=20), st.lists(st.text(max_size=9), max_size=20))
def test_any_text_will_do(words: list[str], found: list[str]) -> None:
    assert len(neighbours(words, found)) == len(words)


def test_a_large_vocabulary_takes_no_time() -> None:
    rng = random.Random(1)
    found = ["".join(rng.choices(string.ascii_lowercase, k=8)) for _ in range(20_000)]
    words = [word[:3] + word[4:] for word in found[:2_000]]
    start = time.process_time()
    result = neighbours(words, found)
    assert time.process_time() - start < 2  # 0.03 s alone; all pairs would take minutes
    assert np.count_nonzero(result == np.arange(2_000)) > 1_900
