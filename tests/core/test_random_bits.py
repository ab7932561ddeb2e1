"""The random numbers of a token: BLAKE2b and SplitMix64, as written down by their authors."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedprep import core
from embedprep.core import reference

WORD = 2**64 - 1


def halves(token: bytes, salt: int, count: int) -> list[int]:
    """The first `count` numbers of a token, with Python's integers."""
    digest = blake2b(token, digest_size=8, salt=salt.to_bytes(8, "little")).digest()
    state = int.from_bytes(digest, "little")
    found: list[int] = []
    while len(found) < count:
        state = (state + 0x9E3779B97F4A7C15) & WORD
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
        z ^= z >> 31
        found += [z & 0xFFFFFFFF, z >> 32]
    return found[:count]


def bits(tokens: list[bytes], salt: int, first: int, dim: int) -> list[list[int]]:
    drawn = np.full((len(tokens), dim), 7, np.uint32)
    core.load().random_bits(tokens, salt, first, drawn)
    by_twin = np.full((len(tokens), dim), 7, np.uint32)
    reference.random_bits(tokens, salt, first, by_twin)
    assert drawn.tolist() == by_twin.tolist()
    return drawn.tolist()


@given(
    st.lists(st.binary(max_size=400), max_size=4),
    st.integers(0, WORD),
    st.integers(0, 9),
    st.integers(1, 9),
)
@example([b"", b"a" * 127, b"a" * 128, b"a" * 129, b"a" * 256, b"a" * 257], WORD, 0, 1)
@example([b"the"], 1 << 63, 1, 1)
@example([], 0, 0, 3)
def test_as_their_authors_say(tokens: list[bytes], salt: int, first: int, dim: int) -> None:
    expected = [halves(token, salt, first + dim)[first:] for token in tokens]
    assert bits(tokens, salt, first, dim) == expected


def test_the_columns_of_a_wide_matrix_are_those_of_its_parts() -> None:
    whole = bits([b"the", b"cat"], 3, 0, 11)
    parts = [bits([b"the", b"cat"], 3, begin, width) for begin, width in ((0, 5), (5, 3), (8, 3))]
    assert [[*a, *b, *c] for a, b, c in zip(*parts, strict=True)] == whole


@pytest.mark.parametrize("implementation", ["native"], indirect=True)
def test_memory_of_another_shape_or_type_is_refused(implementation: str) -> None:
    draw = core.load().random_bits
    with pytest.raises(ValueError, match="one row a token"):
        draw([b"the"], 0, 0, np.zeros((2, 3), np.uint32))
    with pytest.raises(TypeError):
        draw([b"the"], 0, 0, np.zeros((1, 3), np.int32))
    with pytest.raises(TypeError):
        draw(["the"], 0, 0, np.zeros((1, 3), np.uint32))  # type: ignore[list-item]
