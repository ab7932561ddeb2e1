"""Folders as vectors: static models of sentences, and spaCy's vectors."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.vectors import FORMATS, Request, open_vectors
from embedprep.vectors.detection import FOLDERS
from embedprep.vectors.formats.spacy_folder import murmur_hash_64a
from embedprep.vectors.formats.spacy_symbols import SYMBOLS

pytestmark = pytest.mark.once

MATRIX = np.random.default_rng(8).standard_normal((6, 3)).astype(np.float32)


def build(path: str, *tokens: str, **options: Any) -> np.ndarray:
    matrix, _ = embedprep.build(path, list(tokens), oov="zeros", **options)
    return matrix


# Static models.

PIECES = ["[PAD]", "[UNK]", "the", "cat", "##s", "dog"]


def static_model(folder: str, name: str = "embeddings", **tensors: np.ndarray) -> None:
    library = pytest.importorskip("safetensors.numpy", reason="no safetensors")
    Path(folder).mkdir(parents=True)
    library.save_file({name: MATRIX, **tensors}, f"{folder}/model.safetensors")
    words = {piece: number for number, piece in enumerate(PIECES)}
    Tokenizer(models.WordPiece(words, unk_token="[UNK]")).save(f"{folder}/tokenizer.json")


def modules(folder: str, *types: str) -> None:
    listed = [{"idx": i, "path": "x", "type": type} for i, type in enumerate(types)]
    Path(folder, "modules.json").write_text(json.dumps(listed))


def test_model2vec(workdir: Path) -> None:
    static_model("potion")
    Path("potion/config.json").write_text("{}")
    modules(
        "potion",
        "sentence_transformers.models.StaticEmbedding",
        "sentence_transformers.models.Normalize",
    )
    matrix, report = embedprep.build("potion", ["dog", "zebra", "the"], oov="zeros")
    assert np.array_equal(matrix, [MATRIX[5], np.zeros(3), MATRIX[2]])
    (info,) = report.vectors
    assert (info.format, info.records) == ("model2vec", 6)
    assert info.path == "potion/model.safetensors"
    assert np.array_equal(build("potion/", "dog", vectors_format="model2vec"), MATRIX[5:])
    assert np.array_equal(build("potion/model.safetensors", "dog"), MATRIX[5:])


def test_model2vec_with_its_vocabulary_quantized(workdir: Path) -> None:
    mapping, weights = np.array([0, 5, 5, 1, 2, 0]), np.linspace(0.1, 3, 6)
    static_model("quantized", mapping=mapping, weights=weights)
    expected = (MATRIX[mapping] * weights[:, None]).astype(np.float32)
    assert np.array_equal(build("quantized", "the", "cat", "dog"), expected[[2, 3, 5]])


def test_sentence_transformers(workdir: Path) -> None:
    static_model("static/0_StaticEmbedding", "embedding.weight")
    modules("static", "sentence_transformers.models.StaticEmbedding.StaticEmbedding")
    assert np.array_equal(build("static", "dog", "cat"), MATRIX[[5, 3]])


def test_a_static_model_that_changes_its_vectors_afterwards(workdir: Path) -> None:
    static_model("bert")
    modules("bert", "sentence_transformers.models.StaticEmbedding", "s.Dense")
    with pytest.raises(InputError, match="its modules are StaticEmbedding, Dense"):
        build("bert", "dog")


@pytest.mark.parametrize(
    "text", ["", "{", "5", "[5]", '[{"type": 5}]', '{"type": "x"}', "[" * 9999]
)
def test_a_damaged_list_of_modules(text: str, workdir: Path) -> None:
    static_model("static")
    Path("static/modules.json").write_text(text)
    with pytest.raises(InputError, match=r"modules\.json"):
        build("static", "dog")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_every_cut_of_a_static_model_is_an_error(name: str, workdir: Path) -> None:
    static_model("static")
    data = Path("static", name).read_bytes()
    for size in range(1, len(data), max(1, len(data) // 60)):
        Path("static", name).write_bytes(data[:size])
        with pytest.raises(InputError):
            build("static", "dog")


# spaCy. The layout was compared with what spaCy 3.8 writes.


def hashed(string: str) -> int:
    numbers = {symbol: number for number, symbol in SYMBOLS.items()}
    return numbers.get(string) or int(murmur_hash_64a([string.encode()], 1)[0])


def spacy_folder(folder: str, row_of: dict[str, int], data: np.ndarray = MATRIX) -> None:
    msgpack = pytest.importorskip("msgpack", reason="no msgpack")
    Path(folder).mkdir(parents=True)
    with open(f"{folder}/vectors", "wb") as file:
        np.save(file, data)
    keys = {hashed(word): row for word, row in row_of.items()}
    Path(folder, "key2row").write_bytes(msgpack.packb(keys))
    strings = sorted(word for word in row_of if word not in SYMBOLS.values())
    Path(folder, "strings.json").write_text(json.dumps([*strings, "without a vector"]))
    Path(folder, "vectors.cfg").write_text('{"mode": "default"}')


WORDS = {"coffee": 4, "number": 0, "New York": 5, "é": 2, "also é": 2, "mark": 1, "a": 0}


def test_the_hash_is_spacys() -> None:
    # Values of spaCy 3.8: nlp.vocab.strings[...].
    known = {
        "coffee": 3197928453018144401,
        "apple": 8566208034543834098,
        "I": 4690420944186131903,
    }
    texts = [word.encode() for word in known]
    assert murmur_hash_64a(texts, 1).tolist() == list(known.values())


@pytest.mark.parametrize("inside", ["", "vocab", "en_model-1.0.0/vocab"])
def test_spacy(inside: str, workdir: Path) -> None:
    spacy_folder(f"model/{inside}", WORDS)
    tokens = [*WORDS, "without a vector", "zebra"]
    matrix, report = embedprep.build("model", tokens, oov="zeros")
    assert np.array_equal(matrix[:-2], MATRIX[list(WORDS.values())])
    assert not matrix[-2:].any()
    (info,) = report.vectors
    assert (info.format, info.records) == ("spacy", len(WORDS))
    with closing(open_vectors(Request("model"))) as vectors:
        names = [name for hits in vectors.hits(None) for name in hits.names]
    assert sorted(names) == sorted(word.encode() for word in WORDS)


def test_spacy_matrix_of_float16_with_fewer_rows_than_keys(workdir: Path) -> None:
    halves = MATRIX[:2].astype(np.float16)
    words = {f"word{i}": i % 2 for i in range(500)}
    spacy_folder("vocab", words, halves)
    expected = halves[list(words.values())].astype(np.float32)
    assert np.array_equal(build("vocab", *words, vectors_format="spacy"), expected)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "floret"),
        (None, "floret"),
        ([1, 2], "does not lead from keys to rows"),
        ({"a": 1}, "does not lead from keys to rows"),
        ({5: "a"}, "does not lead from keys to rows"),
        ({5: 6}, "does not lead from keys to rows"),
        ({5: -1}, "does not lead from keys to rows"),
        ({-5: 1}, "does not lead from keys to rows"),
        ({5: 1.0}, "does not lead from keys to rows"),
        ({5: True}, "does not lead from keys to rows"),
        ({1 << 60: 1}, "none of the strings"),
    ],
)
def test_spacy_keys_that_lead_nowhere(content: Any, reason: str, workdir: Path) -> None:
    spacy_folder("vocab", WORDS)
    msgpack = pytest.importorskip("msgpack", reason="no msgpack")
    Path("vocab/key2row").write_bytes(msgpack.packb(content))
    with pytest.raises(InputError, match=reason):
        build("vocab", "coffee")


@pytest.mark.parametrize("text", ["", "{}", "5", '["a", 5]', "[" * 9999, '["a"', "\xff"])
def test_spacy_strings_that_are_none(text: str, workdir: Path) -> None:
    spacy_folder("vocab", WORDS)
    Path("vocab/strings.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"strings\.json"):
        build("vocab", "coffee")


HOSTILE_MSGPACK = [b"", b"\xc1", b"\xdf\xff\xff\xff\xff", b"\x81" * 5000, b"\x91" * 5000, b"\x80x"]


@pytest.mark.parametrize("data", HOSTILE_MSGPACK, ids=lambda data: data[:5].hex())
def test_hostile_messagepack(data: bytes, workdir: Path) -> None:
    spacy_folder("vocab", WORDS)
    Path("vocab/key2row").write_bytes(data)
    with pytest.raises(InputError, match="key2row"):
        build("vocab", "coffee")


@pytest.mark.parametrize("name", ["vectors", "key2row", "strings.json"])
def test_every_cut_of_a_spacy_folder_is_an_error(name: str, workdir: Path) -> None:
    spacy_folder("vocab", WORDS)
    data = Path("vocab", name).read_bytes()
    for size in range(0, len(data), max(1, len(data) // 60)):
        Path("vocab", name).write_bytes(data[:size])
        with pytest.raises(InputError):
            build("vocab", "coffee")


def test_spacy_without_messagepack(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spacy_folder("vocab", WORDS)
    monkeypatch.setitem(sys.modules, "msgpack", None)
    with pytest.raises(UsageError, match=r"pip install 'embedprep\[spacy\]'"):
        build("vocab", "coffee")


# Other folders.


def test_a_folder_of_files(workdir: Path) -> None:
    Path("folder").mkdir()
    with pytest.raises(InputError, match="this is a directory") as nothing:
        build("folder", "the")
    assert nothing.value.remedy == "Name the vector file inside it."
    for name in ("glove.50d.txt", "glove.ZIP", "readme.md", "model.bin"):
        Path("folder", name).write_bytes(b"the 1 2\n")
    with pytest.raises(InputError) as files:
        build("folder", "the")
    assert files.value.remedy.endswith("inside it: glove.50d.txt, glove.ZIP, model.bin.")


def test_a_format_of_the_other_kind(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\n")
    static_model("static")
    with pytest.raises(UsageError, match="'text' is no format of folders"):
        build("static", "the", vectors_format="text")
    for name in ("model2vec", "spacy"):
        with pytest.raises(InputError, match="this is a file"):
            build("v.txt", "the", vectors_format=name)
    with pytest.raises(InputError, match="it lacks"):
        build("static", "the", vectors_format="spacy")
    shutil.rmtree("static")
    Path("static").mkdir()
    with pytest.raises(InputError, match="it lacks"):
        build("static", "the", vectors_format="model2vec")


def test_a_token_list_for_a_folder_is_refused(workdir: Path) -> None:
    static_model("static")
    Path("list.txt").write_text("\n".join(PIECES))
    with pytest.raises(UsageError, match="--vectors-tokens"):
        build("static", "the", vectors_tokens="list.txt")


def test_every_kind_of_folder_can_be_named() -> None:
    assert set(FOLDERS) == {name for name in FORMATS if "folder" in FORMATS[name].meaning}
