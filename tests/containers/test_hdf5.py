"""The HDF5 container: readable by plain h5py, mappable, and closed to other files."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import embedprep
from embedprep.containers import is_sealed
from embedprep.containers.layout import STORED
from embedprep.errors import InputError, OutputError

TOKENS = ["", "the", "zebra", "nul\x00", "\ud800", "cat"]
DATASETS = ("embeddings", "layout", "report", "seal", *(stored.name for stored in STORED))


@pytest.fixture(autouse=True)
def built(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2 3\ncat 4 5 6\n")
    for output in ("m.h5", "m.npy"):
        embedprep.build("v.txt", TOKENS, output)


def test_plain_h5py_reads_it() -> None:
    with h5py.File("m.h5") as file:
        assert sorted(file) == sorted(DATASETS)
        assert file["embeddings"].shape == (6, 3)
        assert file["embeddings"].dtype == np.dtype("<f4")
        assert file["embeddings"][1].tolist() == [1, 2, 3]
        assert np.array_equal(file["embeddings"], np.load("m.npy"))
        text, offsets = file["tokens"][()].tobytes(), file["token_offsets"][()]
        tokens = [text[a:b] for a, b in pairwise(offsets)]
        assert tokens == [token.encode("utf-8", "surrogatepass") for token in TOKENS]


def test_the_same_content_as_npy() -> None:
    h5, npy = embedprep.open("m.h5"), embedprep.open("m.npy")
    assert np.array_equal(h5, npy)
    assert h5.tokens == npy.tokens == TOKENS
    assert np.array_equal(h5.provenance, npy.provenance)
    assert h5.coverage.matrix.sha256_of_pieces == npy.coverage.matrix.sha256_of_pieces
    assert h5.coverage.counts == npy.coverage.counts


def test_the_rows_lie_in_one_piece_on_a_page() -> None:
    rows, _ = embedprep.build("v.txt", [f"made-up-{i}" for i in range(400)], "m.h5")
    with h5py.File("m.h5") as file:
        dataset = file["embeddings"]
        assert dataset.chunks is None
        assert dataset.external is None
        assert not dataset.is_virtual
        offset = dataset.id.get_offset()
        assert offset % 4096 == 0
        for name in DATASETS:
            assert isinstance(file.get(name, getlink=True), h5py.HardLink)
    mapped = np.memmap("m.h5", "<f4", "r", offset, (400, 3))
    assert np.array_equal(mapped, rows)


def test_float16() -> None:
    embedprep.build("v.txt", TOKENS, "half.h5", dtype="float16")
    with h5py.File("half.h5") as file:
        assert file["embeddings"].dtype == np.float16
        assert file["embeddings"][5].tolist() == [4, 5, 6]


class Fixed(io.FileIO):
    """It can be written, but neither grown nor cut: the system says so, or a signal arrives."""

    complaint: BaseException

    def truncate(self, size: int | None = None, /) -> int:
        raise self.complaint


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), OutputError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_size_that_the_disk_refuses_ends_the_build(
    complaint: BaseException, expected: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HDF5 must not see it, as for a write, and nobody may take the file for whole."""
    before = {name: Path(name).read_bytes() for name in os.listdir()}
    monkeypatch.setattr(Fixed, "complaint", complaint, raising=False)
    monkeypatch.setattr(os, "fdopen", lambda fd, mode, buffering=0: Fixed(fd, mode))
    with pytest.raises(expected) as caught:
        embedprep.build("v.txt", ["the", "zebra"], "m.h5")
    if isinstance(caught.value, OutputError):
        assert (caught.value.path, caught.value.exit_code) == ("m.h5", 5)
        assert "no space left" in caught.value.reason
    assert {name: Path(name).read_bytes() for name in os.listdir()} == before


def test_a_full_disk_does_not_crash_at_exit() -> None:
    """HDF5 flushes again at exit and dies of it, unless it never learns of the error."""
    program = """
import errno, io, os, sys
import embedprep
write = io.FileIO.write
class Full(io.FileIO):
    def write(self, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
def fdopen(fd, *arguments, **options):
    return Full(fd, "r+b")
os.fdopen = fdopen
try:
    embedprep.build("v.txt", ["the", "zebra"], "m.h5")
except embedprep.OutputError as error:
    sys.exit(error.exit_code)
"""
    before = Path("m.h5").read_bytes()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (5, b"")
    assert Path("m.h5").read_bytes() == before


# ---- files that lead elsewhere


def replaced(name: str, by: Callable[[h5py.File], object]) -> Callable[[h5py.File], object]:
    def replace(file: h5py.File) -> None:
        del file[name]
        by(file)

    return replace


def virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((6, 3), np.float32)
    layout[:] = h5py.VirtualSource("secret.h5", "embeddings", (6, 3), np.float32)
    file.create_virtual_dataset("embeddings", layout)


def external(file: h5py.File) -> None:
    place = [("secret.bin", 0, h5py.h5f.UNLIMITED)]
    file.create_dataset("embeddings", (6, 3), np.float32, external=place)


def put(name: str, value: Any, **options: Any) -> Callable[[h5py.File], object]:
    return replaced(name, lambda file: file.create_dataset(name, data=value, **options))


ROWS = np.zeros((6, 3), np.float32)

HOSTILE: dict[str, Callable[[h5py.File], object]] = {
    "no rows": lambda file: file.__delitem__("embeddings"),
    "no tokens": lambda file: file.__delitem__("tokens"),
    "no report": lambda file: file.__delitem__("report"),
    "soft link": replaced(
        "tokens", lambda file: file.__setitem__("tokens", h5py.SoftLink("/embeddings"))
    ),
    "dangling link": replaced(
        "embeddings", lambda file: file.__setitem__("embeddings", h5py.SoftLink("/nowhere"))
    ),
    "external link": replaced(
        "embeddings",
        lambda file: file.__setitem__("embeddings", h5py.ExternalLink("secret.h5", "/embeddings")),
    ),
    "external storage": replaced("embeddings", external),
    "virtual dataset": replaced("embeddings", virtual),
    "chunks": put("embeddings", ROWS, chunks=(1, 3)),
    "compressed": put("embeddings", ROWS, compression="gzip"),
    "compact": replaced(
        "embeddings",
        lambda file: h5py.h5d.create(
            file.id,
            b"embeddings",
            h5py.h5t.IEEE_F32LE,
            h5py.h5s.create_simple((6, 3)),
            dcpl=_compact(),
        ),
    ),
    "huge and without storage": replaced(
        "embeddings", lambda file: file.create_dataset("embeddings", (10**9, 300), np.float32)
    ),
    "strings": put("embeddings", np.array([["a"] * 3] * 6, dtype=h5py.string_dtype())),
    "one dimension": put("embeddings", np.zeros(6, np.float32)),
    "a number": put("embeddings", np.float32(1)),
    "a group": replaced("embeddings", lambda file: file.create_group("embeddings")),
    "complex": put("embeddings", np.zeros((6, 3), complex)),
    "fewer tokens than rows": put("embeddings", np.zeros((9, 3), np.float32)),
    "offsets beyond the text": put("token_offsets", np.array([0, 1, 2, 3, 4, 5, 10**6])),
    "offsets that are no numbers": put("token_offsets", np.zeros(7)),
    "provenance of another length": put("provenance", np.zeros(2, np.uint8)),
    "report that is a number": put("report", 5),
    "report that is empty": put("report", h5py.Empty("f")),
    "report of numbers": put("report", np.arange(9)),
}


def _compact() -> Any:
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    return properties


def opened_whole(path: str) -> None:
    matrix = embedprep.open(path)
    assert len(matrix.tokens) == len(matrix.provenance)
    assert matrix.coverage


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused(kind: str) -> None:
    with h5py.File("secret.h5", "w") as file:
        file["embeddings"] = np.full((6, 3), 42, np.float32)
    Path("secret.bin").write_bytes(b"secret" * 12)
    with h5py.File("m.h5", "r+") as file:
        HOSTILE[kind](file)
    with pytest.raises(InputError) as caught:
        opened_whole("m.h5")
    assert caught.value.path == "m.h5"


@pytest.mark.parametrize("name", ["embeddings", "tokens", "records", "report", "seal"])
@pytest.mark.parametrize("place", [-1, 0, 99, 2**40, 2**63])
def test_a_dataset_that_is_said_to_stand_behind_the_end(name: str, place: int) -> None:
    """Some versions of the library look; what they let through is found here."""
    with h5py.File("m.h5") as file:
        there = struct.pack("<QQ", file[name].id.get_offset(), file[name].nbytes)
    content = Path("m.h5").read_bytes()
    assert content.count(there) == 1
    said = struct.pack("<Q", len(content) + place) + there[8:]
    Path("m.h5").write_bytes(content.replace(there, said))
    if name != "seal":  # which only `verify` reads
        with pytest.raises(InputError):
            opened_whole("m.h5")
    with contextlib.suppress(InputError):
        assert not is_sealed("m.h5")


def test_a_link_among_the_other_objects_is_nobodys_business() -> None:
    with h5py.File("m.h5", "r+") as file:
        file["mine"] = h5py.SoftLink("/embeddings")
    assert embedprep.open("m.h5").row("cat") == 5


def test_hdf5_by_another_name() -> None:
    os.rename("m.h5", "m.npy")
    assert embedprep.open("m.npy").tokens == TOKENS
