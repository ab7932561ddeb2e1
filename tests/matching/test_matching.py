"""Which record fills which row: the better key, then the first record; nothing goes uncounted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep import Provenance
from embedprep.errors import InputError
from embedprep.lookup import COMPOSED, EXACT, UNMATCHED, LookupKeys
from embedprep.matching.census import Census
from embedprep.matching.matching import NO_RECORD, Claims, Matching, match
from embedprep.matching.records import Policy, Records
from embedprep.vectors import Description, Fault, Hits, gathering
from embedprep.vocabulary.key_convention import WORDS, AboutKeys

DIM = 2


@dataclass
class FakeVectors:
    """Chunks given beforehand; each record is the number of its key and its first value."""

    chunks: list[list[tuple[int, float]]]
    extra: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Further fields of some chunks' `Hits`."""
    declared_records: int | None = None
    path: str = "fake.txt"
    size: int | None = None
    dim: int = DIM
    has_lines: bool = True

    def about_keys(self) -> AboutKeys:
        return AboutKeys(WORDS, (), certain=True)

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        record = 0
        buffer = np.zeros((100, DIM), np.float32)
        for i, chunk in enumerate(self.chunks):
            # As the real ones do: the memory of the rows is used again for the next chunk.
            rows = buffer[: len(chunk)]
            rows[:] = np.array([[value, -value] for _, value in chunk]).reshape(-1, DIM)
            yield Hits(
                key=np.array([key for key, _ in chunk], np.int64),
                record=np.arange(record, record + len(chunk)),
                rows=rows,
                records=len(chunk),
                bytes=10 * len(chunk),
                **self.extra.get(i, {}),
            )
            buffer[:] = np.nan
            record += len(chunk)

    def describe(self) -> Description:
        raise NotImplementedError

    def close(self) -> None:
        pass


Wanted = list[list[tuple[int, int]]]
"""For each key the rows it may fill, with the rank it has there."""


def lookup(wanted: Wanted) -> LookupKeys:
    pairs = [pair for key in wanted for pair in key]
    return LookupKeys(
        keys=[b"key%d" % i for i in range(len(wanted))],
        first=np.cumsum([0, *(len(key) for key in wanted)]),
        row=np.array([row for row, _ in pairs], np.int64),
        rank=np.array([rank for _, rank in pairs], np.uint16),
        code=np.full(len(pairs), Provenance.EXACT, np.uint8),
        exact=len(wanted),
        composable=len(wanted),
    )


def run(
    vectors: FakeVectors,
    wanted: Wanted,
    *,
    rows: int = 6,
    dtype: str = "float32",
    on_malformed: Literal["error", "skip"] = "error",
    on_duplicate: Literal["first", "last", "error"] = "first",
    joined_bytes: int = gathering.ENOUGH_BYTES,
) -> tuple[list[float], list[int], Records]:
    """The first value of each row, the ranks, the counts."""
    matrix = np.zeros((rows, DIM), dtype)
    policy = Policy(on_malformed, on_duplicate)
    claims = Claims.none(rows)
    keys = lookup(wanted)
    matching = Matching(vectors, keys, matrix, policy, claims)
    with patch.object(gathering, "ENOUGH_BYTES", joined_bytes):
        [records] = match(vectors, [matching], lambda count: None, Census())
    assert np.array_equal(matrix[:, 1], -matrix[:, 0])
    assert np.array_equal(claims.record == NO_RECORD, claims.rank >= COMPOSED)
    values = np.array([value for chunk in vectors.chunks for _, value in chunk])
    is_record = claims.record != NO_RECORD
    assert np.array_equal(values[claims.record[is_record]].astype(dtype), matrix[is_record, 0])
    return matrix[:, 0].tolist(), claims.rank.tolist(), records


JOINED_OR_NOT = pytest.mark.parametrize("joined_bytes", [0, gathering.ENOUGH_BYTES])
"""Chunks reach the matching one by one, or several as one."""


def test_each_key_fills_all_its_rows_and_no_other() -> None:
    vectors = FakeVectors([[(1, 10.0)], [], [(0, 20.0)]])
    filled, rank, records = run(vectors, [[(0, 0)], [(2, 0), (5, 0)], [(3, 0)]])
    assert filled == [20, 0, 10, 0, 0, 10]
    assert rank == [0, UNMATCHED, 0, UNMATCHED, UNMATCHED, 0]
    assert records == Records(total=2)


@pytest.mark.parametrize("split", [False, True], ids=["one chunk", "two chunks"])
@pytest.mark.parametrize(
    "order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
)
def test_the_better_rank_wins_whatever_the_order(order: tuple[int, ...], split: bool) -> None:
    hits = [(key, 10.0 + key) for key in order]
    chunks = [hits[:1], hits[1:]] if split else [hits]
    # Key 0 is the exact form of row 0 and a fallback of row 1, and so on around.
    wanted = [[(0, 0), (1, 2), (2, 1)], [(1, 0), (2, 2), (0, 1)], [(2, 0), (0, 2), (1, 1)]]
    filled, rank, _ = run(FakeVectors(chunks), wanted, rows=3)
    assert filled == [10, 11, 12]
    assert rank == [0, 0, 0]
    without_the_exact = [[hit for hit in chunk if hit[0] != 0] for chunk in chunks]
    filled, rank, _ = run(FakeVectors(without_the_exact), wanted, rows=3)
    assert (filled[0], rank[0]) == (11, 1)


@pytest.mark.parametrize("split", [False, True], ids=["one chunk", "two chunks"])
@pytest.mark.parametrize(
    ("on_duplicate", "value"), [("first", 10), ("last", 30)], ids=["first", "last"]
)
def test_duplicates(on_duplicate: Literal["first", "last"], value: float, split: bool) -> None:
    hits = [(0, 10.0), (1, 5.0), (0, 20.0), (0, 30.0)]
    chunks = [hits[:2], hits[2:]] if split else [hits]
    filled, _, records = run(
        FakeVectors(chunks), [[(0, 0), (2, 0)], [(1, 0)]], rows=3, on_duplicate=on_duplicate
    )
    assert filled == [value, 5, value]
    assert records == Records(total=4, duplicates=2)


@JOINED_OR_NOT
@pytest.mark.parametrize("split", [1, 2, 3])
def test_a_duplicate_can_be_an_error(split: int, joined_bytes: int) -> None:
    hits = [(0, 10.0), (1, 5.0), (0, 10.0), (1, 5.0)]
    vectors = FakeVectors([hits[:split], hits[split:]])
    with pytest.raises(InputError, match="a second record of this key") as caught:
        run(vectors, [[(0, 0)], [(1, 0)]], on_duplicate="error", joined_bytes=joined_bytes)
    assert (caught.value.path, caught.value.line, caught.value.token) == ("fake.txt", 3, "key0")


@JOINED_OR_NOT
def test_of_equal_ranks_the_earlier_record_wins(joined_bytes: int) -> None:
    wanted: Wanted = [[(0, 1)], [(0, 1)]]
    one_chunk = [[(1, 10.0), (0, 20.0)]], [[(1, 10.0), (0, 20.0), (0, 30.0), (1, 40.0)]]
    for chunks in (*one_chunk, [[(1, 10.0)], [(0, 20.0)]]):
        filled, _, _ = run(FakeVectors(chunks), wanted, rows=1, joined_bytes=joined_bytes)
        assert filled == [10]


FAULT = Fault(line=7, byte=99, reason="record 'x' has 1 values, not 2", record=6)


def test_a_malformed_record_is_an_error_with_its_place() -> None:
    vectors = FakeVectors([[(0, 1.0)], [(1, 2.0)]], {1: {"malformed": 1, "fault": FAULT}})
    with pytest.raises(InputError) as caught:
        run(vectors, [[(0, 0)], [(1, 0)]])
    error = caught.value
    assert (error.path, error.line, error.byte, error.reason) == ("fake.txt", 7, 99, FAULT.reason)
    assert "--on-malformed skip" in error.remedy


def test_or_left_out_and_counted() -> None:
    extra = {
        0: {"malformed": 2, "nonfinite": np.array([1]), "fault": FAULT, "spaced_keys": 4},
        1: {"malformed": 1, "undecodable": np.array([0, 1, 0]), "spaced_keys": 1, "fault": FAULT},
    }
    vectors = FakeVectors([[(0, 1.0)], [(1, 2.0)]], extra, declared_records=9)
    filled, _, records = run(vectors, [[(0, 0)], [(1, 0)]], rows=2, on_malformed="skip")
    assert filled == [1, 2]
    assert records == Records(total=2, malformed=6, undecodable=3, nonfinite=1, spaced_keys=5)


@pytest.mark.parametrize(
    ("declared", "reason", "remedy"),
    [
        (3, "promises 3 records, the file has 2: it is truncated", "Download or copy it again"),
        (1, "promises 1 records, the file has 2", "Correct the header"),
        (0, "promises 0 records, the file has 2", "Correct the header"),
    ],
)
def test_the_header_must_count_right(declared: int, reason: str, remedy: str) -> None:
    chunks = [[(0, 1.0)], [(1, 2.0)]]
    wanted: Wanted = [[(0, 0)], [(1, 0)]]
    run(FakeVectors(chunks, declared_records=2), wanted)
    with pytest.raises(InputError) as caught:
        run(FakeVectors(chunks, declared_records=declared), wanted)
    assert caught.value.reason.endswith(reason)
    assert remedy in caught.value.remedy
    run(FakeVectors(chunks, declared_records=declared), wanted, on_malformed="skip")


def test_float16_rounds_and_refuses_what_it_cannot_hold() -> None:
    wanted: Wanted = [[(0, 0)], [(1, 0)]]
    filled, _, _ = run(FakeVectors([[(0, 0.1), (1, 65519.0)]]), wanted, rows=2, dtype="float16")
    assert filled == [float(np.float16(0.1)), 65504]
    vectors = FakeVectors([[(0, 1.0)], [(1, 65520.0)]])
    with pytest.raises(InputError, match="beyond the range of float16") as caught:
        run(vectors, wanted, dtype="float16")
    assert (caught.value.line, caught.value.token) == (2, "key1")
    assert run(vectors, wanted)[0][:2] == [1, 65520]


def test_a_duplicate_that_is_not_used_may_be_beyond_float16() -> None:
    vectors = FakeVectors([[(0, 1.0), (0, 1e5)], [(0, 1e5)]])
    assert run(vectors, [[(0, 0)]], rows=1, dtype="float16")[0] == [1]


def test_progress_adds_up_to_the_file() -> None:
    seen: list[int] = []
    vectors = FakeVectors([[(0, 1.0)], [], [(0, 1.0), (0, 2.0)]])
    matrix, keys = np.zeros((1, DIM), np.float32), lookup([[(0, 0)]])
    match(
        vectors, [Matching(vectors, keys, matrix, Policy(), Claims.none(1))], seen.append, Census()
    )
    assert seen == [10, 0, 20]


# Nothing joined, two or three hits, everything.
SOME_JOINED = st.sampled_from([0, 20, gathering.ENOUGH_BYTES])


@given(st.data(), st.integers(0, 7), SOME_JOINED)
def test_of_several_errors_the_first_in_the_file_is_told(
    data: st.DataObject, broken: int, joined_bytes: int
) -> None:
    # A value beyond float16, a second record of a key, and a record that cannot be read.
    hits = data.draw(st.permutations([(0, 1.0), (1, 2.0), (1, 2.0), (2, 1e5), (3, 3.0), (4, 4.0)]))
    chunks = data.draw(cut(hits))
    extra: dict[int, dict[str, Any]] = {}
    begin = 0
    for number, chunk in enumerate(chunks):
        if begin <= broken < begin + len(chunk):
            fault = Fault(broken + 1, byte=0, reason="it is broken", record=broken)
            extra[number] = {"malformed": 1, "fault": fault}
        begin += len(chunk)
    expected = {i: "beyond" for i, (_, value) in enumerate(hits) if value > 65520}
    expected[[i for i, (key, _) in enumerate(hits) if key == 1][1]] = "second record"
    if broken < len(hits):
        expected[broken] = "broken"  # the hit that stands for it is not looked at
    line, reason = min(expected.items())
    with pytest.raises(InputError, match=reason) as caught:
        run(
            FakeVectors(chunks, extra),
            [[(row, 0)] for row in range(5)],
            dtype="float16",
            on_duplicate="error",
            joined_bytes=joined_bytes,
        )
    assert caught.value.line == line + 1


# Each key has some (row, rank); within a row the ranks differ, as those of fallback rules do.
@st.composite
def tables(draw: st.DrawFn) -> Wanted:
    n_keys = draw(st.integers(1, 6))
    wanted: Wanted = [[] for _ in range(n_keys)]
    for row in range(5):
        keys = draw(st.lists(st.integers(0, n_keys - 1), unique=True, max_size=4))
        ranks = draw(st.permutations(range(4)))
        for key, rank in zip(keys, ranks, strict=False):
            wanted[key].append((row, rank))
    return wanted


Chunk = list[tuple[int, float]]


@st.composite
def cut(draw: st.DrawFn, hits: Chunk) -> list[Chunk]:
    cuts = sorted(draw(st.lists(st.integers(0, len(hits)), max_size=3)))
    return [hits[a:b] for a, b in zip([0, *cuts], [*cuts, len(hits)], strict=True)]


@given(st.data(), tables(), st.sampled_from(["first", "last"]), SOME_JOINED)
def test_as_a_dictionary_would(
    data: st.DataObject,
    wanted: Wanted,
    on_duplicate: Literal["first", "last"],
    joined_bytes: int,
) -> None:
    numbers = data.draw(st.lists(st.integers(0, len(wanted) - 1), max_size=12))
    hits = [(key, 1.0 + place) for place, key in enumerate(numbers)]
    chunks = data.draw(cut(hits))

    ordered = hits if on_duplicate == "last" else hits[::-1]
    vector_of = dict(ordered)
    best: dict[int, tuple[int, float]] = {}
    for key, pairs in enumerate(wanted):
        for row, rank in pairs:
            if key in vector_of:
                best[row] = min(best.get(row, (UNMATCHED, 0.0)), (rank, vector_of[key]))

    filled, ranks, records = run(
        FakeVectors(chunks), wanted, rows=5, on_duplicate=on_duplicate, joined_bytes=joined_bytes
    )
    assert ranks == [best.get(row, (UNMATCHED, 0.0))[0] for row in range(5)]
    assert filled == [best.get(row, (UNMATCHED, 0.0))[1] for row in range(5)]
    assert records == Records(total=len(hits), duplicates=len(hits) - len(set(numbers)))


def test_permuting_records_changes_nothing_but_which_duplicate_is_first(workdir: Any) -> None:
    records = [b"the 1 2\n", b"of 3 4\n", b". . 5 6\n", b". 7 8\n", b"the 9 9\n"]
    tokens = ["of", "the", ".", "absent"]
    results = set()
    for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 4, 0, 3, 1)):
        (workdir / "vectors").write_bytes(b"".join(records[i] for i in order))
        matrix, _ = embedprep.build("vectors", tokens)
        results.add((matrix[[0, 2, 3]].tobytes(), order.index(0) < order.index(4)))
        assert matrix[1].tolist() == ([1, 2] if order.index(0) < order.index(4) else [9, 9])
    assert len({rows for rows, _ in results}) == 1


def test_what_is_made_of_n_grams_fills_only_what_no_record_did() -> None:
    # Row 2 is wanted by key 1 as a fallback; row 3 by nobody else.
    wanted = [[(0, 0)], [(1, 0), (2, EXACT + 1)], [(2, EXACT)], [(3, 0)]]
    vectors = FakeVectors([[(0, 1.0)], [(2, 6.0), (1, 5.0), (3, 7.0)]], {1: {"composed": True}})
    filled, rank, records = run(vectors, wanted)
    assert filled == [1, 5, 6, 7, 0, 0]
    assert rank == [0, COMPOSED, COMPOSED, COMPOSED, UNMATCHED, UNMATCHED]
    assert records.duplicates == 0


def test_n_grams_of_an_earlier_model_stay() -> None:
    matrix = np.full((1, DIM), 9, np.float32)
    claims = Claims(np.array([COMPOSED], np.uint16), np.array([NO_RECORD]), {})
    vectors = FakeVectors([[(0, 1.0)]], {0: {"composed": True}})
    matching = Matching(vectors, lookup([[(0, 0)]]), matrix, Policy(), claims)
    match(vectors, [matching], lambda count: None, Census())
    assert matrix.tolist() == [[9, 9]]
    assert claims.rank.tolist() == [COMPOSED]


def test_a_fallback_that_the_file_has_is_better_than_n_grams_of_the_exact_form() -> None:
    wanted = [[(0, 1)], [(0, 0)]]
    vectors = FakeVectors([[(0, 1.0)], [(1, 5.0)]], {1: {"composed": True}})
    filled, rank, _ = run(vectors, wanted)
    assert filled[0] == 1
    assert rank[0] == 1


def test_keys_that_could_fill_no_open_row_are_left_out() -> None:
    keys = lookup([[(0, 0)], [(1, 0), (2, 0)], [(2, 1)], [(3, 0)]])
    rest = keys.only(np.array([False, False, True, True, True, True]))
    assert rest.keys == [b"key1", b"key2", b"key3"]
    assert rest.first.tolist() == [0, 1, 2, 3]
    assert rest.row.tolist() == [2, 2, 3]
    assert rest.rank.tolist() == [0, 1, 0]
    assert keys.only(np.zeros(6, bool)).keys == []
    assert keys.only(np.ones(6, bool)) is keys


def test_what_cannot_be_made_of_n_grams_is_an_error() -> None:
    fault = Fault(line=None, byte=40, reason="the vector of 'x' is not finite", record=-1)
    extra = {1: {"composed": True, "nonfinite": np.array([1]), "fault": fault}}
    vectors = FakeVectors([[(0, 1.0)], []], extra)
    wanted: Wanted = [[(0, 0)], [(1, 0)]]
    with pytest.raises(InputError, match="the vector of 'x' is not finite"):
        run(vectors, wanted)
    filled, _, records = run(vectors, wanted, on_malformed="skip")
    assert filled[:2] == [1, 0]
    assert records.nonfinite == 1
