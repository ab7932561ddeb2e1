"""The .npy container: an ordinary array for everybody, and annotations behind it."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.containers import SUFFIXES, Annotations, AtomicFile, read, writer
from embedprep.containers.annotations import Strings
from embedprep.errors import InputError

TOKENS = ["", "the", "nul\x00", "\ud800", "naïve", "", "日本", "new\nline"]


@pytest.fixture(autouse=True)
def here(workdir: Path) -> Path:
    return workdir


def notes_on(tokens: list[str], report: str = "{}") -> Annotations:
    encoded = [token.encode("utf-8", "surrogatepass") for token in tokens]
    every = np.arange(len(tokens))
    return Annotations(
        tokens=Strings.of(encoded, every, len(tokens)),
        keys=Strings.of(encoded[1:2], every[1:2], len(tokens)),
        provenance=every.astype(np.uint8) % 4,
        sources=every.astype(np.uint8) % 2,
        records=every[::-1].copy(),
        report=report,
    )


def write(path: str, matrix: NDArray[Any], notes: Annotations) -> None:
    file = AtomicFile(path)
    container = writer(file, matrix.shape, matrix.dtype)
    container.matrix[:] = matrix
    container.settle()
    container.annotate(notes)
    file.publish()


def matrix(rows: int, dim: int, dtype: str = "float32") -> NDArray[Any]:
    return np.arange(1, rows * dim + 1).reshape(rows, dim).astype(dtype)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("dim", [1, 3, 300])
def test_everything_comes_back(suffix: str, dtype: str, dim: int) -> None:
    rows, notes = matrix(len(TOKENS), dim, dtype), notes_on(TOKENS, '{"a": "é\\u0000"}')
    write("m" + suffix, rows, notes)
    again, found = read("m" + suffix)
    assert again.dtype == rows.dtype
    assert np.array_equal(again, rows)
    assert found.tokens.all() == TOKENS
    assert found.report == notes.report
    for one, other in zip(found.arrays(), notes.arrays(), strict=True):
        assert np.array_equal(one, other)
    assert [found.keys[row] for row in range(3)] == [b"", notes.tokens[1], b""]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_token_has_any_text(suffix: str) -> None:
    write("m" + suffix, matrix(2, 2), notes_on(["", ""]))
    assert read("m" + suffix)[1].tokens.all() == ["", ""]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_report_larger_than_an_hdf5_attribute_used_to_be(suffix: str) -> None:
    write("m" + suffix, matrix(2, 2), notes_on(["a", "b"], "x" * 1_000_000))
    assert read("m" + suffix)[1].report == "x" * 1_000_000


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_are_zeros_until_they_are_filled(suffix: str) -> None:
    file = AtomicFile("m" + suffix)
    assert not writer(file, (1000, 7), np.dtype(np.float32)).matrix.any()
    file.discard()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_is_mapped_and_read_only(suffix: str) -> None:
    write("m" + suffix, matrix(3, 2), notes_on(["a", "b", "c"]))
    rows, _ = read("m" + suffix)
    assert isinstance(rows, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        rows[0] = 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_changed_in_memory_does_not_change_the_file(suffix: str) -> None:
    write("m" + suffix, matrix(3, 2), notes_on(["a", "b", "c"]))
    before = Path("m" + suffix).read_bytes()
    rows, notes = read("m" + suffix, copy_on_write=True)
    assert isinstance(rows, np.memmap)
    rows[:] = 7
    assert (rows == 7).all()
    assert not notes.provenance.flags.writeable
    del rows
    assert Path("m" + suffix).read_bytes() == before
    assert np.array_equal(read("m" + suffix)[0], matrix(3, 2))


def test_numpy_reads_it_whole_and_mapped() -> None:
    rows = matrix(len(TOKENS), 5)
    write("m.npy", rows, notes_on(TOKENS))
    assert np.array_equal(np.load("m.npy"), rows)
    mapped = np.load("m.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    assert np.array_equal(mapped, rows)
    assert mapped.offset % 64 == 0


def test_two_runs_write_the_same_bytes() -> None:
    Path("v.txt").write_bytes(b"the 1 2\n")
    contents = set()
    for _ in range(2):
        embedprep.build("v.txt", ["", "the", "zebra"], "m.npy")
        contents.add(Path("m.npy").read_bytes())
    assert len(contents) == 1


# ---- files that are no such matrix


def bytes_of(array: NDArray[Any], *, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def with_header(header: str) -> bytes:
    """A .npy of this header, padded as NumPy pads it."""
    padded = header.encode("latin-1") + b" " * (117 - len(header)) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


class Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("exploded",)


REST = b"".join(
    map(
        bytes_of,
        (
            np.frombuffer(b"ab", np.uint8),
            np.array([0, 1, 2]),
            np.zeros(2, np.uint8),
            np.zeros(2, np.uint8),
            np.frombuffer(b"{}", np.uint8),
        ),
    )
)

HOSTILE: dict[str, bytes] = {
    "objects": bytes_of(np.array([Bomb()], object), allow_pickle=True),
    "objects behind the matrix": bytes_of(matrix(2, 2))
    + bytes_of(np.array([Bomb()], object), allow_pickle=True),
    "structured": bytes_of(np.zeros(2, "f4,f4")) + REST,
    "strings": bytes_of(np.array(["the", "cat"])) + REST,
    "complex": bytes_of(np.zeros((2, 2), complex)) + REST,
    "one dimension": bytes_of(np.zeros(2, np.float32)) + REST,
    "column order": bytes_of(np.asfortranarray(matrix(2, 3))) + REST,
    "huge": with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (10**12, 300), }"),
    "huge as a number": with_header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }"
    ),
    "negative": with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 2), }") + REST,
    "negative twice": with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -2), }")
    + bytes(16)
    + REST,
    "code in the header": with_header("__import__('os').mkdir('exploded')"),
    "no header": b"\x93NUMPY\x01\x00" + (70).to_bytes(2, "little") + b"\n" * 70,
    "deep header": with_header("(" * 100),
    "later version": bytes_of(matrix(2, 2)).replace(b"NUMPY\x01", b"NUMPY\x09") + REST,
    "no annotations": bytes_of(matrix(2, 2)),
    "fewer tokens than rows": bytes_of(matrix(5, 2)) + REST,
    "report that is no text": bytes_of(matrix(2, 2))
    + REST[: -len(bytes_of(np.zeros(2, np.uint8)))]
    + bytes_of(np.array([0xFF, 0xFE], np.uint8)),
    "offsets that are no numbers": bytes_of(matrix(2, 2))
    + bytes_of(np.frombuffer(b"ab", np.uint8))
    + bytes_of(np.array([0.5, 1.5, 2.5]))
    + 2 * bytes_of(np.zeros(2, np.uint8))
    + bytes_of(np.frombuffer(b"{}", np.uint8)),
    "provenance of another length": bytes_of(matrix(2, 2))
    + bytes_of(np.frombuffer(b"ab", np.uint8))
    + bytes_of(np.array([0, 1, 2]))
    + bytes_of(np.zeros(7, np.uint8))
    + bytes_of(np.zeros(2, np.uint8))
    + bytes_of(np.frombuffer(b"{}", np.uint8)),
    "sources of another length": bytes_of(matrix(2, 2))
    + bytes_of(np.frombuffer(b"ab", np.uint8))
    + bytes_of(np.array([0, 1, 2]))
    + bytes_of(np.zeros(2, np.uint8))
    + bytes_of(np.zeros(7, np.uint8))
    + bytes_of(np.frombuffer(b"{}", np.uint8)),
    "tokens that are no text": bytes_of(matrix(2, 2))
    + bytes_of(np.frombuffer(b"\xff\xfe", np.uint8))
    + bytes_of(np.array([0, 1, 2]))
    + 2 * bytes_of(np.zeros(2, np.uint8))
    + bytes_of(np.frombuffer(b"{}", np.uint8)),
}


def opened_whole(path: str) -> None:
    matrix = embedprep.open(path)
    assert len(matrix.tokens) == len(matrix.provenance)
    assert matrix.array.dtype.kind == "f"


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused(kind: str) -> None:
    Path("m.npy").write_bytes(HOSTILE[kind])
    with pytest.raises(InputError) as caught:
        opened_whole("m.npy")
    assert caught.value.path == "m.npy"
    assert os.listdir() == ["m.npy"], "code in the file was run"


@pytest.mark.parametrize("suffix", [".npy", ".safetensors", ".h5"])
def test_cut_off_at_any_byte(suffix: str) -> None:
    """Every length; of an HDF5 file, which takes long to open, every 97th."""
    write("m" + suffix, matrix(2, 2), notes_on(["the", "cat"]))
    whole = Path("m" + suffix).read_bytes()
    for length in range(0, len(whole), 97 if suffix == ".h5" else 1):
        Path("cut" + suffix).write_bytes(whole[:length])
        with pytest.raises(InputError) as caught:
            embedprep.open("cut" + suffix)
        assert caught.value.path == "cut" + suffix


@pytest.mark.parametrize("position", range(0, 128, 3))
def test_a_flipped_bit_in_the_header_is_an_error_or_another_array(position: int) -> None:
    write("m.npy", matrix(2, 2), notes_on(["the", "cat"]))
    damaged = bytearray(Path("m.npy").read_bytes())
    damaged[position] ^= 0x04
    Path("m.npy").write_bytes(damaged)
    with contextlib.suppress(InputError):
        assert embedprep.open("m.npy").array.ndim == 2
