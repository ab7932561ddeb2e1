"""`ExternalEmbedding`: the table stays outside the model, on the backend of this process."""

from __future__ import annotations

import os
import re
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
    forget,
    output,
    predicted,
    some_ids,
)
from tests.matrices import random_rows, written
from tests.torch.tables import edit

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
    assert [weights.shape for weights in model.layers[0].weights] == [(32,)]


def test_all_layers_of_one_file_share_one_map() -> None:
    layers = [ExternalEmbedding(path) for path in (built(), "m.npy", os.path.abspath("m.npy"))]
    assert all(layer.table.array is layers[0].table.array for layer in layers)


def test_the_config_is_what_reload_needs() -> None:
    layer = ExternalEmbedding(built(), name="words")  # its table comes before those of other tests
    config = layer.get_config()
    assert (config["source"], config["mask_zero"]) == ("m.npy", True)
    assert config["record"] == {
        "sha256": embedprep.open("m.npy").coverage.matrix.sha256_of_pieces,
        "rows": 50,
        "dim": 8,
        "folder": os.getcwd(),
        "modified": os.stat("m.npy").st_mtime_ns,
    }
    again = ExternalEmbedding.from_config(config)
    assert again.get_config() == config


def test_a_model_whose_table_moved_is_told_where_it_is() -> None:
    # No other test has these rows, and no model predicts: TensorFlow would keep the table open.
    classifier(ExternalEmbedding(built(seed=101))).save("model.keras")
    forget()
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
    [layer] = [layer for layer in loaded.layers if isinstance(layer, ExternalEmbedding)]
    rows = np.asarray(embedprep.open("elsewhere.npy"))
    assert output(layer, some_ids()).tobytes() == rows[some_ids()].tobytes()
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
    classifier(ExternalEmbedding(built(seed=102))).save("model.keras")
    forget()
    built(seed=1)
    with pytest.raises(InputError, match=r"another table than that of the model: 50 x 8, sha256"):
        keras.models.load_model("model.keras")
    with (
        tables(built("other.npy", seed=2)),
        pytest.raises(InputError, match="another table"),
    ):
        keras.models.load_model("model.keras")


@pytest.mark.parametrize("bad", [50, -1, 1_000_000])
def test_an_id_without_a_row_is_an_error_and_not_a_nan(bad: int) -> None:
    layer = ExternalEmbedding(built())
    ids = some_ids()
    ids[3, 4] = bad
    message = f"there is no row of id {bad}: the table has the ids 0 to 49"
    with pytest.raises(InputError, match=message) as caught:
        layer(ids)
    assert caught.value.path == "m.npy"
    with pytest.raises(Exception, match=message) as compiled:
        predicted(classifier(layer), ids)
    assert re.search(rf"m\.npy: {message}\n +{caught.value.remedy}", str(compiled.value))


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
        ({"source": "m.npy", "trainable": True}, UsageError, "cannot be trained"),
        ({"source": "m.npy", "dtype": "int32"}, UsageError, "cannot have the type int32"),
        ({"source": "m.npy", "dtype": "int8_from_float32"}, UsageError, "cannot have the type"),
        ({"source": None}, UsageError, "given by the path of its file"),
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


def test_it_cannot_be_thawed_later_and_a_model_around_it_can() -> None:
    layer = ExternalEmbedding(built())
    with pytest.raises(UsageError, match="cannot be trained") as caught:
        layer.trainable = True
    assert "embedding_layer(PATH, trainable=True)" in caught.value.remedy
    model = classifier(layer)
    model.trainable = False
    with pytest.warns(UserWarning, match="is not trained with its model"):
        model.trainable = True
    assert not layer.trainable
    assert len(model.trainable_weights) == 2


def test_weights_of_another_table_are_refused_wherever_they_are_loaded() -> None:
    model, other = (classifier(ExternalEmbedding(built(f"{n}.npy", seed=n))) for n in (0, 1))
    message = r"1\.npy: this is another table \(50 x 8, sha256 \w+…\) than that of the saved model"
    own = other.layers[0].get_weights()[0].tobytes()
    model.save_weights("model.weights.h5")
    with pytest.raises(ValueError, match=message):
        other.load_weights("model.weights.h5")
    with pytest.raises(InputError, match=message):
        other.set_weights(model.get_weights())
    with pytest.raises(InputError, match=message):
        other.layers[0].set_weights([np.zeros(32, np.uint8)])
    if keras.backend.backend() == "torch":
        names, values = other.state_dict(), model.state_dict().values()
        other.load_state_dict(dict(zip(names, values, strict=True)))
        with pytest.raises(InputError, match=message):
            other(some_ids())
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        path = tf.train.Checkpoint(model=model).save("checkpoint")
        with pytest.raises(InputError, match=message):
            tf.train.Checkpoint(model=other).restore(path)
    assert other.layers[0].get_weights()[0].tobytes() == own
    model.load_weights("model.weights.h5")


def test_weights_of_an_ordinary_layer_are_not_those_of_a_table() -> None:
    classifier(embedding_layer(built())).save_weights("ordinary.weights.h5")
    with pytest.raises(ValueError, match="than that of the saved model, sha256 unreadable"):
        classifier(ExternalEmbedding("m.npy")).load_weights("ordinary.weights.h5")


def test_edited_rows_are_neither_saved_nor_loaded() -> None:
    model = classifier(ExternalEmbedding(built()))
    model.save_weights("model.weights.h5")
    edit("m.npy", row=4)
    edited = classifier(ExternalEmbedding("m.npy"))
    with pytest.raises(ValueError, match="its rows are not those that were built"):
        edited.load_weights("model.weights.h5")
    with pytest.raises(InputError, match="its rows are not those that were built"):
        edited.save_weights("edited.weights.h5")


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="JAX gets the ids in pieces")
def test_ids_in_pieces_are_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    import jax

    from embedprep.keras import gathering

    monkeypatch.setattr(gathering, "_JAX_BYTES", 40)
    rows = np.load(built())
    ids = some_ids(5, 7)
    layer = ExternalEmbedding("m.npy")

    def summed(scale: Any, ids: Any) -> Any:
        return (layer(ids) * scale).sum()

    for transformed in (jax.jit(layer), jax.vmap(layer), jax.jit(jax.vmap(jax.vmap(layer)))):
        assert np.array_equal(transformed(ids), rows[ids])
    slope = jax.jit(jax.grad(summed))(1.0, ids)
    np.testing.assert_allclose(slope, rows[ids].sum(), rtol=1e-4)
