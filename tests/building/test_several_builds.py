"""Several builds at once: each as if it were alone, and the vectors read once."""

from __future__ import annotations

import json
import os
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep.building import one_build, pipeline
from embedprep.building.one_build import annotate
from embedprep.building.states import Annotated, Found, Measured, Sought
from embedprep.containers import AtomicFile
from embedprep.errors import InputError, OutputError, UsageError
from embedprep.lookup import Lookup
from embedprep.matching.combining import Part, Target, fill_again
from tests.indexing.readings import read_sizes

WORDS = ["the", "dog", "Paris", "paris", "well-known", "known", "well", "zebra"]
VECTORS = b"the 1 2\ncat 3 4\ndog 5 6\nparis 7 8\nwell 1 1\nknown 3 5\nthe 9 9\n"


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    (workdir / "v.txt").write_bytes(VECTORS)
    (workdir / "w.txt").write_bytes(b"cat 1 1\nParis 2 2\nzebra 3 3\n")
    (workdir / "words.tsv").write_text("known 3\nunknown 2\n".replace(" ", "\t"))
    return workdir


def told(result: tuple[Any, embedprep.CoverageReport]) -> tuple[bytes, dict[str, Any]]:
    """What must not depend on the company: the rows and the report."""
    matrix, coverage = result
    report = coverage.to_dict()
    del report["run"]
    return np.asarray(matrix).tobytes(), report


def each_alone(builds: list[dict[str, Any]]) -> list[tuple[bytes, dict[str, Any]]]:
    return [told(embedprep.build(**build)) for build in builds]


@st.composite
def some_builds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Builds of which some can share a reading, and some cannot."""
    return [
        {
            "vectors": draw(st.sampled_from(["v.txt", ["v.txt", "w.txt"], "w.txt"])),
            "vocab": ["cat", *draw(st.lists(st.sampled_from(WORDS), unique=True))],
            "oov": draw(st.sampled_from(["zeros", "uniform", "mean"])),
            "dtype": draw(st.sampled_from(["float32", "float16"])),
            "on_duplicate": draw(st.sampled_from(["first", "last"])),
            "fallback": draw(st.sampled_from([(), "lower", "all", "auto"])),
            "combine": draw(st.sampled_from(["fill", "fill", "concat"])),
        }
        for _ in range(draw(st.integers(1, 4)))
    ]


@given(builds=some_builds())
def test_each_build_as_if_it_were_alone(builds: list[dict[str, Any]]) -> None:
    together = [told(result) for result in embedprep.build_all(builds)]
    assert together == each_alone(builds)


def test_bad_records_are_counted_for_those_who_want_them() -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat x 4\ndog nan 6\ncat 3 4\nzebra 1\n")
    common: dict[str, Any] = {"vectors": "v.txt", "on_malformed": "skip"}
    builds = [{**common, "vocab": vocab} for vocab in (["the"], ["cat", "the"], ["dog"])]
    results = [told(result) for result in embedprep.build_all(builds)]
    assert results == each_alone(builds)
    counted = [report["records"] for _, report in results]
    assert [one["malformed"] for one in counted] == [1, 2, 1]
    assert [one["nonfinite"] for one in counted] == [0, 0, 1]


def test_pieces_and_fallbacks_of_one_are_none_of_the_other() -> None:
    pieces = {"vocab": ["known", "##known", "##unk"], "pieces": "mean", "words": "words.tsv"}
    builds: list[dict[str, Any]] = [
        {"vectors": "v.txt", **pieces},
        {"vectors": "v.txt", "vocab": ["well-known", "Paris"], "fallback": "all"},
        {"vectors": "v.txt", "vocab": ["well-known", "Paris"]},
    ]
    assert [told(result) for result in embedprep.build_all(builds)] == each_alone(builds)


def test_the_vectors_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_sizes(monkeypatch)
    embedprep.build("v.txt", ["the"])
    alone = sum(read)
    read.clear()
    embedprep.build_all([{"vectors": "v.txt", "vocab": [word]} for word in WORDS])
    assert sum(read) == alone >= len(VECTORS)


def test_a_pipe_serves_all_that_read_it_in_one_way() -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(VECTORS))
    writer.start()
    results = embedprep.build_all([{"vectors": "pipe", "vocab": [word]} for word in ("cat", "dog")])
    writer.join()
    assert [matrix.tolist() for matrix, _ in results] == [[[3, 4]], [[5, 6]]]


def test_and_no_others() -> None:
    os.mkfifo("pipe")
    builds = [{"vectors": "pipe", "vocab": ["cat"], "dim": dim} for dim in (None, 2)]
    with pytest.raises(UsageError, match="a pipe can be read only once") as caught:
        embedprep.build_all(builds)
    assert caught.value.path == "pipe"


def test_what_is_read_together_is_published_together_or_not_at_all() -> None:
    Path("v.txt").write_bytes(VECTORS + b"zebra 1e9 1\n")
    good = {"vectors": "v.txt", "vocab": ["cat"], "output": "good.npy"}
    bad = {"vectors": "v.txt", "vocab": ["zebra"], "output": "bad.npy", "dtype": "float16"}
    before = sorted(os.listdir())
    with pytest.raises(InputError, match="beyond the range of float16"):
        embedprep.build_all([good, bad])
    assert sorted(os.listdir()) == before
    [(matrix, _)] = embedprep.build_all([good])
    assert matrix.tolist() == [[3, 4]]


def test_results_come_in_the_order_of_the_builds() -> None:
    builds = [
        {"vectors": name, "vocab": ["cat"], "output": f"{i}.npy"}
        for i, name in enumerate(["v.txt", "w.txt", "v.txt"])
    ]
    results = embedprep.build_all(builds)
    assert [coverage.matrix.path for _, coverage in results] == ["0.npy", "1.npy", "2.npy"]
    assert [matrix.tolist() for matrix, _ in results] == [[[3, 4]], [[1, 1]], [[3, 4]]]
    assert json.loads(Path("1.coverage.json").read_bytes())["vectors"][0]["path"] == "w.txt"


@pytest.mark.parametrize(
    ("builds", "reason"),
    [
        ([{"vectors": "v.txt"}], "a build has no 'vocab'"),
        ([{"vectors": "v.txt", "vocab": ["a"], "seeds": 1}], "'seeds'"),
    ],
)
def test_arguments_are_those_of_build(builds: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        embedprep.build_all(builds)


def test_outputs_are_told_apart_whatever_they_are_called() -> None:
    Path("real.npy").write_bytes(b"")
    os.link("real.npy", "other.npy")
    builds = [
        {"vectors": "v.txt", "vocab": ["cat"], "output": name} for name in ("real.npy", "other.npy")
    ]
    with pytest.raises(UsageError, match="two builds would write it"):
        embedprep.build_all(builds)


def test_nothing_comes_of_no_builds() -> None:
    assert embedprep.build_all([]) == []


def test_a_report_that_cannot_be_written_keeps_all_back(monkeypatch: pytest.MonkeyPatch) -> None:
    builds = [{"vectors": "v.txt", "vocab": ["cat"], "output": f"{i}.npy"} for i in range(2)]
    before, write, full = sorted(os.listdir()), AtomicFile.write, iter([False, True])

    def fails_once(file: AtomicFile, content: bytes) -> None:
        if next(full, False):
            raise OutputError("there is no space left", "Make room.", path="1.coverage.json")
        write(file, content)

    monkeypatch.setattr(AtomicFile, "write", fails_once)
    with pytest.raises(OutputError, match="no space"):
        embedprep.build_all(builds)
    assert sorted(os.listdir()) == before


@pytest.fixture
def keys_sought(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Lookup]]:
    """What was looked for, in the order of the readings."""
    sought: list[weakref.ref[Lookup]] = []
    target = one_build.target_of

    def remember(build: Sought | Found) -> Target:
        found = target(build)
        sought.append(weakref.ref(found.lookup))
        return found

    monkeypatch.setattr(pipeline, "target_of", remember)
    return sought


def test_the_words_are_let_go_before_the_report(
    keys_sought: list[weakref.ref[Lookup]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large vocabulary they take as much memory as its tokens."""
    let_go: list[bool] = []

    def look_back(measured: Measured) -> Annotated:
        let_go.append(all(keys() is None for keys in keys_sought))
        return annotate(measured)

    monkeypatch.setattr(pipeline, "annotate", look_back)
    embedprep.build_all([{"vectors": "v.txt", "vocab": words} for words in (WORDS, WORDS[1:])])
    assert len(keys_sought) == 2
    assert let_go == [True, True]


def test_the_exact_forms_are_let_go_before_the_second_reading(
    keys_sought: list[weakref.ref[Lookup]], monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go: list[bool] = []

    def look_back(part: Part, *arguments: Any) -> None:
        let_go.append(keys_sought[0]() is None)
        fill_again(part, *arguments)

    monkeypatch.setattr(pipeline, "fill_again", look_back)
    embedprep.build("v.txt", WORDS, fallback="lower")
    assert len(keys_sought) == 2
    assert let_go == [True]
