"""Builds are read together exactly if their vectors are read in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.building import batch
from embedprep.building.job import Job
from embedprep.building.reading import Reading
from embedprep.indexing.reuse import Reuse
from embedprep.vectors import Request

OF_READING = tuple(field.name for field in fields(Reading))
FIELDS = [*OF_READING, *Request._fields]

BASE: dict[str, Any] = {"vectors": "v.npy", "vocab": ["cat"], "threads": 2, "engine": "dask"}

DIFFERENT: dict[str, dict[str, Any]] = {
    "files": {"vectors": ["v.npy", "w.npy"]},
    "combine": {"combine": "concat"},
    "key_forms": {"key_form": "/c/en/{}"},
    "on_malformed": {"on_malformed": "skip"},
    "index": {"index": "ignore"},
    "engine": {"engine": "local"},
    "scheduler": {"scheduler": "tcp://there:1"},
    "worker_timeout": {"worker_timeout": 5},
    "storage_option": {"storage_option": "anon=true"},
    "path": {"vectors": "w.npy"},
    "format": {"vectors_format": "npy"},
    "tokens": {"vectors_tokens": "words.txt"},
    "dim": {"dim": 2},
    "threads": {"threads": 1},
    "tensor": {"vectors": "w.npy"},
    "subwords": {"subwords": False},
    "compose": {"compose": False},
    "trust_pickle": {"trust_pickle": True},
}
"""For each field of a reading, and of its requests, an option of `build` that changes it."""

NO_OPTION = {"block_bytes", "reuse"}
"""No argument of `build` changes these."""


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many jobs have been read together, each time."""
    seen: list[int] = []

    def count(jobs: Sequence[Job]) -> list[Any]:
        seen.append(len(jobs))
        return [None] * len(jobs)

    monkeypatch.setattr(batch, "run", count)
    return seen


def test_every_field_is_looked_at() -> None:
    assert set(FIELDS) == DIFFERENT.keys() | NO_OPTION


@pytest.mark.parametrize("name", sorted(DIFFERENT))
def test_an_option_that_changes_the_reading_keeps_builds_apart(
    name: str, groups: list[int]
) -> None:
    embedprep.build_all([BASE, BASE | DIFFERENT[name], BASE])
    assert groups == [2, 1]


def test_options_of_one_matrix_do_not(groups: list[int]) -> None:
    own: list[dict[str, Any]] = [
        {"oov": "zeros"},
        {"dtype": "float16"},
        {"fallback": "all"},
        {"on_duplicate": "last"},
        {"vocab": ["dog"]},
        {"output": "m.npy"},
    ]
    embedprep.build_all([BASE, *(BASE | options for options in own)])
    assert groups == [1 + len(own)]


def some_reading() -> Reading:
    return Reading(
        files=(Request("v.txt"),),
        combine="fill",
        key_forms=(),
        on_malformed="error",
        index="use",
        reuse=None,
        engine="local",
        scheduler=None,
        worker_timeout=20,
        storage_option=(),
    )


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_tells_readings_apart(field: str) -> None:
    one: Any = some_reading()
    value = object()
    if field in OF_READING:
        other: Any = replace(one, **{field: value})
    else:
        request: Any = one.files[0]
        other = replace(one, files=(request._replace(**{field: value}),))
    assert one == some_reading()
    assert hash(one) == hash(some_reading())
    assert one != other


def test_rows_are_reused_of_one_state_of_one_matrix() -> None:
    def of(path: str, modified_ns: int) -> Reading:
        return replace(some_reading(), reuse=Reuse(path, modified_ns, np.zeros((1, 2)), {}))

    assert of("m.npy", 1) == of("m.npy", 1)
    assert len({of("m.npy", 1), of("m.npy", 2), of("n.npy", 1), some_reading()}) == 4


def test_each_matrix_is_read_with_its_own_options(workdir: Path) -> None:
    (workdir / "v.txt").write_bytes(b"cat 1 2\ndog x 4\n")
    builds = [{"vectors": "v.txt", "vocab": ["cat"], "dim": dim} for dim in (2, 3)]
    with pytest.raises(embedprep.InputError, match="--dim asks for 3"):
        embedprep.build_all(builds)
