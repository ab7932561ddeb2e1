"""`embedprep.diff.compare`: what became of each token between two matrices."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import embedprep
from embedprep.coverage.record import Share
from embedprep.diff import Difference, compare
from embedprep.diff.difference import Kept, Move, Only, Setting, Transition, Unpaired
from embedprep.errors import InputError
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance
from tests.matrices import blank_report, random_rows, written

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]

EXACT, OOV, LOWER = Provenance.EXACT, Provenance.OOV, Provenance.LOWER


def values(*numbers: float, dtype: str = "float32") -> NDArray[Any]:
    """A row a number, of dimension 2."""
    return np.array([[number, 1] for number in numbers], dtype)


def difference(before: EmbeddingMatrix, after: EmbeddingMatrix) -> Difference:
    return compare(before.path, after.path)


def kept(*moves: tuple[str, int, int]) -> Kept:
    return Kept(len(moves), tuple(Move(*move) for move in moves))


NONE = kept()


def test_everything_that_can_become_of_a_token() -> None:
    a = written(
        ["", "the", "cat", "Cat", "gone", "x"], values(0, 1, 2, 3, 4, 5),
        [Provenance.PADDING, EXACT, EXACT, OOV, EXACT, EXACT], path="a.npy",
    )  # fmt: skip
    b = written(
        ["", "the", "x", "Cat", "new", "cat"], values(0, 1, 9, 2, 7, 2),
        [Provenance.PADDING, EXACT, OOV, LOWER, EXACT, EXACT], path="b.npy",
    )  # fmt: skip
    found = difference(a, b)
    assert found.added == Only(1, (Unpaired("new", 4),))
    assert found.removed == Only(1, (Unpaired("gone", 4),))
    assert found.moved == kept(("cat", 2, 5), ("x", 5, 2))
    assert found.changed == kept(("Cat", 3, 3), ("x", 5, 2))
    assert found.unchanged == 1
    assert found.found == kept(("Cat", 3, 3))
    assert found.lost == kept(("x", 5, 2))
    assert found.transitions == (
        Transition("oov", "lower", 1, (Move("Cat", 3, 3),)),
        Transition("exact", "oov", 1, (Move("x", 5, 2),)),
    )
    assert (found.before.rows, found.before.tokens, found.incomparable) == (6, 5, None)
    assert not found.same


def test_the_same_in_another_container() -> None:
    rows = random_rows(3)
    a, b = (written(["", "a", "b"], rows, [1, 3, 2], path=path) for path in ("a.npy", "b.h5"))
    found = difference(a, b)
    assert found.same
    assert found.unchanged == 2
    assert (found.changed, found.moved, found.transitions, found.settings) == (NONE, NONE, (), ())


@pytest.mark.parametrize(
    ("tokens", "rows"), [(["a"], values(1)), (["a", "c"], values(1, 2)), (["b", "a"], values(2, 1))]
)
def test_more_fewer_or_other_rows_are_not_the_same(tokens: list[str], rows: NDArray[Any]) -> None:
    a = written(["a", "b"], values(1, 2), path="a.npy")
    b = written(tokens, rows, path="b.npy")
    assert not difference(a, b).same
    assert not difference(b, a).same


def test_bits_count_not_values() -> None:
    a = written(["zero", "nan"], values(0.0, np.nan), path="a.npy")
    b = written(["zero", "nan"], values(-0.0, np.nan), path="b.npy")
    assert difference(a, b).changed == kept(("zero", 0, 0))


def test_the_last_value_counts_too() -> None:
    rows = random_rows(3000, 300)
    other = rows.copy()
    other[[0, 1700, 2999], -1] += 1
    tokens = [f"w{i}" for i in range(3000)]
    a, b = written(tokens, rows, path="a.npy"), written(tokens, other, path="b.npy")
    assert difference(a, b).changed == kept(*((f"w{i}", i, i) for i in (0, 1700, 2999)))
    order = np.random.default_rng(4).permutation(3000)
    b = written([tokens[i] for i in order], other[order], path="b.npy")
    found = difference(a, b)
    assert found.changed is not None
    assert {move.token for move in found.changed.tokens} == {"w0", "w1700", "w2999"}
    assert found.moved.count == np.count_nonzero(order != np.arange(3000))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (values(1, 2, dtype="float16"), "of float32 and float16"),
        (random_rows(2, 5), "of 2 and 5 dimensions"),
    ],
)
def test_vectors_of_another_kind_are_not_compared(rows: NDArray[Any], reason: str) -> None:
    a = written(["a", "b"], values(1, 2), [EXACT, OOV], path="a.npy")
    b = written(["a", "b"], rows, [EXACT, EXACT], path="b.npy")
    found = difference(a, b)
    assert found.incomparable == reason
    assert found.changed is None
    assert not found.same
    assert (found.unchanged, found.found) == (1, kept(("b", 1, 1)))
    assert found.transitions == (Transition("oov", "exact", 1, (Move("b", 1, 1),)),)
    assert f"vectors     not compared: they are {reason}\n" in str(found)


def test_a_token_at_several_rows_is_paired_by_occurrence() -> None:
    a = written(["a", "a", "b", "a"], values(1, 1, 2, 1), path="a.npy")
    b = written(["b", "a", "a"], values(2, 1, 1), path="b.npy")
    found = difference(a, b)
    assert found.moved == kept(("a", 0, 1), ("a", 1, 2), ("b", 2, 0))
    assert found.removed == Only(1, (Unpaired("a", 3),))
    assert (found.added.count, found.changed) == (0, NONE)
    assert difference(b, a).added == Only(1, (Unpaired("a", 3),))


def test_a_matrix_without_any_token() -> None:
    a = written(["", ""], values(0, 0), [0, 0], path="a.npy")
    b = written(["", "a"], values(0, 1), [0, 3], path="b.npy")
    assert difference(a, b).added == Only(1, (Unpaired("a", 1),))
    assert difference(b, a).removed == Only(1, (Unpaired("a", 1),))
    assert difference(a, a).same


@pytest.mark.parametrize("tokens", [["a"], ["a", "b"], ["a", "", ""]])
def test_other_rows_of_no_token_before_are_a_difference(tokens: list[str]) -> None:
    a = written(["a", ""], values(1, 0), [3, 0], path="a.npy")
    b = written(tokens, values(1, *[0] * (len(tokens) - 1)), path="b.npy")
    assert not difference(a, b).same


WORD = st.text("ab\ud800日", max_size=2)
ROWS = st.lists(st.tuples(WORD, st.integers(0, 2), st.sampled_from([2, 3, 16])), max_size=9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, ROWS)
def test_one_token_after_the_other(
    before: list[tuple[str, int, int]], after: list[tuple[str, int, int]]
) -> None:
    """The counts are those of a loop over a dictionary."""
    matrices: list[EmbeddingMatrix] = []
    places: list[dict[tuple[str, int], tuple[int, int, int]]] = []
    for path, rows in (("a.npy", before), ("b.npy", after)):
        rows = [*rows, ("last", 1, 3)]
        tokens, numbers, codes = zip(*rows, strict=True)
        matrices.append(written(tokens, values(*numbers), codes, path=path))
        seen: Counter[str] = Counter()
        places.append({})
        for row, (token, value, code) in enumerate(rows):
            if token:
                places[-1][token, seen[token]] = (row, value, code)
                seen[token] += 1
    old, new = places
    both = [(old[key], new[key]) for key in old if key in new]
    found = difference(*matrices)
    assert found.removed.count == len(old.keys() - new.keys())
    assert found.added.count == len(new.keys() - old.keys())
    assert found.moved.count == sum(x[0] != y[0] for x, y in both)
    assert found.changed is not None
    assert found.changed.count == sum(x[1] != y[1] for x, y in both)
    assert found.unchanged == sum(x == y for x, y in both)
    assert found.found.count == sum(x[2] < EXACT <= y[2] for x, y in both)
    assert found.lost.count == sum(y[2] < EXACT <= x[2] for x, y in both)
    pairs = Counter((x[2], y[2]) for x, y in both if x[1:] != y[1:])
    labels = {2: "oov", 3: "exact", 16: "lower"}
    expected = {(labels[x], labels[y]): n for (x, y), n in pairs.items()}
    assert {(t.before, t.after): t.count for t in found.transitions} == expected


def test_the_most_frequent_transition_comes_first_and_examples_end_somewhere() -> None:
    tokens = [f"w{i}" for i in range(2500)]
    rows = np.zeros((2500, 1), np.float32)
    a = written(tokens, rows, [OOV] * 2500, path="a.npy")
    b = written(tokens, rows, [EXACT] * 100 + [LOWER] * 2400, path="b.npy")
    found = difference(a, b)
    assert [(t.after, t.count, len(t.tokens)) for t in found.transitions] == [
        ("lower", 2400, 1000),
        ("exact", 100, 100),
    ]
    assert found.found.count == 2500
    assert len(found.found.tokens) == 1000


def test_what_was_given_and_asked_for() -> None:
    a = written(["a"], values(1), path="a.npy", options={"oov": "zeros", "seed": 1, "old": True})
    [info] = blank_report().vectors
    b = written(
        ["a"],
        values(1),
        path="b.npy",
        surface="metaspace",
        options={"oov": "normal", "seed": 1, "oov_scale": 0.5},
        fallback=("lower", "accents"),
        vectors=(info._replace(fingerprint="other"), info._replace(path="more")),
    )
    old = {"path": info.path, "fingerprint": info.fingerprint}
    found = difference(a, b)
    assert found.settings == (
        Setting("vectors 1", old, {"path": info.path, "fingerprint": "other"}),
        Setting("vectors 2", None, {"path": "more", "fingerprint": info.fingerprint}),
        Setting("vocabulary surface", "plain", "metaspace"),
        Setting("fallback rules", [], ["lower", "accents"]),
        Setting("--oov", "zeros", "normal"),
        Setting("--old", True, None),
        Setting("--oov-scale", None, 0.5),
    )
    assert str(found).endswith(
        "inputs and options\n"
        "  vectors 1: v.txt → v.txt of other content\n"
        "  vectors 2: none → more\n"
        "  vocabulary surface: plain → metaspace\n"
        "  fallback rules: none → lower,accents\n"
        "  --oov: zeros → normal\n"
        "  --old: true → none\n"
        "  --oov-scale: none → 0.5"
    )


def test_a_vector_file_of_another_name_is_the_same_file() -> None:
    a = written(["a"], values(1), path="a.npy")
    b = written(
        ["a"], values(1), path="b.npy", vectors=(blank_report().vectors[0]._replace(path="z"),)
    )
    assert difference(a, b).settings == ()


def test_coverage_before_and_after() -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    Path("counts.tsv").write_text("the\t90\ncat\t10\n")
    embedprep.build("v.txt", ["the", "yak"], "a.npy")
    embedprep.build("v.txt", ["the", "cat", "yak"], "b.npy", counts="counts.tsv")
    found = compare(embedprep.open("a.npy"), "b.npy")
    assert (found.before.vocabulary, found.before.text) == (Share(2, 1), None)
    assert (found.after.vocabulary, found.after.text) == (Share(3, 2), Share(100, 100))
    assert (
        "coverage            before         after\n"
        "  vocabulary        50.0 %        66.7 %\n"
        "  your text        unknown       100.0 %\n"
    ) in str(found) + "\n"
    assert repr(found) == (
        "<Difference a.npy → b.npy: 1 tokens unchanged, 1 added, 0 removed, 0 found, 0 lost>"
    )


def test_json() -> None:
    a = written(["a", "\ud800"], values(1, 2), path="a.npy")
    b = written(["\ud800", "b"], values(3, 2), path="b.npy")
    found = difference(a, b)
    text = found.to_json()
    assert text.isascii()
    report = json.loads(text)
    assert report["schema"] == "embedprep.diff/1"
    assert report["same"] is False
    assert report["added"] == {"count": 1, "tokens": [{"token": "b", "row": 1}]}
    assert report["moved"]["tokens"] == [{"token": "\ud800", "before": 1, "after": 0}]
    assert report["transitions"][0]["before"] == "exact"


def test_rows_without_any_value() -> None:
    a, b = (written(["a"], np.zeros((1, 0), np.float32), path=path) for path in ("a.npy", "b.npy"))
    assert difference(a, b).same


def test_a_file_that_is_no_matrix() -> None:
    a = written(["a"], values(1))
    Path("b.npy").write_bytes(b"")
    with pytest.raises(InputError) as caught:
        compare(a, "b.npy")
    assert caught.value.path == "b.npy"


def test_the_rules_are_named_once() -> None:
    a = written(["a"], values(1), path="a.npy", options={"fallback": []})
    b = written(
        ["a"], values(1), path="b.npy", options={"fallback": ["lower"]}, fallback=("lower",)
    )
    c = written(["a"], values(1), path="c.npy", options={"fallback": "auto"}, fallback=("lower",))
    assert difference(a, b).settings == (Setting("fallback rules", [], ["lower"]),)
    assert difference(b, c).settings == (Setting("--fallback", ["lower"], "auto"),)
