"""A matrix of `--dtype int8` in Keras: what `quantize("int8")` makes of the rows before."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.errors import UsageError
from embedprep.keras import ExternalEmbedding, embedding_layer, encode
from tests.keras.models import WORDS, built, classifier, output, predicted, some_ids

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

EVERY = np.arange(len(WORDS))


def quantised(**options: Any) -> Any:
    """The layer that Keras makes itself."""
    layer = embedding_layer(built("floats.npy"), **options)
    layer.quantize("int8")
    return layer


def bits(layer: Any) -> list[tuple[Any, bytes]]:
    return [(weight.dtype, weight.tobytes()) for weight in layer.get_weights()]


@pytest.mark.parametrize("dtype", [None, "float32", "mixed_bfloat16", "int8_from_float32"])
@pytest.mark.parametrize("path", ["m.npy", "m.h5", "m.safetensors"])
def test_it_is_what_keras_makes_of_the_floats(path: str, dtype: str | None) -> None:
    options: dict[str, Any] = {} if dtype is None else {"dtype": dtype}
    ours = embedding_layer(built(path, dtype="int8"), **options)
    theirs = quantised(**({} if dtype == "int8_from_float32" else options))
    assert type(ours) is keras.layers.Embedding
    assert bits(ours) == bits(theirs)
    assert ours.dtype_policy == theirs.dtype_policy
    assert output(ours, EVERY).tobytes() == output(theirs, EVERY).tobytes()
    kept = ("dtype", "input_dim", "output_dim", "mask_zero", "trainable")
    one, other = ours.get_config(), theirs.get_config()
    assert [one[name] for name in kept] == [other[name] for name in kept]


def test_models_predict_the_same_bits() -> None:
    ours = classifier(embedding_layer(built(dtype="int8")))
    theirs = classifier(quantised())
    expected = predicted(theirs, some_ids())
    assert predicted(ours, some_ids()).tobytes() == expected.tobytes()


def test_a_model_is_saved_and_loaded_and_its_weights_too() -> None:
    model = classifier(embedding_layer(built(dtype="int8")))
    expected = predicted(model, some_ids()).tobytes()
    model.save("model.keras")
    assert predicted(keras.models.load_model("model.keras"), some_ids()).tobytes() == expected
    model.save_weights("model.weights.h5")
    other = classifier(embedding_layer(built("o.npy", seed=1, dtype="int8")))
    assert predicted(other, some_ids()).tobytes() != expected
    other.load_weights("model.weights.h5")
    assert predicted(other, some_ids()).tobytes() == expected


def test_rows_are_not_trained_and_lora_is() -> None:
    built(dtype="int8")
    with pytest.raises(UsageError, match="cannot be trained"):
        embedding_layer("m.npy", trainable=True)
    assert embedding_layer("m.npy").trainable_weights == []
    layer = embedding_layer("m.npy", lora_rank=2)
    rows = output(layer, EVERY)
    classifier(layer).fit(some_ids(), np.arange(40) % 3, epochs=2, verbose=0)
    assert not np.array_equal(output(layer, EVERY), rows)
    assert set(bits(embedding_layer("m.npy"))) < set(bits(layer))
    later = embedding_layer("m.npy")
    later.enable_lora(2)
    assert len(later.trainable_weights) == 2


@pytest.mark.parametrize("dtype", ["float16", "mixed_float16", "bfloat16", "float64"])
def test_a_type_that_keras_does_not_quantise(dtype: str) -> None:
    with pytest.raises(UsageError, match="int8 with float32 scales") as caught:
        embedding_layer(built(dtype="int8"), dtype=dtype)
    assert "dtype='float32'" in caught.value.remedy


def decoded() -> NDArray[Any]:
    return embedprep.open("m.npy").array


def test_an_external_table_stays_int8() -> None:
    layer = ExternalEmbedding(built(dtype="int8"))
    assert output(layer, EVERY).tobytes() == decoded().tobytes()
    assert "array" not in vars(layer.table.matrix)
    model = classifier(layer)
    expected = predicted(model, some_ids())
    model.save("model.keras")
    loaded = keras.models.load_model("model.keras")
    assert predicted(loaded, some_ids()).tobytes() == expected.tobytes()


def test_verify_sees_every_row() -> None:
    findings = embedprep.verify(built(dtype="int8"), keras=True).findings
    assert findings[-1].ok
    assert findings[-1].seen.endswith("for every id, within the rounding of a division")


def test_encode_decodes() -> None:
    vectors = encode(built(dtype="int8"), ["w0 w1", "w2"])[0][0]
    assert vectors[0].tobytes() == decoded()[[2, 3]].tobytes()
