"""`ExternalEmbedding`: the table stays outside the model, on the backend of this process."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
import pytest

import embedprep
from embedprep.errors import EmbedprepError, InputError, UsageError
from embedprep.keras import ExternalEmbedding, embedding_layer, tables
from tests.keras.models import (
    HEADS,
    WORDS,
    built,
    classifier,
    output,
    predicted,
    some_ids,
)
from tests.matrices import random_rows, written

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("path", ["m.npy", "m.h5", "m.safetensors"])
def test_every_row_is_that_of_the_file(path: str, dtype: str) -> None:
    layer = ExternalEmbedding(built(path, dtype=dtype))
    rows = embedprep.open(path).array.astype(np.float32)
    assert output(layer, np.arange(len(WORDS))).tobytes() == rows.tobytes()


@pytest.mark.parametrize("head", HEADS)
def test_models_with_it_predict_bit_for_bit_what_ordinary_ones_do(head: str) -> None:
    masks = head in ("average", "recurrent")  # the others cannot skip padding
    ordinary = embedding_layer(built(), mask_zero=masks)
    external = ExternalEmbedding("m.npy", mask_zero=masks)
    expected = predicted(classifier(ordinary, head), some_ids())
    assert predicted(classifier(external, head), some_ids()).tobytes() == expected.tobytes()


def test_training_behind_it_is_the_same_too() -> None:
    models = [classifier(embedding_layer(built())), classifier(ExternalEmbedding("m.npy"))]
    for model in models:
        model.fit(some_ids(), np.arange(40) % 3, epochs=3, verbose=0, shuffle=False)
    assert predicted(models[0], some_ids()).tobytes() == predicted(models[1], some_ids()).tobytes()


def test_the_table_is_in_neither_the_weights_nor_the_file() -> None:
    big = written(
        ["", *(f"w{i}" for i in range(4999))],
        np.zeros((5000, 50), np.float32),
        provenance=[1] * 5000,
    )
    model = classifier(ExternalEmbedding(big.path))
    model.save("model.keras")
    model.save_weights("model.weights.h5")
    assert os.path.getsize("model.keras") < 40_000
    assert os.path.getsize("model.weights.h5") < 40_000
    assert model.layers[0].weights == []


def test_all_layers_of_one_file_share_one_map() -> None:
    layers = [ExternalEmbedding(path) for path in (built(), "m.npy", os.path.abspath("m.npy"))]
    assert all(layer.table.array is layers[0].table.array for layer in layers)


def test_the_config_is_what_reload_needs() -> None:
    config = ExternalEmbedding(built(), name="words").get_config()
    report = embedprep.open("m.npy").coverage.matrix
    assert (config["source"], config["sha256"]) == ("m.npy", report.sha256)
    assert (config["shape"], config["mask_zero"]) == ([50, 8], True)
    again = ExternalEmbedding.from_config(config)
    assert again.get_config() == config


def test_a_model_whose_table_moved_is_told_where_it_is() -> None:
    model = classifier(ExternalEmbedding(built()))
    model.save("model.keras")
    os.rename("m.npy", "elsewhere.npy")
    with pytest.raises(
        InputError,
        match=r"(?s)m\.npy: the model needs this table \(50 x 8, sha256 \w+…\)"
        r".*no such file.*embedprep\.tables",
    ):
        keras.models.load_model("model.keras")
    other = built("other.npy", seed=1)
    with tables(other, "elsewhere.npy"):
        loaded = keras.models.load_model("model.keras")
    assert predicted(loaded, some_ids()).tobytes() == predicted(model, some_ids()).tobytes()
    loaded.save("again.keras")
    keras.models.load_model("again.keras")  # has learnt the new place


def test_the_same_rows_in_another_container_are_the_same_table() -> None:
    model = classifier(ExternalEmbedding(built()))
    model.save("model.keras")
    built("m.h5")
    os.unlink("m.npy")
    with tables("m.h5"):
        keras.models.load_model("model.keras")


def test_another_table_is_refused() -> None:
    classifier(ExternalEmbedding(built())).save("model.keras")
    built(seed=1)
    with pytest.raises(InputError, match=r"another table than that of the model: 50 x 8, sha256"):
        keras.models.load_model("model.keras")
    with (
        tables(built("other.npy", seed=2)),
        pytest.raises(InputError, match="another table"),
    ):
        keras.models.load_model("model.keras")


def test_a_cloned_model_shares_the_table() -> None:
    model = classifier(ExternalEmbedding(built()))
    clone = keras.models.clone_model(model)
    assert clone.layers[0].table.array is model.layers[0].table.array


@pytest.mark.parametrize("bad", [50, -1, 1_000_000])
def test_an_id_without_a_row_is_an_error_and_not_a_nan(bad: int) -> None:
    layer = ExternalEmbedding(built())
    ids = some_ids()
    ids[3, 4] = bad
    message = f"there is no row of id {bad}: the table has the ids 0 to 49"
    with pytest.raises(Exception, match=message):
        layer(ids)
    with pytest.raises(Exception, match=message):
        predicted(classifier(layer), ids)


def test_padding_is_hidden_from_the_layers_behind() -> None:
    ids = some_ids()
    layer = ExternalEmbedding(built())
    mask = keras.ops.convert_to_numpy(layer.compute_mask(keras.ops.convert_to_tensor(ids)))
    assert np.array_equal(mask, ids != 0)
    assert ExternalEmbedding("m.npy", mask_zero=False).compute_mask(ids) is None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"source": "m.npy", "vocabulary_size": 51}, InputError, "50 rows, and the vocabulary 51"),
        ({"source": "none.npy"}, InputError, "no such file"),
        ({"source": "words.npy"}, UsageError, "row 0 is a token"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: dict[str, Any], error: type[EmbedprepError], message: str
) -> None:
    built()
    written(["the", "cat"], random_rows(2), path="words.npy")
    with pytest.raises(error, match=message):
        ExternalEmbedding(**arguments)


def test_floats_are_taken_for_ids_as_an_ordinary_layer_does() -> None:
    ids = some_ids().astype(np.float32)
    assert np.array_equal(
        output(ExternalEmbedding(built()), ids), output(embedding_layer("m.npy"), ids)
    )


def test_half_precision_rounds_the_rows_and_not_the_ids() -> None:
    n = 4100  # not all of these are float16 numbers
    written(["", *(f"w{i}" for i in range(1, n))], random_rows(n), provenance=[1] + [3] * (n - 1))
    layer = ExternalEmbedding("m.npy", dtype="mixed_float16")
    ids = np.arange(n, dtype=np.float32)
    assert np.array_equal(output(layer, ids), np.load("m.npy").astype(np.float16))


def test_ids_of_any_shape() -> None:
    layer = ExternalEmbedding(built())
    rows = np.load("m.npy")
    for shape in ((), (0,), (5,), (2, 3, 4), (0, 7)):
        ids = np.ones(shape, np.int64)
        assert np.array_equal(output(layer, ids), rows[ids])
    assert layer.compute_output_shape((None, 7)) == (None, 7, 8)


def test_a_model_that_calls_it_in_its_own_way_is_built() -> None:
    class Mean(keras.Model):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.words = ExternalEmbedding("m.npy")
            self.dense = keras.layers.Dense(2)

        def call(self, ids: Any) -> Any:
            return self.dense(keras.ops.mean(self.words(ids), axis=1))

    built()
    model = Mean()
    model.compile("sgd", "mse")
    assert predicted(model, some_ids()).shape == (40, 2)
    nested = keras.layers.TimeDistributed(ExternalEmbedding("m.npy"))
    assert nested(np.ones((2, 3, 4), np.int32)).shape == (2, 3, 4, 8)


def test_the_file_can_be_built_again_under_a_model_that_uses_it() -> None:
    model = classifier(ExternalEmbedding(built()))
    before = predicted(model, some_ids())
    built(seed=1)
    assert predicted(model, some_ids()).tobytes() == before.tobytes()
    newer = ExternalEmbedding("m.npy")
    assert newer.table.array is not model.layers[0].table.array
