"""Saved models in a process that knows nothing of embedprep until it is told, and has one core."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from embedprep.keras import ExternalEmbedding, embedding_layer
from tests.keras.models import built, classifier, predicted, some_ids

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("slim_keras", "workdir"),
]

# In one process, which takes Keras seconds to start; on one core, on which JAX has one thread.
_LOADING = """
import os, sys
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import keras, numpy as np

def save_predictions(name):
    model = keras.models.load_model(name + ".keras")
    np.save(name, model.predict(np.load("ids.npy"), verbose=0, batch_size=16))

save_predictions("ordinary")
try:
    keras.models.load_model("external.keras")
except Exception as error:
    print(error)
assert not any(name.startswith("embedprep") for name in sys.modules)
import embedprep.keras
save_predictions("external")
model = keras.models.load_model("external.keras")
many = np.tile(np.load("ids.npy"), (640, 1))
for _ in range(3):
    model.predict(many, verbose=0, batch_size=12800)  # 153,600 ids at once
"""


def test_an_ordinary_model_needs_nothing_and_one_with_a_table_the_import() -> None:
    model = classifier(embedding_layer(built("gone.npy")))
    model.save("ordinary.keras")
    os.unlink("gone.npy")
    classifier(ExternalEmbedding(built("m.npy"))).save("external.keras")
    assert os.path.getsize("external.keras") < 100_000
    np.save("ids.npy", some_ids())
    done = subprocess.run(
        [sys.executable, "-c", _LOADING],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
    )
    assert "ExternalEmbedding" in done.stdout, "what is to be imported is said"
    expected = predicted(model, some_ids()).tobytes()
    assert np.load("ordinary.npy").tobytes() == expected
    assert np.load("external.npy").tobytes() == expected
