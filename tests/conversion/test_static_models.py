"""Static models with a tokenizer of their own: every id has its row, in their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

import embedprep
from embedprep.errors import OutputError, UsageError

tokenizers = pytest.importorskip("tokenizers")
model2vec = pytest.importorskip("model2vec")

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

TOKENS = ["[PAD]", "[UNK]", "the", "cat", "##s", "dog", "un", "##happy", "."]


@pytest.fixture
def tokenizer() -> Any:
    """A tokenizer that cuts texts and fills them up, as those of sentence models do."""
    words = {token: id for id, token in enumerate(TOKENS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(words, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.BertNormalizer()
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.add_special_tokens(["[PAD]", "[UNK]"])
    made.enable_padding(length=16)
    made.enable_truncation(max_length=2)
    made.save("tokenizer.json")
    return made


@pytest.fixture
def glove() -> str:
    lines = [f"{word} {i} 1 {2 * i}\n" for i, word in enumerate(["the", "cat", "dog", "cats"], 1)]
    Path("v.txt").write_text("".join(lines))
    return "v.txt"


def encoded(folder: str, text: str) -> NDArray[Any]:
    vector: NDArray[Any] = model2vec.StaticModel.from_pretrained(folder).encode([text])[0]
    return vector


@pytest.mark.parametrize("how", ["build", "convert"])
def test_a_folder_with_the_tokenizer_of_the_vocabulary(
    how: str, tokenizer: Any, glove: str
) -> None:
    if how == "build":
        embedprep.build(glove, "tokenizer.json", "out/", oov="zeros")
    else:
        embedprep.convert(glove, "out/", vocab="tokenizer.json")
    expected, _ = embedprep.build(glove, "tokenizer.json", oov="zeros")
    model = model2vec.StaticModel.from_pretrained("out")
    assert np.array_equal(model.embedding, expected)
    saved = tokenizers.Tokenizer.from_file("out/tokenizer.json")
    assert saved.get_vocab() == tokenizer.get_vocab()
    tokenizer.no_padding()
    tokenizer.no_truncation()
    text = "The cats, the dog. the cat cat"
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert saved.encode(text, add_special_tokens=False).ids == ids
    known = [id for id in ids if TOKENS[id] != "[UNK]"]
    assert np.allclose(encoded("out", text), expected[known].mean(axis=0))
    assert embedprep.verify("out/model.safetensors").ok
    again, _ = embedprep.build("out", "tokenizer.json", oov="zeros")
    assert np.array_equal(again, expected)


def test_a_model_becomes_a_static_model_with_all_its_rows(tokenizer: Any) -> None:
    table = np.random.default_rng(1).normal(size=(len(TOKENS), 4)).astype(np.float32)
    Path("model").mkdir()
    tokenizer.save("model/tokenizer.json")
    tensors = {"embeddings.word_embeddings.weight": table}
    tensors |= {f"layer.{i}.weight": np.ones((2, 2), np.float32) for i in range(4)}
    safetensors.numpy.save_file(tensors, "model/model.safetensors")
    info = embedprep.convert("model", "static/")
    assert (info.records, info.rows) == (len(TOKENS), len(TOKENS))
    assert np.array_equal(model2vec.StaticModel.from_pretrained("static").embedding, table)
    [module] = json.loads(Path("static/modules.json").read_text())
    assert module["type"].endswith("StaticEmbedding")


def test_what_is_no_static_model_is_refused_before_anything_is_written(
    tokenizer: Any, glove: str
) -> None:
    with pytest.raises(UsageError, match=r"Name a tokenizer\.json as --vocab"):
        embedprep.build(glove, ["the", "cat"], "out/")
    with pytest.raises(UsageError, match="there are 64 rows for 9 tokens"):
        embedprep.build(glove, "tokenizer.json", "out/", rows=64)
    assert not Path("out").exists()
    Path("full").mkdir()
    Path("full/config.json").write_text("{}")
    with pytest.raises(OutputError, match="holds something else"):
        embedprep.build(glove, "tokenizer.json", "full/")
    with pytest.raises(UsageError, match="inputs are never overwritten"):
        embedprep.build(glove, "out/tokenizer.json", "out/")


def test_a_static_model_is_replaced_or_kept(tokenizer: Any, glove: str) -> None:
    embedprep.build(glove, "tokenizer.json", "out/")
    before = Path("out/model.safetensors").read_bytes()
    with pytest.raises(OutputError):
        embedprep.build(glove, "tokenizer.json", "out/", seed=1, clobber=False)
    assert Path("out/model.safetensors").read_bytes() == before
    embedprep.build(glove, "tokenizer.json", "out/", seed=1)
    assert Path("out/model.safetensors").read_bytes() != before
