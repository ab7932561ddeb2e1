"""The keys of a file that was read in blocks."""

from __future__ import annotations

import numpy as np

from embedprep import core
from embedprep.matching.census import Census

ASKED = [b"cat", b"the", b"unseen", b"dog", b""]


def of(*blocks: list[bytes]) -> Census:
    census = Census()
    for keys in blocks:
        census.add(core.load().hash_keys(keys), capitals=False)
    return census


def test_the_keys_of_every_block_are_known() -> None:
    census = of([b"the"], [], [b"dog", b"cat"])
    assert census.contains(ASKED).tolist() == [True, True, False, True, False]


def test_what_comes_after_a_question_is_known_too() -> None:
    census = of([b"the"])
    assert census.contains(ASKED).tolist() == [False, True, False, False, False]
    census.add(core.load().hash_keys([b"dog"]), capitals=False)
    assert census.contains(ASKED).tolist() == [False, True, False, True, False]


def test_it_does_not_look_at_the_memory_of_a_block_again() -> None:
    hashes = core.load().hash_keys([b"the"])
    census = Census()
    census.add(hashes, capitals=False)
    hashes[:] = 0
    assert census.contains([b"the"]).tolist() == [True]


def test_one_block_with_a_capital_is_enough() -> None:
    census = Census()
    for capitals in (False, True, False):
        census.add(np.empty(0, np.int64), capitals)
    assert census.capitals


def test_an_empty_file_has_no_key() -> None:
    assert of().contains(ASKED).tolist() == [False] * 5


def test_no_keys_are_never_repeated() -> None:
    assert Census().repeated([]) == (0, None)
