"""Where all keys show something else than the first ones did, the file is read again."""

from __future__ import annotations

import gzip
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.vectors import key_sample

pytestmark = pytest.mark.usefixtures("workdir")

KEYS = ["the", "of", "ing", "cat", "▁the", "▁of", "▁cat"]
"""Words, as the first of them show, and pieces, as all do."""
ROW = {key: [float(i), 1.0] for i, key in enumerate(KEYS)}
NONE = [0.0, 0.0]
TEXT = "".join(f"{key} {a} {b}\n" for key, (a, b) in ROW.items()).encode()


@pytest.fixture(autouse=True)
def few_are_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_sample, "_HEAD_BYTES", TEXT.index("▁".encode()))


def written(name: str) -> str:
    if name.endswith(".bin"):
        records = (k.encode() + b" " + np.array(v, "<f4").tobytes() for k, v in ROW.items())
        Path(name).write_bytes(b"%d 2\n" % len(KEYS) + b"".join(records))
    else:
        Path(name).write_bytes(gzip.compress(TEXT) if name.endswith(".gz") else TEXT)
    return name


@pytest.mark.parametrize("name", ["v.txt", "v.txt.gz", "v.bin"])
def test_the_rows_are_those_of_pieces(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "embedprep")
    path = written(name)
    builds = [
        {"vectors": path, "vocab": vocab, "oov": "zeros"}
        for vocab in (["▁the", "the", "▁ing"], ["the", "cat", "ing"], ["Ġof", "of", "Ġx"])
    ]
    made = [matrix.tolist() for matrix, _ in embedprep.build_all(builds)]
    assert made == [
        [ROW["▁the"], ROW["the"], NONE],
        [ROW["▁the"], ROW["▁cat"], NONE],
        [ROW["▁of"], ROW["of"], NONE],
    ]
    [again] = [record for record in caplog.messages if "reading it again" in record]
    assert again.startswith(f"{name}: its keys are pieces, Metaspace")


def test_what_makes_no_difference_is_read_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "embedprep")
    Path("v.txt").write_text("the 1 1\nof 2 2\ncat 3 3\n##ing 4 4\n")
    matrix, coverage = embedprep.build("v.txt", ["the", "of", "cat"], oov="zeros")
    assert matrix.tolist() == [[1, 1], [2, 2], [3, 3]]
    assert coverage.vectors[0].keys.startswith("pieces, WordPiece")
    assert not [record for record in caplog.messages if "again" in record]


def test_an_earlier_file_keeps_what_it_gave() -> None:
    Path("first.txt").write_text("the 9 9\nCat 8 8\n")
    matrix, _ = embedprep.build(
        ["first.txt", written("v.txt")], ["▁the", "▁cat", "ing"], oov="zeros", fallback="title"
    )
    assert matrix.tolist() == [[9, 9], ROW["▁cat"], ROW["ing"]]


@pytest.mark.skipif(os.name == "nt", reason="FIFOs are POSIX")
@pytest.mark.parametrize(
    "read",
    [
        lambda: embedprep.build("pipe", ["▁the"], "m.npy"),
        lambda: embedprep.convert("pipe", "out.vec", vocab=["▁the"]),
    ],
)
def test_a_pipe_cannot_be_read_again(read: Callable[[], object]) -> None:
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(TEXT))
    writer.start()
    with pytest.raises(InputError, match="a pipe can be read only once"):
        read()
    writer.join()
    assert not Path("m.npy").exists()
    assert not Path("out.vec").exists()


def test_a_conversion_for_a_vocabulary_reads_again_too() -> None:
    source = embedprep.convert(written("v.txt"), "out.vec", vocab=["Ġof", "of", "Ġcat", "Ġx"])
    assert source.keys.startswith("pieces, Metaspace")
    keys = [line.split()[0] for line in Path("out.vec").read_text("utf-8").splitlines()[1:]]
    assert keys == ["of", "▁of", "▁cat"]
