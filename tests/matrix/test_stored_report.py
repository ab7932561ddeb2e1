"""A report is read back from its JSON file, or from the matrix that holds a copy of it."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.matrix.stored_report import read_report, read_report_and_matrix

pytestmark = [
    pytest.mark.usefixtures("workdir"),
]


@pytest.mark.parametrize("output", ["m.npy", "m.h5", "m.safetensors"])
def test_the_matrix_and_the_file_beside_it_say_the_same(output: str) -> None:
    Path("v.txt").write_text("the 1 2\n")
    _, built = embedprep.build("v.txt", ["", "the", "unseen"], output)
    assert read_report("m.coverage.json").to_json() == built.to_json()
    # Equal builds are equal matrices, so the copy says nothing of the run.
    assert read_report(output).to_json() == built._replace(run=None).to_json()
    assert read_report_and_matrix("m.coverage.json")[1] is None
    matrix = read_report_and_matrix(output)[1]
    assert matrix is not None
    assert matrix.shape == (3, 2)


def test_what_begins_like_json_and_is_huge_is_not_read_into_memory() -> None:
    Path("corpus.json").write_text("{")
    os.truncate("corpus.json", 1 << 40)  # a hole: it takes no space
    with pytest.raises(InputError, match="too large for a coverage report") as caught:
        read_report("corpus.json")
    assert caught.value.path == "corpus.json"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent.json", "no such file"),
        (".", "is a directory"),
        ("empty", "not a matrix: the file is empty"),
        ("list", "not a matrix: it is JSON"),
        ("map", "JSON, but not a coverage report"),
        ("text", "not a matrix: it is neither a .npy matrix"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, reason: str) -> None:
    for other, content in {"empty": "", "list": "[]", "map": '{"the": 1}', "text": "the 1"}.items():
        Path(other).write_text(content)
    with pytest.raises(InputError, match=reason) as caught:
        read_report(name)
    assert caught.value.path == name


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_without_an_end_is_not_read_into_memory() -> None:
    os.mkfifo("endless")
    written = 0

    def write() -> None:
        nonlocal written
        with contextlib.suppress(BrokenPipeError), open("endless", "wb") as pipe:
            while True:
                written += pipe.write(b"{" * (1 << 20))

    thread = threading.Thread(target=write)
    thread.start()
    with pytest.raises(InputError, match="too large for a coverage report"):
        read_report("endless")
    thread.join()
    assert written <= 66 << 20
