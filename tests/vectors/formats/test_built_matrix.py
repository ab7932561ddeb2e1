"""Matrices that embedprep built as vectors: every container is one, and nothing in a file leads to
another file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import embedprep
from embedprep.containers import CONTAINERS, hdf5
from embedprep.errors import InputError
from embedprep.sources.source import open_file
from embedprep.vectors import FORMATS
from embedprep.vectors.request import Request

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def built(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    Path("secret").write_bytes(np.full((3, 2), 7, "<f4").tobytes())
    embedprep.build("v.txt", ["the", "zebra", "cat"], "m.h5")
    embedprep.build("v.txt", ["the", "zebra", "cat"], "other.h5")


def replaced(name: str, **options: Any) -> Callable[[h5py.File], None]:
    def replace(root: h5py.File) -> None:
        data = root[name][()]
        del root[name]
        root.create_dataset(name, **({"data": data} | options))

    return replace


def linked(link: Any) -> Callable[[h5py.File], None]:
    def replace(root: h5py.File) -> None:
        del root["embeddings"]
        root["embeddings"] = link

    return replace


def external(root: h5py.File) -> None:
    del root["embeddings"]
    root.create_dataset("embeddings", (3, 2), "<f4", external=[("secret", 0, 24)])


def virtual(root: h5py.File) -> None:
    layout = h5py.VirtualLayout((3, 2), "<f4")
    layout[:] = h5py.VirtualSource("other.h5", "embeddings", (3, 2))
    del root["embeddings"]
    root.create_virtual_dataset("embeddings", layout)


def missing(name: str) -> Callable[[h5py.File], None]:
    return lambda root: root.__delitem__(name)


def group(root: h5py.File) -> None:
    del root["embeddings"]
    root.create_group("embeddings")


HOSTILE: dict[str, tuple[Callable[[h5py.File], None], str]] = {
    "external link": (linked(h5py.ExternalLink("other.h5", "/embeddings")), "missing or a link"),
    "soft link": (linked(h5py.SoftLink("/tokens")), "missing or a link"),
    "external storage": (external, "not a plain dataset"),
    "virtual": (virtual, "not a plain dataset"),
    "chunked": (replaced("embeddings", chunks=(1, 2)), "not contiguous"),
    "compressed": (replaced("embeddings", compression="gzip"), "not contiguous"),
    "never written": (
        replaced("embeddings", data=None, shape=(3, 2**50), dtype="f4"),
        "contiguous",
    ),
    "a group": (group, "not a plain dataset"),
    "opaque bytes": (replaced("embeddings", data=np.zeros((3, 2), "V2")), "plain numbers"),
    "no matrix": (missing("embeddings"), "/embeddings is missing"),
    "no tokens": (missing("tokens"), "/tokens is missing"),
    "no provenance": (missing("provenance"), "/provenance is missing"),
    "no report": (missing("report"), "/report is missing"),
    "integers": (replaced("embeddings", data=np.ones((3, 2), int)), "int64"),
    "one dimension": (replaced("embeddings", data=np.ones(3, "f4")), "not a matrix"),
    "a number": (replaced("embeddings", data=np.float32(1)), "not a matrix|contiguous"),
    "empty": (replaced("embeddings", data=h5py.Empty("f4")), "not contiguous"),
    "no columns": (replaced("embeddings", data=np.ones((3, 0), "f4")), "shape"),
    "strings": (replaced("tokens", data=["a", "b"]), "not contiguous"),
    "fewer provenance": (replaced("provenance", data=np.full(2, 3, "u1")), "does not belong"),
    "other offsets": (replaced("token_offsets", data=np.arange(4.0)), "does not belong"),
    "offsets behind": (replaced("token_offsets", data=np.array([0, 3, 8, 99])), "do not follow"),
    "offsets in disorder": (replaced("token_offsets", data=np.array([0, 8, 3, 11])), "do not foll"),
    "no UTF-8": (replaced("tokens", data=np.full(11, 255, "u1")), "not UTF-8"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_could_lead_astray(kind: str) -> None:
    change, reason = HOSTILE[kind]
    with h5py.File("m.h5", "r+") as root:
        change(root)
    with pytest.raises(InputError, match=reason):
        embedprep.build("m.h5", ["the"])


PLACED = pytest.mark.parametrize("name", ["embeddings", "tokens", "report"])


@PLACED
def test_a_dataset_that_is_said_to_end_behind_the_file(name: str) -> None:
    with h5py.File("m.h5") as root:
        there = struct.pack("<QQ", root[name].id.get_offset(), root[name].nbytes)
    content = Path("m.h5").read_bytes()
    assert content.count(there) == 1
    said = struct.pack("<Q", len(content) - 1) + there[8:]
    Path("m.h5").write_bytes(content.replace(there, said))
    with pytest.raises(InputError, match="not an HDF5 matrix written by embedprep"):
        embedprep.build("m.h5", ["the"])


@PLACED
def test_where_the_library_believes_that_it_is_found_here(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all of its versions look."""
    size = Path("m.h5").stat().st_size
    dataset = hdf5.dataset

    def moved(root: h5py.Group, wanted: str) -> Any:
        region = dataset(root, wanted)
        return region._replace(offset=size - 1) if wanted == name else region

    monkeypatch.setattr(hdf5, "dataset", moved)
    with pytest.raises(InputError, match=f"'{name}' ends after the file does"):
        embedprep.build("m.h5", ["the"])


def test_unchanged_it_is_read() -> None:
    matrix, _ = embedprep.build("m.h5", ["cat", "zebra", "the"], oov="zeros")
    assert matrix.tolist() == [[3, 4], [0, 0], [1, 2]]


def test_a_file_that_begins_with_bytes_of_somebody_else() -> None:
    with h5py.File("m.h5") as root, h5py.File("moved.h5", "w", userblock_size=512) as moved:
        for name in root:
            root.copy(name, moved)
    with pytest.raises(InputError, match="user block"):
        embedprep.build("moved.h5", ["the"], vectors_format="hdf5")


def test_a_file_that_is_cut_off_while_it_is_opened_has_changed() -> None:
    """The library must not hide it: the remedy is to wait, not to build again."""
    with closing(open_file("m.h5")) as source:
        os.truncate("m.h5", 100)
        with pytest.raises(InputError, match="changed while it was being read"):
            FORMATS["hdf5"].open(source, Request("m.h5"))


@pytest.mark.parametrize("format", CONTAINERS)
def test_every_container_is_a_target_and_a_format_of_vectors(format: str) -> None:
    """Its row in the table is all that convert and build need."""
    embedprep.convert("v.txt", "converted", to=format)
    listed = Path("converted.tokens.json").exists()
    assert listed == ("convert" in CONTAINERS[format].lists_tokens)
    matrix, report = embedprep.build("converted", ["cat", "the"])
    assert matrix.tolist() == [[3, 4], [1, 2]]
    assert report.vectors[0].format == format
    assert embedprep.verify("converted").ok


def test_a_list_of_tokens_for_an_array_with_bytes_after_it_is_not_the_fault() -> None:
    np.save("mine.npy", np.ones((1, 2), np.float32))
    with open("mine.npy", "ab") as file:
        file.write(b"\0" * 8)
    Path("list.txt").write_text("the\n")
    with pytest.raises(InputError, match=r"not a \.npy matrix written by embedprep"):
        embedprep.build("mine.npy", ["the"], vectors_tokens="list.txt")
