"""A matrix whose report has more options, or fewer, is updated with those that there are."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.building import one_build
from embedprep.errors import InputError

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)


def build(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    shown = one_build._shown_options
    with monkeypatch.context() as patch:
        patch.setattr(one_build, "_shown_options", lambda options: change(shown(options)))
        embedprep.build("v.txt", ["the", "zebra"], "m.npy", oov="zeros")


def test_more_options(
    workdir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build(monkeypatch, lambda told: told | {"sparkle": {"a": 1}, "other": False})
    matrix, _, _ = embedprep.update("m.npy", ["cat", "zebra"], output="n.npy")
    assert matrix.tolist() == [[3, 4], [0, 0]]
    assert "m.npy was built by embedprep" in caplog.text
    assert "with the option 'sparkle' = {\"a\": 1}" in caplog.text
    assert "the new matrix is made without it" in caplog.text
    assert embedprep.verify("m.npy", vectors="v.txt", vocab=_vocab(["the", "zebra"])).ok
    assert "other" not in json.loads(Path("n.coverage.json").read_text())["options"]


def test_fewer_options(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(monkeypatch, lambda told: {"oov": told["oov"]})
    matrix, _, _ = embedprep.update("m.npy", ["cat", "zebra"])
    assert matrix.tolist() == [[3, 4], [0, 0]]
    embedprep.verify("m.npy", vectors="v.txt", vocab=_vocab(["the", "zebra"]))


def _vocab(tokens: list[str]) -> str:
    Path("vocab.json").write_text(json.dumps(tokens))
    return os.fspath("vocab.json")


def test_no_options_at_all(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    embedprep.convert("v.txt", "c.npy")
    with pytest.raises(InputError, match="it was converted, not built"):
        embedprep.update("c.npy", ["cat"])
