"""What earlier versions wrote can still be read. `make` says how a folder comes about."""

from __future__ import annotations

import hashlib
import html.parser
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.indexing.key_index import KeyIndex
from embedprep.matrix.stored_report import read_report
from tests.written_by.make import HERE, RECORDS, VOCAB

FOLDERS = sorted(path for path in HERE.iterdir() if path.is_dir() and path.name[0].isdigit())
CONTAINERS = ("npy.npy", "hdf5.h5", "safetensors.safetensors", "half.npy")

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.parametrize("written_by", FOLDERS, ids=lambda path: path.name),
]


@pytest.fixture
def folder(written_by: Path, workdir: Path) -> Path:
    shutil.copytree(written_by, workdir, dirs_exist_ok=True)
    return workdir


def test_there_is_one_of_the_first_version(written_by: Path) -> None:
    assert (HERE / "0.1.0").is_dir()
    assert len(list(written_by.iterdir())) >= 15


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers(name: str, folder: Path) -> None:
    matrix = embedprep.open(name)
    assert matrix.tokens == VOCAB
    for token in ("the", "Köln", "New York"):
        assert np.array_equal(
            matrix[matrix.row(token)], np.array(RECORDS[token], matrix.array.dtype)
        )
    if name != "half.npy":
        assert matrix[2].tolist() == [3, 4]
        assert matrix.coverage.fallback == ("lower",)
        assert "cat" in str(matrix.explain("Cat"))
    assert matrix.coverage.versions["embedprep"]
    assert str(matrix.coverage)
    assert embedprep.verify(name).ok, str(embedprep.verify(name))
    rows, _ = embedprep.build(name, ["Köln", "the"])
    assert rows[1].tolist() == list(RECORDS["the"])


@pytest.mark.parametrize("name", ["post.npy", "int8.npy"])
def test_matrices_with_more_arrays(name: str, folder: Path) -> None:
    matrix = embedprep.open(name)
    assert embedprep.verify(name).ok, str(embedprep.verify(name))
    vectors = np.array([RECORDS["the"], RECORDS["Köln"]], np.float32)
    rows = matrix.array[[matrix.row("the"), matrix.row("Köln")]]
    assert np.abs(matrix.transform(vectors) - rows).max() < (0.03 if name == "int8.npy" else 1e-9)
    assert (matrix.scales is not None) == (name == "int8.npy")
    again, _ = embedprep.build(name, ["Köln", "the"])
    assert np.array_equal(again[::-1], rows)


@pytest.mark.parametrize("name", CONTAINERS)
def test_updated_as_built_anew(name: str, folder: Path) -> None:
    update, _, _ = embedprep.update(name, ["cat", "zebra", "New York"], counts="counts.json")
    assert update[0].tolist() == list(RECORDS["cat"])
    assert update[2].tolist() == list(RECORDS["New York"])


def test_converted(folder: Path) -> None:
    matrix = embedprep.open("converted.npy")
    assert dict(zip(matrix.tokens, matrix.array.tolist(), strict=True)) == {
        key: np.array(row, np.float32).tolist() for key, row in RECORDS.items()
    }
    assert embedprep.verify("converted.npy").ok


@pytest.mark.parametrize("name", [*CONTAINERS, "converted.npy"])
def test_reports(name: str, folder: Path) -> None:
    path = os.path.splitext(name)[0] + ".coverage.json"
    if name != "converted.npy":
        report = read_report(path)
        assert report.matrix == read_report(name).matrix
        assert str(report)


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.bin"])
def test_indexes(name: str, folder: Path) -> None:
    """The file was copied, so its index is made again; it is the same but for the times."""
    size = os.path.getsize(name)
    old = KeyIndex.read(name + ".embedprep-index", size)
    os.unlink(name + ".embedprep-index")
    new = KeyIndex.read(embedprep.index(name), size)
    assert (old.fingerprint, old.stamp.ends, old.stamp.layout) == (
        new.fingerprint,
        new.stamp.ends,
        new.stamp.layout,
    )
    for array in ("hashes", "places", "checks", "marks"):
        assert np.array_equal(getattr(old, array), getattr(new, array))


def test_the_page(folder: Path) -> None:
    metas: dict[str | None, str | None] = {}

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            told = dict(attrs)
            if tag == "meta" and "name" in told:
                metas[told["name"]] = told.get("content")

    Parser().feed(Path("npy.html").read_text(encoding="utf-8"))
    assert (metas["generator"] or "").startswith("embedprep ")
    inside = embedprep.open("npy.npy").annotations.report
    assert metas["embedprep-report"] == hashlib.sha256(inside.encode()).hexdigest()
