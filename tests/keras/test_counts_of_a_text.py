"""What `--text` counts for a TextVectorization is what the layer itself makes of the texts."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import embedprep

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="runs on TensorFlow"),
]

TEXTS = [
    "The cat's mat: don't sit! (really)",
    "İstanbul ΑΣ Straße ÉTÉ — “quoted” … ½",
    "a\tb\x0bc\x0cd\u00a0e\u2003f\u2028g\x85h \x1c i",
    "日本語の文 \U0001f600 e\u0301",
    "3,000.5 $5bn x_y a-b [UNK] the the",
    "   ",
]
SETTINGS: list[dict[str, Any]] = [
    {},
    {"standardize": None},
    {"standardize": "lower"},
    {"standardize": "strip_punctuation"},
    {"split": "character"},
    {"split": None},
    {"ngrams": 2},
    {"ngrams": (1, 3), "standardize": None},
    {"output_sequence_length": 2},
    {"output_mode": "multi_hot"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_layer_emits_what_is_counted(settings: dict[str, Any]) -> None:
    adapted = keras.layers.TextVectorization(**settings)
    adapted.adapt(TEXTS[:4])
    whole = {name: one for name, one in settings.items() if not name.startswith("output")}
    layer = keras.layers.TextVectorization(
        **whole, vocabulary=adapted.get_vocabulary(include_special_tokens=False)
    )
    saved = keras.saving.serialize_keras_object(layer)
    Path("layer.json").write_text(json.dumps(saved))
    Path("t.txt").write_text("\n".join(TEXTS) + "\n", "utf-8", newline="")
    emitted: Counter[str] = Counter()
    vocabulary = layer.get_vocabulary()
    for text in TEXTS:
        ids = np.asarray(keras.ops.convert_to_numpy(layer([text]))).ravel()
        emitted.update(vocabulary[id] for id in ids.tolist() if id)  # 0 is padding
    assert embedprep.count("layer.json", "t.txt").by_token() == dict(emitted)
