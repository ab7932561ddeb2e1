"""Whatever is in the files: an update gives what a build from scratch does, and reads less."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.core import reference as _reference
from embedprep.indexing import ENDING
from tests.indexing.readings import read_sizes
from tests.updating.updates import compared, updated

CONTAINERS = [".npy", ".h5", ".safetensors"]

KEYS = ["the", "cat", "Cat", "New York", "é", "dog", "don", "n't", "do", "mid", "1990s", "#", "x"]
TOKENS = ["", *KEYS[:6], "CAT", "DOG", "don't", "mid-1990s", "1990", "zebra", "The", "E\u0301"]
Record = tuple[str, tuple[float, float]]

RECORDS = st.lists(
    st.tuples(st.sampled_from(KEYS), st.tuples(*[st.sampled_from([0.1, -2.5, 1e-7, 3.0])] * 2)),
    min_size=1,
    max_size=25,
)
VOCAB = st.lists(st.sampled_from(TOKENS), unique=True, min_size=1)


def as_text(records: list[Record]) -> bytes:
    lines = ["first 1 2"] * 3 + [f"{key} {a!r} {b!r}" for key, (a, b) in records]
    return "".join(line + "\n" for line in lines).encode()


def as_word2vec(records: list[Record]) -> bytes:
    body = b"".join(
        key.encode().replace(b" ", b"_") + b" " + np.array(row, "<f4").tobytes() + b"\n"
        for key, row in records
    )
    return b"%d 2\n" % len(records) + body


def write(path: str, content: bytes) -> None:
    """A file of which no index is left."""
    Path(path).write_bytes(content)
    Path(path + ENDING).unlink(missing_ok=True)


@given(
    RECORDS,
    VOCAB,
    VOCAB,
    st.sampled_from(["v.txt", "v.bin"]),
    st.fixed_dictionaries(
        {
            "on_duplicate": st.sampled_from(["first", "last", "first", "last", "error"]),
            "fallback": st.sampled_from([(), "lower", "lower,contraction", "all", "auto"]),
            "dtype": st.sampled_from(["float32", "float32", "float16"]),
            "oov": st.sampled_from(["uniform", "normal", "mean"]),
            "seed": st.integers(0, 3),
            "threads": st.sampled_from([1, 2]),
        }
    ),
    st.booleans(),
)
@example([("the", (0.1, 0.1)), ("cat", (3.0, 0.1)), ("the", (3.0, 3.0))], ["the"], ["cat", "the"],
         "v.txt", {"on_duplicate": "last"}, False)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_vectors_and_vocabularies(
    records: list[Record],
    old: list[str],
    new: list[str],
    path: str,
    options: dict[str, Any],
    two_files: bool,
) -> None:
    write(path, as_text(records) if path == "v.txt" else as_word2vec(records))
    files = [path]
    if two_files:
        write("second.txt", as_text(records[::-1][: len(records) // 2]))
        files.append("second.txt")
    if path == "v.bin":
        options["vectors_format"] = None if two_files else "word2vec-binary"
    taken = updated(files, old, new, **options)
    if taken is None or two_files or options.get("fallback"):
        return
    there = [key if path == "v.txt" else key.replace(" ", "_") for key, _ in records]
    found = [there.count(token) for token in new]
    assert taken.reused == len({*old} & {*new} & {*there})
    assert taken.reused + taken.looked_up == sum(found)


VECTORS = as_text([(key, (number / 10, -1.5 * number)) for number, key in enumerate(KEYS)] * 2)
OLD = ["", "the", "cat", "zebra", "don't", "CAT"]
NEW = ["cat", "The", "dog", "é", "don't", "the", "mid-1990s", "zebra"]


@pytest.mark.parametrize("ending", CONTAINERS)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("fallback", [(), "all"])
@pytest.mark.parametrize("on_duplicate", ["first", "last"])
def test_every_container(
    ending: str, dtype: str, fallback: str | tuple[str, ...], on_duplicate: str
) -> None:
    write("v.txt", VECTORS)
    options = {"dtype": dtype, "fallback": fallback, "on_duplicate": on_duplicate, "seed": 7}
    taken = updated("v.txt", OLD, NEW, ending=ending, **options)
    assert taken is not None
    rounded_parts = dtype == "float16" and fallback == "all"
    assert bool(taken.reused) is not rounded_parts


def test_the_other_container_than_the_old_one() -> None:
    write("v.txt", VECTORS)
    embedprep.build("v.txt", OLD, "old.h5", index="make")
    embedprep.build("v.txt", NEW, "new.npy", index="ignore")
    fresh = Path("new.npy").read_bytes()
    assert embedprep.update("old.h5", NEW, output="new.npy").taken.reused == 2
    assert Path("new.npy").read_bytes() == fresh


def test_an_update_of_an_update() -> None:
    write("v.txt", VECTORS)
    embedprep.build("v.txt", OLD, "0.npy", index="make")
    embedprep.update("0.npy", NEW, output="1.npy")
    taken = compared("v.txt", [*NEW, "x"], old="1")
    assert taken is not None
    # Of the old vectors the duplicates are looked up, for they are counted.
    assert (taken.reused, taken.looked_up) == (4, 4 + 2)


def test_several_files_fill_each_other() -> None:
    write("a.txt", as_text([("the", (1, 1)), ("cat", (2, 2)), ("DOG", (3, 3))]))
    write("b.txt", as_text([("cat", (4, 4)), ("dog", (5, 5)), ("x", (6, 6))]))
    files = ["a.txt", "b.txt"]
    taken = updated(files, ["the", "dog"], ["dog", "the", "cat", "x"], fallback="upper")
    assert taken is not None
    assert (taken.reused, taken.looked_up) == (2, 2)


def test_side_by_side_nothing_is_reused(caplog: pytest.LogCaptureFixture) -> None:
    write("a.txt", VECTORS)
    write("b.txt", as_text([("cat", (4, 4))]))
    taken = updated(["a.txt", "b.txt"], OLD, NEW, combine="concat")
    assert taken is not None
    assert str(taken) == "nothing reused from old.npy"
    assert "no row of old.npy is reused: the vectors of several files stand side" in caplog.text


def test_pieces_are_made_of_the_same_words() -> None:
    write("v.txt", VECTORS)
    Path("words.txt").write_text("dog\t3\ncat\t2\nmid\t1\n")
    marked = ["[PAD]", "[UNK]", "the", "##og", "##at", "cat"]
    options = {"pieces": "mean", "words": "words.txt"}
    taken = updated("v.txt", marked, [*marked, "dog", "##id"], **options)
    assert taken is not None
    assert taken.reused == 2


@pytest.mark.parametrize(
    "old",
    [
        ["<pad>", "Ġthe", "Ġcat", "Ġ#", "do"],  # byte-level
        ["<pad>", "▁the", "▁cat", "▁#", "do"],
        ["[PAD]", "[UNK]", "the", "cat", "#", "##do"],
        ["<pad>", "the</w>", "cat</w>", "#</w>", "do"],
    ],
)
def test_words_under_the_marks_of_a_tokenizer(old: list[str]) -> None:
    write("v.txt", VECTORS)
    new = [*old[:-2], old[2].replace("the", "dog").replace("cat", "dog")]
    taken = updated("v.txt", old, new)
    assert taken is not None
    assert taken.reused == 2


def test_a_special_token_is_no_other_word() -> None:
    """`▁the` is the word `the`, and `the` of the added tokens is itself."""
    write("v.txt", VECTORS)
    old = ["<pad>", "▁dog", "<unk>", "▁x", "▁cat"]
    assert updated("v.txt", old, ["<pad>", "▁cat", "▁x", "dog", "<unk>"]) is not None


def test_counts_and_frequencies_of_the_first_build() -> None:
    write("v.txt", VECTORS)
    Path("counts.txt").write_text("the\t10\ncat\t3\ndog\t1\n")
    assert updated("v.txt", OLD, NEW, counts="counts.txt", oov="normal") is not None


def test_a_row_that_was_skipped_is_looked_at_again() -> None:
    write("v.txt", VECTORS + b"cat 1 nan\nzebra 1 x\nzebra 7 8\n")
    for on_duplicate in ("first", "last"):
        taken = updated("v.txt", OLD, NEW, on_malformed="skip", on_duplicate=on_duplicate)
        assert taken is not None
        assert taken.reused == 3
    assert updated("v.txt", ["the"], NEW) is None, "its build fails, and so does the update"


def test_keys_of_one_hash(monkeypatch: pytest.MonkeyPatch, implementation: str) -> None:
    if implementation == "native":
        pytest.skip("the hash of the reference is the one that can be replaced")
    monkeypatch.setattr(_reference, "_hash", len)
    write("v.txt", VECTORS)
    taken = updated("v.txt", ["", "the", "dog"], ["cat", "dog", "don"])
    assert taken is not None
    assert taken.reused == 1


def test_only_what_is_new_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    row = " ".join(["0.125"] * 50)
    Path("v.txt").write_text("".join(f"word{number} {row}\n" for number in range(20_000)))
    old = [f"word{number}" for number in range(0, 20_000, 10)]
    new = [*old[500:], *(f"word{number}" for number in range(1, 51, 10))]
    embedprep.build("v.txt", old, "old.npy", index="make")
    sizes = read_sizes(monkeypatch)
    embedprep.build("v.txt", new, "fresh.npy")
    with_index = sum(sizes)
    sizes.clear()
    _, _, taken = embedprep.update("old.npy", new, output="new.npy")
    assert (taken.reused, taken.looked_up) == (1500, 5)
    vectors = sum(len(f"{word} {row}\n") for word in old[500:])
    assert sum(sizes) == pytest.approx(with_index - vectors, abs=100)
    assert os.path.getsize("v.txt") > 10 * vectors


def test_in_memory() -> None:
    write("v.txt", VECTORS)
    embedprep.build("v.txt", OLD, "old.npy", index="make")
    matrix, coverage, taken = embedprep.update("old.npy", NEW)
    fresh, report = embedprep.build("v.txt", NEW)
    assert matrix.tobytes() == fresh.tobytes()
    assert {**coverage.to_dict(), "run": None} == {**report.to_dict(), "run": None}
    assert str(taken) == "2 vectors reused from old.npy, 6 looked up"
