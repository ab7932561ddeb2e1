"""Rows of int8 with a scale each: the numbers, and the files that hold both."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

import embedprep
from embedprep import containers
from embedprep.containers import AtomicFile
from embedprep.containers.quantised import decoded, quantised, scales_of
from embedprep.errors import InputError

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)

OUTPUTS = ["m.npy", "m.h5", "m.safetensors"]
ROWS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
)


def stored(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    scales = scales_of(rows)
    return quantised(rows * scales[:, None]), scales


@given(ROWS)
def test_keras_computes_the_same(rows: NDArray[np.float32]) -> None:
    quantizers = pytest.importorskip("keras").quantizers
    numbers, scales = stored(rows)
    with np.errstate(all="ignore"):
        theirs = [np.asarray(one) for one in quantizers.abs_max_quantize(rows, axis=-1)]
    # JAX takes numbers near zero for zero.
    usual = np.abs(rows).max(axis=1) > 1e-30
    assert numbers[usual].tobytes() == theirs[0][usual].tobytes()
    assert scales[usual].tobytes() == theirs[1][usual, 0].tobytes()


@given(ROWS)
def test_a_value_is_off_by_half_a_step_at_most(rows: NDArray[np.float32]) -> None:
    numbers, scales = stored(rows)
    assert np.abs(numbers.astype(int)).max() <= 127
    steps = 1 / scales.astype(np.float64)[:, None]
    off = np.abs(decoded(numbers, scales).astype(np.float64) - rows)
    assert (off <= steps * 0.50002).all()  # and the rounding of two products
    assert not numbers[~rows.any(axis=1)].any()
    assert np.isfinite(scales).all()
    assert (scales > 0).all()


@given(ROWS)
def test_the_numbers_come_back_from_the_decoded_rows(rows: NDArray[np.float32]) -> None:
    numbers, scales = stored(rows)
    with np.errstate(under="ignore"):
        again = decoded(numbers, scales) * scales[:, None]
    usual = scales < 1e30  # otherwise a decoded value may be too small for float32
    assert quantised(again)[usual].tobytes() == numbers[usual].tobytes()


def test_a_row_in_numbers() -> None:
    rows = np.array([[0.5, -1.0, 0.25, 0.0039], [0, 0, 0, 0]], np.float32)
    numbers, scales = stored(rows)
    assert numbers.tolist() == [[63, -127, 32, 0], [0, 0, 0, 0]]
    assert scales[0] == pytest.approx(127)
    assert decoded(numbers[0], scales[0]).shape == (4,)


@pytest.fixture
def vectors(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2 -4\ncat 0.5 -0.25 0.125\nnil 0 0 0\n")


VOCAB = ["", "the", "cat", "zebra", "nil"]


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("post", [(), "center"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_other_programs_find_numbers_and_scales(output: str, post: Any) -> None:
    embedprep.build("v.txt", VOCAB, output, dtype="int8", post=post)
    floats, _ = embedprep.build("v.txt", VOCAB, post=post)
    numbers, scales = stored(np.asarray(floats, np.float32))
    found: tuple[Any, Any]
    if output.endswith(".npy"):
        with open(output, "rb") as file:
            every = [np.load(file) for _ in range(11)]
        found = every[0], every[10]
    elif output.endswith(".h5"):
        with h5py.File(output) as root:
            found = root["embeddings"][:], root["scales"][:]
    else:
        tensors = safetensors.numpy.load_file(output)
        found = tensors["embeddings"], tensors["scales"]
    own: tuple[Any, Any] = numbers, scales
    for ours, theirs in zip(own, found, strict=True):
        assert (theirs.dtype, theirs.tobytes()) == (ours.dtype, ours.tobytes())
    matrix = embedprep.open(output)
    assert matrix.coverage.matrix.dtype == "int8"
    assert Path(output).read_bytes().count(b"embedprep.matrix/3 embedprep") == 1
    assert matrix.array.tobytes() == decoded(numbers, scales).tobytes()
    assert len(matrix.steps) == len(post) / 6
    # As docs/reference/matrix-files.md describes it.
    pieces = b"".join(hashlib.sha256(one.tobytes()).digest() for one in found)
    assert matrix.coverage.matrix.sha256_of_pieces == hashlib.sha256(pieces).hexdigest()


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("output", OUTPUTS)
def test_numbers_without_scales_are_no_matrix(output: str) -> None:
    """Their rows would be taken for the vectors."""
    with_scales = embedprep.build("v.txt", VOCAB, output, dtype="int8")
    matrix = embedprep.open(output)
    for rows, scales in ((matrix.stored, None), (with_scales[0], matrix.scales)):
        file = AtomicFile("other" + output, durable=False)
        writer = containers.writer(file, rows.shape, rows.dtype)
        writer.matrix[:] = rows
        writer.settle(scales)
        writer.annotate(matrix.annotations._replace(scales=scales))
        file.publish()
        for read in (embedprep.open, lambda path: embedprep.build(path, VOCAB)):
            with pytest.raises(InputError, match=r"its rows are (int8|float32), with the layout"):
                read("other" + output)


@pytest.mark.usefixtures("vectors")
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_matrix_without_rows_that_are_found(output: str) -> None:
    embedprep.build("v.txt", ["", "zebra"], output, dtype="int8", oov="zeros")
    matrix = embedprep.open(output)
    assert not matrix.array.any()
    bill = matrix.coverage.quantisation
    assert bill is not None
    assert tuple(bill) == (None,) * 6 + (0, 0)
    assert embedprep.verify(output).ok
    assert "int8" in str(matrix.coverage)
