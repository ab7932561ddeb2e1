"""Every container says which layout it has; one of a later version is named, and not guessed at."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import safetensors.numpy

import embedprep
from embedprep import __version__
from embedprep.containers import layout
from embedprep.errors import InputError, OutputError

OUTPUTS = ["m.npy", "m.h5", "m.safetensors"]

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)


@pytest.fixture(autouse=True)
def vectors(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")


def built(output: str, text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("embedprep.containers.layout_text", lambda number: text)
        with contextlib.suppress(OutputError):  # it is published, and cannot be read back
            embedprep.build("v.txt", ["", "the"], output)


READERS: dict[str, Callable[[str], Any]] = {
    "open": embedprep.open,
    "verify": embedprep.verify,
    "update": lambda path: embedprep.update(path, ["the"]),
    "build": lambda path: embedprep.build(path, ["the"]),
    "convert": lambda path: embedprep.convert(path, "x.txt", to="word2vec"),
}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("reader", READERS)
def test_of_a_later_version(reader: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built(output, b"embedprep.matrix/7 embedprep 3.1.0\n", monkeypatch)
    with pytest.raises(InputError) as caught:
        READERS[reader](output)
    assert caught.value.path == output
    assert caught.value.reason == (
        "a matrix that embedprep 3.1.0 wrote, with the layout embedprep.matrix/7: this is "
        f"embedprep {__version__}, which reads embedprep.matrix/3"
    )
    assert "pip install --upgrade 'embedprep>=3.1.0'" in caught.value.remedy


@pytest.mark.parametrize("output", OUTPUTS)
def test_of_a_later_version_with_other_arrays(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever changes, the layout is found first."""
    built(output, b"embedprep.matrix/7 embedprep 3.1.0\n", monkeypatch)
    if output.endswith(".npy"):
        content = Path(output).read_bytes()
        end = content.index(b"3.1.0\n") + len(b"3.1.0\n")
        Path(output).write_bytes(content[:end] + b"anything, compressed or not")
    elif output.endswith(".h5"):
        with h5py.File(output, "r+") as file:
            del file["tokens"]
            file.create_dataset("words", data=[1, 2, 3], chunks=True)
    else:
        arrays = safetensors.numpy.load_file(output)
        del arrays["tokens"]
        metadata = {"embedprep": "{}"}
        safetensors.numpy.save_file(arrays, output, metadata=metadata)
    for read in (embedprep.open, READERS["build"]):
        with pytest.raises(InputError, match=r"that embedprep 3\.1\.0 wrote"):
            read(output)


@pytest.mark.parametrize(
    "text",
    [
        b"embedprep.matrix/9999999999 embedprep 1\n",
        b"embedprep.matrix/2 embedprep 0.1.0\n",  # which has one more array
        b"embedprep.matrix/4 embedprep \x1b[31m1\n",
        b"embedprep.matrix/4 embedprep $(reboot)\n",
        b"embedprep.matrix/x embedprep 1.0\n",
        b"\xff\xfe\n",
        b"\n",
        b"x" * 10_000,
    ],
)
@pytest.mark.parametrize("output", OUTPUTS)
def test_of_a_stranger(output: str, text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    built(output, text, monkeypatch)
    with pytest.raises(InputError) as caught:
        embedprep.open(output)
    shown = str(caught.value)
    assert "\x1b" not in shown
    assert "reboot" not in shown


@pytest.mark.parametrize("output", OUTPUTS)
def test_this_layout(output: str) -> None:
    embedprep.build("v.txt", ["", "the"], output)
    text = layout.layout_text(1)
    assert text == f"embedprep.matrix/1 embedprep {__version__}\n".encode()
    assert Path(output).read_bytes().count(text) == 1


def test_a_region_that_is_none() -> None:
    with pytest.raises(ValueError, match="not one of"):
        layout.layout_number(io.BytesIO(b"x"), layout.Region(0, np.dtype("u1"), (0,)))


def test_an_array_that_ends_after_the_file() -> None:
    regions = {name: layout.Region(0, np.dtype("u1"), (1,)) for name in layout.names(1)}
    with pytest.raises(ValueError, match="ends after the file does: it is truncated"):
        layout.matrix_layout(regions, 0)
