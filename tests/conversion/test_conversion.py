"""Vectors written in other formats: read back by the libraries that own these."""

from __future__ import annotations

import errno
import gzip
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.conversion import TARGETS
from embedprep.errors import EmbedprepError, InputError, OutputError, UsageError
from tests.vector_samples import FILES, OTHERS, ROWS, WORDS, glove

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
    assert coverage.counts.vocabulary.ratio == 1


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
    KeyedVectors = pytest.importorskip("gensim.models").KeyedVectors  # noqa: N806  a class

    embedprep.convert(vectors, output)
    found = KeyedVectors.load_word2vec_format(output, binary=binary)
    assert found.index_to_key == WORDS
    assert found.vectors.tobytes() == ROWS.tobytes()


def test_the_binary_format_is_gensims_to_the_byte(vectors: str) -> None:
    KeyedVectors = pytest.importorskip("gensim.models").KeyedVectors  # noqa: N806  a class

    embedprep.convert(vectors, "out.bin")
    found = KeyedVectors.load_word2vec_format("out.bin", binary=True)
    found.save_word2vec_format("gensim.bin", binary=True)
    assert Path("gensim.bin").read_bytes() == Path("out.bin").read_bytes()


@pytest.mark.parametrize("output", ["out.bin", "out.vec"])
@pytest.mark.parametrize("records", [1, 9, 10, 99, 100, 101])
def test_the_header_has_the_number_of_records_whatever_was_expected(
    output: str, records: int, workdir: Path
) -> None:
    """A compressed text does not tell how many it has, and a header may count the same twice."""
    lines = [f"word{i} {i} 0.5\n" for i in range(records)]
    texts = {
        "plain.txt": "".join(lines),
        "promised.txt": f"{records + 1} 2\n" + "".join(lines) + lines[0],
    }
    for name, text in texts.items():
        Path(name).write_text(text)
    Path("packed.txt.gz").write_bytes(gzip.compress(texts["plain.txt"].encode()))
    written = set()
    for name in ("plain.txt", "promised.txt", "packed.txt.gz"):
        assert embedprep.convert(name, output).rows == records
        written.add(Path(output).read_bytes())
    [content] = written
    assert content.startswith(b"%d 2\nword0 " % records)


def test_numpy_reads_the_array_and_json_its_tokens(vectors: str) -> None:
    embedprep.convert(vectors, "out.npy")
    assert np.load("out.npy").tobytes() == ROWS.tobytes()
    assert json.loads(Path("out.tokens.json").read_bytes()) == WORDS


MATRICES = ["out.npy", "out.h5", "out.safetensors"]


@pytest.mark.parametrize("output", MATRICES)
def test_a_matrix_says_where_it_came_from(output: str, vectors: str) -> None:
    embedprep.convert(vectors, output)
    matrix = embedprep.open(output)
    assert matrix.tokens == WORDS
    assert set(matrix.provenance.tolist()) == {embedprep.Provenance.EXACT}
    assert matrix.coverage.vectors[0].path == vectors
    assert matrix.coverage.counts.vocabulary.ratio == 1
    _, coverage = embedprep.build(vectors, WORDS)
    assert matrix.coverage.matrix.sha256_of_pieces == coverage.matrix.sha256_of_pieces


def test_safetensors_reads_the_tensor(vectors: str) -> None:
    embedprep.convert(vectors, "out.safetensors")
    tensors = safetensors.numpy.load_file("out.safetensors")
    assert tensors["embeddings"].dtype == np.float32
    assert tensors["embeddings"].tobytes() == ROWS.tobytes()
    assert json.loads(Path("out.tokens.json").read_bytes()) == WORDS


def test_model2vec_encodes_a_sentence_to_the_mean_of_its_rows(vectors: str) -> None:
    from model2vec import StaticModel

    embedprep.convert(vectors, "out/")
    model = StaticModel.from_pretrained("out")
    sentence = ["word3", "the", "Grüße", "."]
    mean = ROWS[[WORDS.index(word) for word in sentence]].mean(axis=0)
    assert np.allclose(model.encode("word3 the unheardof Grüße."), mean, atol=1e-6)


@pytest.mark.parametrize(("words", "found"), [(["the", "cat"], True), (["the", "Cat"], False)])
def test_texts_are_lowered_where_no_key_has_upper_case(
    words: list[str], found: bool, workdir: Path
) -> None:
    from model2vec import StaticModel

    Path("v.txt").write_text("".join(f"{word} 1 2\n" for word in words))
    embedprep.convert("v.txt", "out/")
    encoded = StaticModel.from_pretrained("out").encode("THE")
    assert encoded.tolist() == ([1, 2] if found else [0, 0])


OTHER_ENDINGS = {
    "word2vec": "out.npy",
    "word2vec-binary": "out.txt",
    "npy": "out.h5",
    "hdf5": "out.npy",
    "safetensors": "out.bin",
    "model2vec": "out.vec",
    "projector": "out.vec",
}


def test_every_target_is_tried_under_another_ending() -> None:
    assert list(OTHER_ENDINGS) == list(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("foreign", [True, False])
def test_what_the_user_says_goes_before_the_ending(
    target: str, foreign: bool, vectors: str
) -> None:
    output = OTHER_ENDINGS[target] if foreign else "out.dat"
    embedprep.convert(vectors, output, to=target)
    if target == "projector":
        assert np.loadtxt(output, delimiter="\t", dtype=np.float32).tobytes() == ROWS.tobytes()
        return
    matrix, coverage = embedprep.build(output, WORDS)
    assert matrix.tobytes() == ROWS.tobytes()
    by_format = {"word2vec": "text"}
    assert coverage.vectors[0].format == by_format.get(target, target)


def test_the_projector_gets_a_label_a_row(vectors: str) -> None:
    embedprep.convert(vectors, "out.tsv")
    assert Path("out.metadata.tsv").read_text(encoding="utf-8").splitlines() == WORDS
    assert np.loadtxt("out.tsv", delimiter="\t", dtype=np.float32).tobytes() == ROWS.tobytes()


def test_unknown_words_of_a_fasttext_model_come_too(workdir: Path) -> None:
    datapath = pytest.importorskip("gensim.test.utils").datapath

    model = datapath("crime-and-punishment.bin")
    embedprep.convert(model, "out.vec", vocab=["the", "unheardof"])
    words = ["the", "unheardof"]
    direct, _ = embedprep.build(model, words)
    again, coverage = embedprep.build("out.vec", words)
    assert coverage.counts.vocabulary.found == 2
    assert again.tobytes() == direct.tobytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2))
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
    "a length": (
        b"k" * 65_537 + b" 1 2\nthe 3 4\n",
        ["word2vec-binary"],
        "has 65,537 bytes",
    ),
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


def test_a_key_as_long_as_readers_take_it(workdir: Path) -> None:
    key = "k" * 2_048
    Path("v.txt").write_text(f"{key} 1 2\nthe 3 4\n")
    embedprep.convert("v.txt", "out.bin")
    assert embedprep.build("out.bin", [key])[0].tolist() == [[1, 2]]
    assert TARGETS["word2vec-binary"].refuses([b"k", key.encode() + b"k"]).keys() == {1}
    refusal = TARGETS["word2vec"].refuses([b"k" * (9 << 20)]).get(0)
    assert refusal is not None
    assert refusal.reason == "has 9,437,184 bytes, more than 8,388,608"


@pytest.mark.parametrize(
    ("key", "target", "remedy"),
    [
        (b"\xff", "npy", "Convert to .bin, or leave"),
        (b"\xff", "projector", "Convert to .bin, or leave"),
        (b"New York", "word2vec", "Convert to .npy, .h5 or .safetensors, or leave"),
        (b"", "npy", "Leave such records out with --on-malformed skip."),
    ],
)
def test_the_way_out_is_a_format_that_holds_the_key(
    key: bytes, target: str, remedy: str, workdir: Path
) -> None:
    Path("v.txt").write_bytes(b"the 3 4\n" + key + b" 1 2\n")
    with pytest.raises(InputError) as caught:
        embedprep.convert("v.txt", OUTPUTS[target])
    assert caught.value.remedy.startswith(remedy)


@pytest.mark.parametrize("output", OUTPUTS.values())
def test_one_value_a_record(output: str, workdir: Path) -> None:
    """A header of word2vec's text could be a record of one value, and is read as one."""
    Path("v.txt").write_text("the 1\ncat 2\n")
    if output == "out.vec":
        with pytest.raises(UsageError, match=r"\.bin"):
            embedprep.convert("v.txt", output)
        assert os.listdir() == ["v.txt"]
        return
    embedprep.convert("v.txt", output)
    if output != "out.tsv":
        matrix, coverage = embedprep.build(output.rstrip("/"), ["the", "cat"])
        assert matrix.tolist() == [[1], [2]]
        assert output == "out/" or coverage.vectors[0].records == 2  # there, [UNK] has a row


@pytest.mark.parametrize("output", MATRICES)
@pytest.mark.parametrize(
    ("key", "surface"),
    [("▁{}", "metaspace"), ("Ġ{}", "byte-level"), ("{}</w>", "word-end"), ("w{}", "plain")],
)
def test_what_the_keys_are_is_kept(output: str, key: str, surface: str, workdir: Path) -> None:
    lines = [f"{key.format(i)} {i} 2\n" for i in range(20)]
    Path("v.txt").write_text("".join(lines), encoding="utf-8")
    embedprep.convert("v.txt", output)
    assert embedprep.open(output).coverage.vocabulary.surface == surface
    embedprep.convert(output, "again.txt")
    again = Path("again.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split()[0] for line in again] == [key.format(i) for i in range(20)]


BERT = {"config.json": b'{"model_type": "bert"}'}
STATIC = {
    "config.json": b'{"model_type": "model2vec"}',
    "model.safetensors": b"old",
    "tokenizer.json": b"old",
    "modules.json": b"old",
}


def _put(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _written(output: str) -> Callable[[], object]:
    return lambda: embedprep.convert("v.txt", output)


def _array_and_list(array: str, tokens: str) -> Callable[[], object]:
    def write() -> None:
        np.save(array, ROWS)
        Path(tokens).write_text(json.dumps(WORDS))

    return write


OVERWRITING: dict[str, tuple[Callable[[], object], dict[str, Any]]] = {
    "the vectors": (_written("g.vec"), {"vectors": "g.vec", "output": "./g.vec"}),
    "the vocabulary": (
        lambda: Path("vocab.txt").write_text("the\n"),
        {"output": Path("vocab.txt"), "vocab": Path("vocab.txt")},
    ),
    "a vocabulary inside the folder": (
        lambda: _put(Path("m"), STATIC),
        {"output": "m/", "vocab": "m/tokenizer.json"},
    ),
    "a vocabulary beside the array": (
        lambda: Path("out.tokens.json").write_text('["the"]'),
        {"output": "out.npy", "vocab": "out.tokens.json"},
    ),
    "named tokens": (
        _array_and_list("a.npy", "b.tokens.json"),
        {"vectors": "a.npy", "output": "b.safetensors", "vectors_tokens": "b.tokens.json"},
    ),
    "a file of the folder": (
        _written("pot/"),
        {"vectors": "pot/model.safetensors", "output": "pot/"},
    ),
    "the folder": (_written("pot/"), {"vectors": "pot", "output": "pot/"}),
    "a file inside the folder": (
        _written("pot/"),
        {"vectors": "pot", "output": "pot/tokenizer.json", "to": "word2vec"},
    ),
    "tokens beside safetensors": (
        _written("words.safetensors"),
        {"vectors": "words.safetensors", "output": "words.npy"},
    ),
    "tokens beside an array": (
        _array_and_list("a.npy", "a.txt"),
        {"vectors": "a.npy", "output": "a.txt"},
    ),
    "the tokenizer beside safetensors": (
        _written("pot/"),
        {"vectors": "pot/model.safetensors", "output": "pot/tokenizer.json", "to": "npy"},
    ),
}


@pytest.mark.parametrize("name", OVERWRITING)
def test_inputs_are_never_overwritten(name: str, vectors: str, workdir: Path) -> None:
    prepare, options = OVERWRITING[name]
    prepare()
    before = _contents(workdir)
    with pytest.raises(UsageError, match="never overwritten"):
        embedprep.convert(**({"vectors": vectors} | options))
    assert _contents(workdir) == before


def test_what_lies_beside_vectors_with_keys_is_no_input(vectors: str) -> None:
    embedprep.convert(vectors, "words.bin")
    embedprep.convert("words.bin", "words.npy")
    embedprep.convert("words.bin", "words.npy")
    embedprep.convert("words.bin", "words.txt")
    embedprep.convert("words.bin", "words.txt")


@pytest.mark.parametrize("output", [".", "folder"])
def test_a_folder_is_only_written_where_it_is_asked_for(
    output: str, vectors: str, workdir: Path
) -> None:
    _put(workdir / output, STATIC)
    before = _contents(workdir)
    with pytest.raises(UsageError, match="--to model2vec"):
        embedprep.convert(vectors, output)
    assert _contents(workdir) == before


@pytest.mark.parametrize("how", [{"output": "m/"}, {"output": "m", "to": "model2vec"}])
@pytest.mark.parametrize(
    "files", [BERT, {"notes.txt": b""}, {"config.json": b"\xff"}, {"config.json": b"[]"}]
)
def test_a_folder_of_something_else_stays_as_it_is(
    files: dict[str, bytes], how: dict[str, Any], vectors: str, workdir: Path
) -> None:
    _put(workdir / "m", files)
    before = _contents(workdir)
    with pytest.raises(OutputError, match="something else"):
        embedprep.convert(vectors, **how)
    assert _contents(workdir) == before


@pytest.mark.parametrize("files", [{}, STATIC, {".embedprep-0.tmp": b"of a killed run"}])
@pytest.mark.parametrize("how", [{"output": "m/"}, {"output": "m", "to": "model2vec"}])
def test_a_folder_that_is_empty_or_of_model2vec_is_written(
    files: dict[str, bytes], how: dict[str, Any], vectors: str, workdir: Path
) -> None:
    (workdir / "m").mkdir()
    _put(workdir / "m", files)
    embedprep.convert(vectors, **how)
    matrix, _ = embedprep.build("m", WORDS)
    assert matrix.tobytes() == ROWS.tobytes()


@pytest.mark.parametrize("clobber", [True, False])
def test_a_folder_is_left_empty_if_it_was(clobber: bool, workdir: Path) -> None:
    (workdir / "m").mkdir()
    with pytest.raises(InputError):
        embedprep.convert("no.txt", "m/", clobber=clobber)
    assert os.listdir("m") == []


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("clobber", [True, False])
def test_a_failure_between_two_files(
    target: str, clobber: bool, vectors: str, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing appears that was not there; where something was, each file is wholly old or new."""
    output = OUTPUTS[target]
    embedprep.convert(vectors, output, vocab=WORDS[:50])
    old = _contents(workdir)
    embedprep.convert(vectors, output)
    new = _contents(workdir)
    for name in new.keys() - {vectors}:
        Path(name).unlink()
    if clobber:
        _put(workdir, old)
    call = "replace" if clobber else "link"
    give_name = getattr(os, call)
    published: list[str] = []

    def fail_last(source: str, place: str) -> None:
        if len(published) == len(new) - 2:  # without the vectors and the last
            raise OSError(errno.ENOSPC, "No space left on device")
        published.append(os.path.relpath(place, workdir))
        give_name(source, place)

    monkeypatch.setattr(os, call, fail_last)
    with pytest.raises(OutputError, match="no space"):
        embedprep.convert(vectors, output, clobber=clobber)
    monkeypatch.undo()
    expected = old | {name: new[name] for name in published} if clobber else {vectors: old[vectors]}
    assert _contents(workdir) == expected
    main = "out/model.safetensors" if target == "model2vec" else output
    assert main not in published


UNWRITABLE: dict[str, tuple[Callable[[], object], str]] = {
    "the list is a directory": (lambda: os.mkdir("out.tokens.json"), "out.npy"),
    "the labels are a directory": (lambda: os.mkdir("out.metadata.tsv"), "out.tsv"),
    "the folder is a file": (lambda: Path("out").write_text("old"), "out/"),
    "the folder has no parent": (lambda: None, "no/out/"),
    "a directory in the folder": (
        lambda: _put(Path("out"), {"config.json": STATIC["config.json"], "tokenizer.json/x": b""}),
        "out/",
    ),
    "a file to be kept in the folder": (lambda: _put(Path("out"), STATIC), "out/"),
    "a list to be kept": (lambda: Path("out.tokens.json").write_text("old"), "out.safetensors"),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_a_place_that_cannot_be_written_is_found_out_first(name: str, workdir: Path) -> None:
    prepare, output = UNWRITABLE[name]
    prepare()
    before = sorted(workdir.rglob("*"))
    with pytest.raises(OutputError):
        embedprep.convert("no.txt", output, vocab="no.json", clobber="kept" not in name)
    assert sorted(workdir.rglob("*")) == before


@pytest.mark.parametrize(
    ("output", "place"), [("out/", "out"), ("sub/out.npy", "sub"), ("link.npy", "sub")]
)
def test_the_temporary_file_lies_where_the_output_will(
    output: str, place: str, vectors: str, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkdir("sub")
    os.symlink("sub/out.npy", "link.npy")
    made, make = [], tempfile.TemporaryFile

    def recorded(**options: Any) -> Any:
        made.append(options["dir"])
        return make(**options)

    monkeypatch.setattr(tempfile, "TemporaryFile", recorded)
    embedprep.convert(vectors, output)
    assert made == [str(workdir / place)]


@pytest.mark.parametrize("output", OUTPUTS.values())
def test_nobody_waits_for_the_disk_who_does_not_want_to(
    output: str, vectors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    embedprep.convert(vectors, output, durable=False)
    assert not synced
    embedprep.convert(vectors, output)
    assert synced


BAD: dict[str, tuple[dict[str, object], type[EmbedprepError], str]] = {
    "no such target": ({"output": "out.vec", "to": "docx"}, UsageError, "word2vec"),
    "an unknown ending": ({"output": "out.docx"}, UsageError, "--to"),
    "the input itself": ({"output": "v.txt"}, UsageError, "never overwritten"),
    "no file": ({"output": "out/", "to": "npy"}, UsageError, "model2vec"),
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


def test_the_unknown_token_of_a_model2vec_folder_is_the_mean(vectors: str) -> None:
    embedprep.convert(vectors, "out/")
    matrix, _ = embedprep.build("out", ["[UNK]", "the"])
    assert np.allclose(matrix[0], ROWS.mean(axis=0), atol=1e-6)
