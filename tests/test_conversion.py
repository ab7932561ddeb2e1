"""Vectors written in other formats: read back by the libraries that own these."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.conversion import TARGETS
from embedprep.errors import EmbedprepError, InputError, OutputError, UsageError
from tests.containers import FILES, OTHERS, ROWS, WORDS, glove

once = pytest.mark.parametrize("implementation", ["reference"], indirect=True)

OUTPUTS = {
    "word2vec": "out.vec",
    "word2vec-binary": "out.bin",
    "npy": "out.npy",
    "hdf5": "out.h5",
    "safetensors": "out.safetensors",
    "model2vec": "out/",
    "projector": "out.tsv",
}


@pytest.fixture
def vectors(workdir: Path) -> str:
    glove(workdir / "v.txt")
    return "v.txt"


def test_every_target_is_tested() -> None:
    assert list(OUTPUTS) == list(TARGETS)


@pytest.mark.parametrize("output", [name for name in OUTPUTS.values() if name != "out.tsv"])
def test_there_and_back(output: str, vectors: str) -> None:
    info = embedprep.convert(vectors, output)
    assert (info.rows, info.records, info.dim) == (200, 200, 7)
    matrix, coverage = embedprep.build(output.rstrip("/"), WORDS)
    assert matrix.tobytes() == ROWS.tobytes()
    assert coverage.counts.types.ratio == 1


@pytest.mark.parametrize("name", FILES | OTHERS)
def test_from_every_container(name: str, workdir: Path) -> None:
    file_name, write = (FILES | OTHERS)[name]
    write(workdir / file_name)
    embedprep.convert(workdir / file_name, "all.bin", trust_pickle=True)
    embedprep.convert(workdir / file_name, "some.bin", vocab=WORDS[::3], trust_pickle=True)
    for path, step in (("all.bin", 1), ("some.bin", 3)):
        matrix, coverage = embedprep.build(path, WORDS[::step], oov="zeros")
        assert matrix.tobytes() == ROWS[::step].tobytes()
        assert coverage.vectors[0].records == len(WORDS[::step])


@pytest.mark.parametrize(("output", "binary"), [("out.vec", False), ("out.bin", True)])
def test_gensim_reads_both_formats_of_word2vec(output: str, binary: bool, vectors: str) -> None:
    from gensim.models import KeyedVectors

    embedprep.convert(vectors, output)
    found = KeyedVectors.load_word2vec_format(output, binary=binary)
    assert found.index_to_key == WORDS
    assert found.vectors.tobytes() == ROWS.tobytes()


def test_the_binary_format_is_gensims_to_the_byte(vectors: str) -> None:
    from gensim.models import KeyedVectors

    embedprep.convert(vectors, "out.bin")
    found = KeyedVectors.load_word2vec_format("out.bin", binary=True)
    found.save_word2vec_format("gensim.bin", binary=True)
    assert Path("gensim.bin").read_bytes() == Path("out.bin").read_bytes()


def test_numpy_reads_the_array_and_json_its_tokens(vectors: str) -> None:
    embedprep.convert(vectors, "out.npy")
    assert np.load("out.npy").tobytes() == ROWS.tobytes()
    assert json.loads(Path("out.tokens.json").read_bytes()) == WORDS


@pytest.mark.parametrize("output", ["out.npy", "out.h5"])
def test_a_matrix_says_where_it_came_from(output: str, vectors: str) -> None:
    embedprep.convert(vectors, output)
    matrix = embedprep.open(output)
    assert matrix.tokens == WORDS
    assert set(matrix.provenance.tolist()) == {embedprep.Provenance.EXACT}
    assert matrix.coverage.vectors[0].path == vectors
    assert matrix.coverage.counts.types.ratio == 1
    _, coverage = embedprep.build(vectors, WORDS)
    assert matrix.coverage.matrix.sha256 == coverage.matrix.sha256


def test_safetensors_reads_the_tensor(vectors: str) -> None:
    embedprep.convert(vectors, "out.safetensors")
    tensors = safetensors.numpy.load_file("out.safetensors")
    assert list(tensors) == ["embeddings"]
    assert tensors["embeddings"].tobytes() == ROWS.tobytes()
    header = int.from_bytes(Path("out.safetensors").read_bytes()[:8], "little")
    assert header % 8 == 0


@once
def test_model2vec_encodes_a_sentence_to_the_mean_of_its_rows(vectors: str) -> None:
    from model2vec import StaticModel

    embedprep.convert(vectors, "out/")
    model = StaticModel.from_pretrained("out")
    sentence = ["word3", "the", "Grüße", "."]
    mean = ROWS[[WORDS.index(word) for word in sentence]].mean(axis=0)
    assert np.allclose(model.encode("word3 the unheardof Grüße."), mean, atol=1e-6)


@once
@pytest.mark.parametrize(("words", "found"), [(["the", "cat"], True), (["the", "Cat"], False)])
def test_texts_are_lowered_where_no_key_has_upper_case(
    words: list[str], found: bool, workdir: Path
) -> None:
    from model2vec import StaticModel

    Path("v.txt").write_text("".join(f"{word} 1 2\n" for word in words))
    embedprep.convert("v.txt", "out/")
    encoded = StaticModel.from_pretrained("out").encode("THE")
    assert encoded.tolist() == ([1, 2] if found else [0, 0])


def test_the_projector_gets_a_label_a_row(vectors: str) -> None:
    embedprep.convert(vectors, "out.tsv")
    assert Path("out.metadata.tsv").read_text(encoding="utf-8").splitlines() == WORDS
    assert np.loadtxt("out.tsv", delimiter="\t", dtype=np.float32).tobytes() == ROWS.tobytes()


def test_unknown_words_of_a_fasttext_model_come_too(workdir: Path) -> None:
    from gensim.test.utils import datapath

    model = datapath("crime-and-punishment.bin")
    embedprep.convert(model, "out.vec", vocab=["the", "unheardof"])
    words = ["the", "unheardof"]
    direct, _ = embedprep.build(model, words)
    again, coverage = embedprep.build("out.vec", words)
    assert coverage.counts.types.found == 2
    assert again.tobytes() == direct.tobytes()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_text_gives_the_same_float32(values: list[float], workdir: Path) -> None:
    rows = np.array([values], np.float32)
    np.save("v.npy", rows)
    Path("v.tokens.json").write_text('["x"]')
    embedprep.convert("v.npy", "out.vec")
    matrix, _ = embedprep.build("out.vec", ["x"])
    assert matrix.tobytes() == rows.tobytes()


def test_a_key_counts_once(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\nthe 5 6\n")
    info = embedprep.convert("v.txt", "out.vec")
    assert (info.rows, info.records) == (2, 3)
    assert Path("out.vec").read_text() == "2 2\nthe 1.0 2.0\ncat 3.0 4.0\n"


KEYS: dict[str, tuple[bytes, list[str], str]] = {
    "a space": (b"New York 1 2\nthe 3 4\n", ["word2vec", "word2vec-binary"], "contains a space"),
    "a carriage return": (b"a\rb 1 2\nthe 3 4\n", ["word2vec", "projector"], "carriage return"),
    "no text": (b"\xff 1 2\nthe 3 4\n", list(TARGETS)[2:], "is not UTF-8"),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_the_output_cannot_hold(name: str, target: str, workdir: Path) -> None:
    content, refusing, reason = KEYS[name]
    Path("v.txt").write_bytes(content)
    output = OUTPUTS[target]
    if target not in refusing:
        assert embedprep.convert("v.txt", output).rows == 2
        return
    with pytest.raises(InputError, match=reason):
        embedprep.convert("v.txt", output)
    assert os.listdir() == ["v.txt"]
    assert embedprep.convert("v.txt", output, on_malformed="skip").rows == 1


BAD: dict[str, tuple[dict[str, object], type[EmbedprepError], str]] = {
    "no such target": ({"output": "out.vec", "to": "docx"}, UsageError, "word2vec"),
    "an unknown ending": ({"output": "out.docx"}, UsageError, "--to"),
    "the input itself": ({"output": "v.txt"}, UsageError, "never overwritten"),
    "no such directory": ({"output": "no/out.vec"}, OutputError, "does not exist"),
    "no directory for a folder": ({"output": "no/out/"}, OutputError, "no such file"),
    "nothing of the vocabulary": (
        {"output": "out.vec", "vocab": ["unheardof"]},
        InputError,
        "no record",
    ),
    "a file to be kept": ({"output": "old.vec", "clobber": False}, OutputError, "no-clobber"),
    "a wrong choice": ({"output": "out.vec", "on_malformed": "ignore"}, UsageError, "error, skip"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_done_leaves_nothing(name: str, vectors: str) -> None:
    options, kind, text = BAD[name]
    Path("old.vec").write_bytes(b"old")
    with pytest.raises(kind) as caught:
        embedprep.convert(vectors, **options)  # type: ignore[arg-type]
    assert text in str(caught.value)
    assert sorted(os.listdir()) == ["old.vec", "v.txt"]
    assert Path("old.vec").read_bytes() == b"old"


@pytest.mark.parametrize("output", OUTPUTS.values())
def test_a_truncated_input_leaves_nothing(output: str, workdir: Path) -> None:
    Path("v.bin").write_bytes(b"3 2\nthe " + np.ones(2, "<f4").tobytes() + b"cat \0\0")
    with pytest.raises(InputError, match="truncated"):
        embedprep.convert("v.bin", output)
    assert os.listdir() == ["v.bin"]
    Path("out.tokens.json").write_text("old")
    with pytest.raises(InputError):
        embedprep.convert("v.bin", output)
    assert Path("out.tokens.json").read_text() == "old"


def test_nonfinite_values_are_errors_unless_left_out(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\ncat nan 4\n")
    with pytest.raises(InputError, match="line 2"):
        embedprep.convert("v.txt", "out.vec")
    assert embedprep.convert("v.txt", "out.vec", on_malformed="skip").rows == 1
