"""The recipes of docs/guides/static-models.md, with the libraries that they are for.

embedprep depends on none of them; a recipe whose library is missing is skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parent.parent / "docs" / "guides" / "static-models.md"
RECIPES = re.findall(r"^```py\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.no_cover,
]

BEFORE = {
    "sentence_transformers": """
from embedprep import build
build("glove.txt", "tokenizer.json", "static/")
""",
    "transformers": """
from transformers import BertConfig, BertForMaskedLM
small = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 8}
BertForMaskedLM(BertConfig(**small, intermediate_size=8)).save_pretrained("my-model")
""",
    "keras_hub": """
import keras_hub
small = {"hidden_dim": 4, "num_layers": 1, "num_heads": 2, "vocabulary_size": 8}
made = keras_hub.models.BertBackbone(**small, intermediate_dim=8)
keras_hub.models.Backbone.from_preset = classmethod(lambda cls, name: made)
""",
}
AFTER = {
    "sentence_transformers": """
import numpy as np, embedprep, tokenizers
matrix = embedprep.open("static/model.safetensors")
ids = tokenizers.Tokenizer.from_file("static/tokenizer.json").encode("the cat").ids
assert np.allclose(model.encode(["the cat"])[0], matrix[ids].mean(axis=0), atol=1e-6)
""",
    "transformers": """
assert model.get_input_embeddings().weight.tolist() == matrix[:].tolist()
assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
assert model.get_input_embeddings().padding_idx == 0
assert model(torch.tensor([[1, 2, 11]])).logits.shape == (1, 3, 12)
""",
    "keras_hub": """
import numpy as np
assert np.array_equal(np.asarray(new.token_embedding.embeddings), matrix[:])
for before, after in zip(old.layers, new.layers):
    for one, other in zip(before.get_weights(), after.get_weights()):
        assert before is old.token_embedding or np.array_equal(one, other)
""",
}


@pytest.mark.parametrize("library", BEFORE)
def test_a_recipe(library: str, tmp_path: Path) -> None:
    pytest.importorskip(library)
    tokenizers = pytest.importorskip("tokenizers")
    words = ["[PAD]", "[UNK]", "the", "cat", *(f"w{i}" for i in range(8))]
    vocab = {word: id for id, word in enumerate(words)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocab, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    lines = [f"{word} {i} 1 2 {i}\n" for i, word in enumerate(words[2:])]
    (tmp_path / "glove.txt").write_text("".join(lines))
    (recipe,) = (
        code for code in RECIPES if f"import {library}" in code or f"from {library}" in code
    )
    table = 'import embedprep\nembedprep.build("glove.txt", "tokenizer.json", "table.npy")\n'
    done = subprocess.run(
        [sys.executable, "-c", table + BEFORE[library] + recipe + AFTER[library]],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "jax", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
