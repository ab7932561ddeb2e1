"""`embedding_layer`: the matrix as an ordinary layer, on the backend of this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import embedprep
from embedprep.errors import EmbedprepError, InputError, UsageError
from embedprep.keras import embedding_layer
from tests.keras.models import WORDS, built, classifier, output, predicted, some_ids
from tests.matrices import random_rows, written

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("path", ["m.npy", "m.h5", "m.safetensors"])
def test_every_row_is_that_of_the_file(path: str, dtype: str) -> None:
    layer = embedding_layer(built(path, dtype=dtype))
    rows = embedprep.open(path).array.astype(np.float32)
    assert output(layer, np.arange(len(WORDS))).tobytes() == rows.tobytes()
    assert type(layer) is keras.layers.Embedding


def test_it_predicts_what_a_layer_filled_by_hand_does() -> None:
    rows = np.load(built())
    by_hand = keras.layers.Embedding(*rows.shape, weights=[rows], mask_zero=True, trainable=False)
    ours, hand = classifier(embedding_layer("m.npy")), classifier(by_hand)
    assert predicted(ours, some_ids()).tobytes() == predicted(hand, some_ids()).tobytes()


def test_it_is_frozen_unless_told_otherwise() -> None:
    assert embedding_layer(built()).trainable_weights == []
    assert len(embedding_layer("m.npy", trainable=True).trainable_weights) == 1


def test_training_changes_the_layer_and_neither_the_file_nor_another_layer() -> None:
    before = Path(built()).read_bytes()
    trained, frozen = embedding_layer("m.npy", trainable=True), embedding_layer("m.npy")
    model = classifier(trained)
    model.fit(some_ids(), np.arange(40) % 3, epochs=2, verbose=0)
    rows = embedprep.open("m.npy").array
    assert not np.array_equal(output(trained, np.arange(len(WORDS))), rows)
    assert np.array_equal(output(frozen, np.arange(len(WORDS))), rows)
    assert Path("m.npy").read_bytes() == before


def test_a_layer_that_is_thawed_later_changes_no_file() -> None:
    before = Path(built()).read_bytes()
    layer = embedding_layer("m.npy")
    layer.trainable = True
    classifier(layer).fit(some_ids(), np.arange(40) % 3, verbose=0)
    assert Path("m.npy").read_bytes() == before
    assert not np.array_equal(output(layer, np.arange(len(WORDS))), np.load("m.npy"))


def test_padding_is_hidden_from_the_layers_behind() -> None:
    layer = embedding_layer(built())
    assert np.asarray(keras.ops.convert_to_numpy(layer.compute_mask(np.array([[2, 0]])))).tolist()
    assert layer.mask_zero
    assert not output(layer, [0]).any()


def test_a_mask_that_would_hide_a_word_is_refused() -> None:
    written(["the", "cat"], random_rows(2))
    with pytest.raises(UsageError, match="row 0 is a token and not padding"):
        embedding_layer("m.npy")
    assert not embedding_layer("m.npy", mask_zero=False).mask_zero


def test_arguments_of_the_layer_go_through() -> None:
    layer = embedding_layer(built(), name="words", lora_rank=2, embeddings_regularizer="l2")
    assert layer.name == "words"
    assert layer.lora_enabled
    assert np.array_equal(output(layer, np.arange(len(WORDS))), np.load("m.npy"))


def test_lora_trains_its_own_two_matrices_and_not_the_rows() -> None:
    built()
    later = embedding_layer("m.npy")
    later.enable_lora(2)
    for layer in (embedding_layer("m.npy", lora_rank=2), later):
        model = classifier(layer)
        assert len(layer.trainable_weights) == 2
        model.fit(some_ids(), np.arange(40) % 3, verbose=0)
        assert not np.array_equal(output(layer, np.arange(len(WORDS))), np.load("m.npy"))
    with pytest.raises(UsageError, match="trainable=False and lora_rank"):
        embedding_layer("m.npy", trainable=False, lora_rank=2)


def test_a_clone_has_no_rows_until_it_gets_weights() -> None:
    model = classifier(embedding_layer(built()))
    clone = keras.models.clone_model(model)
    assert np.isnan(predicted(clone, some_ids())).all()
    clone.set_weights(model.get_weights())
    assert predicted(clone, some_ids()).tobytes() == predicted(model, some_ids()).tobytes()


def test_it_can_be_quantized_afterwards() -> None:
    layer = embedding_layer(built())
    layer.quantize("int8")
    rows = np.load("m.npy")
    error = np.abs(output(layer, np.arange(len(WORDS))) - rows).max(axis=1)
    assert (error <= np.abs(rows).max(axis=1) / 254 * 1.01).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: embedding_layer("m.npy", vocabulary_size=49), InputError, "50 rows.* 49 ids"),
        (lambda: embedding_layer("m.npy", weights=[1]), UsageError, "'weights' is given"),
        (lambda: embedding_layer("m.npy", input_dim=50), UsageError, "'input_dim' is given"),
        (
            lambda: embedding_layer("m.npy", embeddings_initializer="zeros"),
            UsageError,
            "'embeddings_initializer' is given",
        ),
        (
            lambda: embedding_layer("m.npy", dtype="int8_from_float32"),
            UsageError,
            "int8_from_float32 cannot be filled",
        ),
        (lambda: embedding_layer("m.npy", dtype="int32"), UsageError, "int32 cannot be filled"),
        (lambda: embedding_layer(np.load("m.npy")), UsageError, "given by the path of its file"),
        (lambda: embedding_layer("none.npy"), InputError, "no such file"),
        (
            lambda: embedding_layer("plain.npy"),
            InputError,
            "not a .npy matrix written by embedprep",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(
    call: Callable[[], Any], error: type[EmbedprepError], message: str
) -> None:
    np.save("plain.npy", np.load(built()))
    with pytest.raises(error, match=message):
        call()


def test_the_size_of_the_right_vocabulary_is_accepted() -> None:
    assert embedding_layer(built(), vocabulary_size=50).input_dim == 50
