"""A file that is read once for several vocabularies gives each what it gives it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedprep.lookup import EXACT, LookupKeys
from embedprep.matching.census import Census
from embedprep.matching.matching import Claims, Matching, match
from embedprep.matching.records import Policy, Records
from embedprep.matching.shared_keys import SharedKeys, Wanted
from embedprep.provenance import Provenance
from embedprep.vectors import Description, Hits
from embedprep.vocabulary import key_convention
from embedprep.vocabulary.key_convention import AboutKeys

pytestmark = pytest.mark.once

DIM = 2
WORDS = [b"a", b"b", b"c", b"d", b"e"]


@dataclass
class KeyedVectors:
    """Chunks of keys, of which a file gives those that are wanted. A and B are records of a and b
    with a bad value. What is wanted, composable and not in any chunk is composed, which does not
    work for e.
    """

    chunks: list[list[bytes]]
    path: str = "fake.txt"
    size: int | None = None
    dim: int = DIM
    has_lines: bool = True
    declared_records: int | None = None

    def about_keys(self) -> AboutKeys:
        return AboutKeys(key_convention.WORDS, (), certain=True)

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        assert keys is not None
        numbers = {key: number for number, key in enumerate(keys)}
        record = 0
        for chunk in self.chunks:
            number = [numbers.get(key.lower(), -1) for key in chunk]
            wanted = [i for i, key in enumerate(chunk) if number[i] >= 0 and key.islower()]
            undecodable = [numbers[b"a"] for key in chunk if key == b"A" and b"a" in numbers]
            nonfinite = [numbers[b"b"] for key in chunk if key == b"B" and b"b" in numbers]
            yield Hits(
                key=np.array([number[i] for i in wanted], np.int64),
                record=np.array([record + i for i in wanted], np.int64),
                rows=np.array([[record + i] * DIM for i in wanted], np.float32).reshape(-1, DIM),
                records=len(chunk),
                bytes=len(chunk),
                undecodable=np.array(undecodable, np.int64),
                nonfinite=np.array(nonfinite, np.int64),
            )
            record += len(chunk)
        present = {key for chunk in self.chunks for key in chunk}
        composed = [i for i, key in enumerate(keys[:composable]) if key not in present]
        made = [i for i in composed if keys[i] != b"e"]
        nonfinite = [i for i in composed if keys[i] == b"e"]
        yield Hits(
            key=np.array(made, np.int64),
            record=np.full(len(made), -1),
            rows=np.array([[-float(keys[i][0])] * DIM for i in made], np.float32).reshape(-1, DIM),
            records=0,
            bytes=0,
            nonfinite=np.array(nonfinite, np.int64),
            composed=True,
        )

    def describe(self) -> Description:
        raise NotImplementedError

    def close(self) -> None:
        pass


def looked_up(keys: list[bytes], exact: int) -> LookupKeys:
    """Each key for a row of its own; the first so many are exact forms."""
    return LookupKeys(
        keys=keys,
        first=np.arange(len(keys) + 1),
        row=np.arange(len(keys)),
        rank=np.where(np.arange(len(keys)) < exact, EXACT, EXACT + 1).astype(np.uint16),
        code=np.full(len(keys), Provenance.EXACT, np.uint8),
        exact=exact,
        composable=exact,
    )


@st.composite
def lookups(draw: st.DrawFn) -> LookupKeys:
    keys = draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=5))
    return looked_up(keys, draw(st.integers(0, len(keys))))


def outcomes(vectors: KeyedVectors, wanted: Sequence[LookupKeys], policy: Policy) -> list[Any]:
    """The matrix, what fills it, and what was counted, of all of `wanted` in one reading."""
    claims = [Claims.none(len(WORDS)) for _ in wanted]
    matrices = [np.zeros((len(WORDS), DIM), np.float32) for _ in wanted]
    matchings = [
        Matching(vectors, keys, matrix, policy, claimed)
        for keys, matrix, claimed in zip(wanted, matrices, claims, strict=True)
    ]
    records: list[Records] = match(vectors, matchings, lambda count: None, Census())
    return [
        (matrix.tolist(), claimed.rank.tolist(), claimed.record.tolist(), counted)
        for matrix, claimed, counted in zip(matrices, claims, records, strict=True)
    ]


@example([], [looked_up([b"e"], 0), looked_up([b"e"], 1)], "first")
@given(
    st.lists(st.lists(st.sampled_from([*WORDS, b"A", b"B", b"x"]), max_size=6), max_size=3),
    st.lists(lookups(), min_size=1, max_size=3),
    st.sampled_from(["first", "last"]),
)
def test_all_together_as_each_alone(
    chunks: list[list[bytes]], wanted: list[LookupKeys], on_duplicate: Any
) -> None:
    vectors, policy = KeyedVectors(chunks), Policy("skip", on_duplicate)
    together = outcomes(vectors, wanted, policy)
    assert together == [outcomes(vectors, [keys], policy)[0] for keys in wanted]


def test_each_key_is_asked_for_once_those_that_may_be_composed_first() -> None:
    shared = SharedKeys([Wanted([b"a", b"b", b"c"], 1), Wanted([b"c", b"d", b"a"], 2)])
    assert shared.keys == [b"a", b"c", b"d", b"b"]
    assert shared.composable == 3


def test_who_is_alone_gets_what_there_is() -> None:
    keys = [b"a"]
    shared = SharedKeys([Wanted(keys, 1)])
    chunk = next(KeyedVectors([[b"x", b"a"]]).hits(keys, 0))
    assert shared.keys is keys
    assert shared.share(chunk, 0) is chunk
