"""Each format and each packing has an index, or says why it has none."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.indexing import ENDING
from tests.indexing.readings import built
from tests.vector_samples import COMPRESSIONS, FILES, OTHERS, VOCAB

TEXT = ["GloVe", "fastText .vec", "TSV"]
BINARY = ["word2vec .bin, newlines", "word2vec .bin"]


@pytest.mark.once
@pytest.mark.parametrize("name", FILES | OTHERS)
def test_every_format_is_indexed_or_says_why_not(
    name: str, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file_name, write = (FILES | OTHERS)[name]
    write(workdir / file_name)
    options = {"trust_pickle": True} if name == "gensim .kv" else {}
    caplog.set_level(logging.INFO, "embedprep")
    whole = built(file_name, VOCAB, index="ignore", **options)
    assert built(file_name, VOCAB, index="make", **options) == whole
    indexed = f"indexed in {file_name}{ENDING}" in caplog.text
    assert indexed == (name in TEXT + BINARY) == os.path.exists(file_name + ENDING)
    if indexed:
        assert built(file_name, VOCAB, **options) == whole
        assert f"reading with the index {file_name}{ENDING}" in caplog.text
        return
    assert "its keys are stored separately" in caplog.text
    if not options:
        with pytest.raises(InputError, match="its keys are stored separately"):
            embedprep.index(file_name)


@pytest.mark.once
@pytest.mark.parametrize("name", ["GloVe", "word2vec .bin"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_what_is_packed_has_no_places(
    name: str, compression: str, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file_name, write = FILES[name]
    write(workdir / file_name)
    ending, pack = COMPRESSIONS[compression]
    path = file_name + ending
    Path(path).write_bytes(pack(Path(file_name).read_bytes()))
    with pytest.raises(InputError, match="it is packed") as caught:
        embedprep.index(path)
    assert "Unpack it first" in caught.value.remedy
    embedprep.build(path, VOCAB, index="make")
    assert f"no index of {path}: {caught.value.reason}" in caplog.text
    assert not os.path.exists(path + ENDING)


@pytest.mark.once
def test_a_stream_has_no_places() -> None:
    read, write = os.pipe()
    os.write(write, b"the 1 2\ncat 3 4\n")
    os.close(write)
    with pytest.raises(InputError, match="it is a stream"):
        embedprep.index(f"/dev/fd/{read}")
