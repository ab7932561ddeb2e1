"""A name that no file can have is bad input, wherever it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.sources.paths import local_path

NAMES = ["a\0b", "a\ud800", "file:///tmp/a%00b"]
ARGUMENTS: list[dict[str, Callable[[str], Any]]] = [
    {"vectors": str},
    {"vocab": str},
    {"counts": str},
    {"words": str, "pieces": lambda name: "mean"},
    {"vectors_tokens": str},
    {"post_like": str},
    {"text": lambda name: [name]},
    {"output": str},
    {"report": str},
    {"html": str},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("given", ARGUMENTS, ids=lambda given: "-".join(given))
def test_as_an_argument_of_a_build(
    workdir: Path, given: dict[str, Callable[[str], Any]], name: str
) -> None:
    Path("v.txt").write_text("the 1 2\n")
    Path("v.json").write_text(json.dumps(["the"]))
    told = {"vectors": "v.txt", "vocab": "v.json", "output": "m.npy"}
    with pytest.raises(InputError, match="no file can have this name"):
        embedprep.build(**told | {key: of(name) for key, of in given.items()})
    assert sorted(path.name for path in workdir.iterdir()) == ["v.json", "v.txt"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "act", [embedprep.open, embedprep.verify, embedprep.examine, embedprep.index]
)
def test_as_a_file_to_read(act: Callable[[str], object], name: str) -> None:
    with pytest.raises(InputError, match="no file can have this name"):
        act(name)


def test_as_a_path_that_is_no_text() -> None:
    with pytest.raises(InputError, match="no file can have this name"):
        embedprep.build("v.txt", Path(NAMES[0]))


def test_other_names_stay() -> None:
    for name in ("a b", "é", "\udcff", "-", "https://host/a%00b", "x" * 5_000):
        assert local_path(name) == name
