"""Several vector files: one fills what another left, or both stand side by side."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep.errors import EmbedprepError, InputError, UsageError
from embedprep.matching import combining
from embedprep.provenance import Provenance

VOCAB = ["<pad>", "the", "cat", "zebra", "yak", "dog"]
A = b"the 1 2\ncat 3 4\n"
B = b"the 9 9\ncat 9 9\nzebra 5 6\nold 7 7\n"
WIDE = b"zebra 1 2 3\nthe 4 5 6\n"


@pytest.fixture(autouse=True)
def files(workdir: Path) -> Path:
    for name, content in {"a.txt": A, "b.txt": B, "wide.txt": WIDE}.items():
        (workdir / name).write_bytes(content)
    return workdir


def test_a_later_file_fills_what_an_earlier_left() -> None:
    matrix, coverage = embedprep.build(["a.txt", "b.txt"], VOCAB, "m.npy", oov="zeros")
    assert matrix.tolist() == [[0, 0], [1, 2], [3, 4], [5, 6], [0, 0], [0, 0]]
    opened = embedprep.open("m.npy")
    assert opened.sources.tolist() == [0, 0b01, 0b01, 0b10, 0, 0]
    assert [info.path for info in coverage.vectors] == ["a.txt", "b.txt"]
    assert [info.rows for info in coverage.vectors] == [2, 1]
    assert [info.records for info in coverage.vectors] == [2, 4]
    assert coverage.counts.rows == {
        "exact": 3, "subword": 0, "partial": 0, "oov": 2, "padding": 1, "unassigned": 0,
    }  # fmt: skip
    assert "2 records of 2, 2 rows" in str(coverage)


def test_the_order_of_the_files_is_the_order_of_preference() -> None:
    matrix, _ = embedprep.build(["b.txt", "a.txt"], VOCAB, oov="zeros")
    assert matrix[1:4].tolist() == [[9, 9], [9, 9], [5, 6]]


def test_a_key_that_the_first_file_has_is_no_duplicate_in_the_second() -> None:
    _, coverage = embedprep.build(["a.txt", "b.txt"], VOCAB, on_duplicate="error")
    assert coverage.records["duplicates"] == 0


def test_side_by_side() -> None:
    matrix, coverage = embedprep.build(
        ["a.txt", "wide.txt"], VOCAB, "m.h5", combine="concat", oov="zeros"
    )
    assert matrix.tolist() == [
        [0, 0, 0, 0, 0],
        [1, 2, 4, 5, 6],
        [3, 4, 0, 0, 0],
        [0, 0, 1, 2, 3],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
    ]
    opened = embedprep.open("m.h5")
    assert opened.sources.tolist() == [0, 0b11, 0b01, 0b10, 0, 0]
    assert opened.provenance.tolist() == [
        Provenance.PADDING, Provenance.EXACT, Provenance.PARTIAL, Provenance.PARTIAL,
        Provenance.OOV, Provenance.OOV,
    ]  # fmt: skip
    assert coverage.counts.vocabulary.found == 3
    assert coverage.counts.rows["partial"] == 2
    assert "in some of the files" in str(coverage)
    assert json.loads(coverage.to_json())["options"]["combine"] == "concat"


@pytest.mark.parametrize("oov", ["uniform", "normal", "mean"])
def test_a_missing_half_follows_the_rule_for_tokens_without_a_vector(oov: str) -> None:
    both, _ = embedprep.build(["a.txt", "wide.txt"], VOCAB, combine="concat", oov=oov, seed=3)
    left, _ = embedprep.build("a.txt", VOCAB, oov=oov, seed=3)
    right, _ = embedprep.build("wide.txt", VOCAB, oov=oov, seed=3)
    assert both[:, :2].tobytes() == left.tobytes()
    if oov == "mean":
        assert both[:, 2:].tobytes() == right.tobytes()
    # Else the columns of one wide random row, not the first ones twice.
    assert np.array_equal(both[[1, 3], 2:], right[[1, 3]])
    assert (both[4] != 0).all()


@given(st.integers(1, 9), st.integers(1, 9))
def test_a_random_row_does_not_show_where_the_files_meet(left: int, right: int) -> None:
    with_vectors = [f"x{' 1' * dim}\n".encode() for dim in (left, right, left + right)]
    for name, content in zip("lrw", with_vectors, strict=True):
        Path(name).write_bytes(content)
    halves, _ = embedprep.build(["l", "r"], ["x", "unknown"], combine="concat")
    whole, _ = embedprep.build("w", ["x", "unknown"])
    assert halves.tobytes() == whole.tobytes()


BAD: dict[str, tuple[dict[str, object], type[EmbedprepError], str]] = {
    "two dimensions": ({"vectors": ["a.txt", "wide.txt"]}, InputError, "--combine concat"),
    "the same file twice": ({"vectors": ["a.txt", "a.txt"]}, UsageError, "twice"),
    "none": ({"vectors": []}, UsageError, "at least one"),
    "too many": ({"vectors": [f"{i}.txt" for i in range(9)]}, UsageError, "at most 8"),
    "no such rule": ({"vectors": "a.txt", "combine": "sum"}, UsageError, "fill, concat"),
    "the second is missing": ({"vectors": ["a.txt", "no.txt"]}, InputError, "no such file"),
    "tokens of which": (
        {"vectors": ["a.txt", "b.txt"], "vectors_tokens": "t.json"},
        UsageError,
        "beside its file",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_makes_no_sense_is_refused(name: str, workdir: Path) -> None:
    options, kind, text = BAD[name]
    with pytest.raises(kind) as caught:
        embedprep.build(**{"vocab": VOCAB, "output": "m.npy"} | options)  # type: ignore[arg-type]
    assert text in str(caught.value)
    assert not (workdir / "m.npy").exists()


def test_an_output_may_not_be_the_second_file() -> None:
    with pytest.raises(UsageError, match="never overwritten"):
        embedprep.build(["a.txt", "b.txt"], VOCAB, "x.npy", report="b.txt")


def test_progress_adds_up_over_the_files() -> None:
    seen: list[int | None] = []

    class Display:
        def __init__(self, total: int | None) -> None:
            seen.append(total)

        def __enter__(self):  # type: ignore[no-untyped-def]
            return seen.append

        def __exit__(self, *details: object) -> None:
            pass

    embedprep.build(["a.txt", "b.txt"], VOCAB, progress=Display)
    assert seen[0] == len(A) + len(B) == sum(count or 0 for count in seen[1:])


def test_files_are_the_bits_of_a_byte() -> None:
    assert np.iinfo(np.uint8).bits == combining.MOST_FILES


@pytest.fixture
def model() -> str:
    datapath = pytest.importorskip("gensim.test.utils").datapath

    return str(datapath("crime-and-punishment.bin"))


def test_n_grams_count_as_found_and_are_told_apart(model: str) -> None:
    Path("counts.tsv").write_text("the\t90\nunheardof\t10\n")
    _, coverage = embedprep.build(model, ["the", "unheardof"], "m.npy", counts="counts.tsv")
    assert (coverage.counts.vocabulary.found, coverage.counts.vocabulary.subword) == (2, 1)
    assert coverage.counts.text is not None
    assert (coverage.counts.text.found, coverage.counts.text.subword) == (100, 10)
    assert coverage.counts.missing == ()
    assert "1 of them made of n-grams or pieces" in str(coverage)
    codes = embedprep.open("m.npy").provenance.tolist()
    assert codes == [Provenance.EXACT, Provenance.SUBWORD]


def test_n_grams_can_be_left_out(model: str) -> None:
    _, coverage = embedprep.build(model, ["the", "unheardof"], subwords=False)
    assert [missing.token for missing in coverage.counts.missing] == ["unheardof"]


def test_a_word_in_any_file_is_better_than_its_n_grams(model: str) -> None:
    Path("w.txt").write_text("unheardof 1 2 3 4 5\n")
    for files in ([model, "w.txt"], ["w.txt", model]):
        matrix, coverage = embedprep.build(files, ["unheardof", "unseen"], "m.npy")
        assert matrix[0].tolist() == [1, 2, 3, 4, 5]
        assert coverage.counts.rows["subword"] == 1
        places = {Path(info.path).name: 1 << i for i, info in enumerate(coverage.vectors)}
        sources = embedprep.open("m.npy").sources.tolist()
        assert sources == [places["w.txt"], places["crime-and-punishment.bin"]]


def test_n_grams_of_the_first_model_stay(model: str) -> None:
    Path("second.bin").write_bytes(Path(model).read_bytes())
    _, coverage = embedprep.build([model, "second.bin"], ["unheardof"])
    assert [info.rows for info in coverage.vectors] == [1, 0]


def test_a_row_side_by_side_with_n_grams_is_made_of_n_grams(model: str) -> None:
    Path("w.txt").write_text("unheardof 1\nthe 2\n")
    _, coverage = embedprep.build(["w.txt", model], ["unheardof", "the"], combine="concat")
    assert coverage.counts.rows["subword"] == 1
    assert coverage.counts.rows["exact"] == 1
