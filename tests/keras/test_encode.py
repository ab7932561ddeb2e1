"""`encode`: texts as vectors from outside, for a model without a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep.errors import EmbedprepError, InputError, UsageError
from embedprep.keras import embedding_layer, encode
from tests.keras.models import (
    HEADS,
    WORDS,
    built,
    classifier,
    predicted,
    some_ids,
    with_fixed_weights,
)
from tests.matrices import random_rows, written

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

FLOATS: Any = [[1.5]]
NESTED: Any = [[[1]]]
ANYTHING: Any = None
IDS_ALONE: Any = [3, 4]
WITH_NONE: Any = [["w1", None]]
RAGGED: Any = [[[1], [2, 3]]]
UNKNOWABLE: Any = [float("nan")]
TEXTS = ["w0 w1 w2", "w5", "", "w7 strange w0 w0"]


def test_a_word_has_its_row_and_the_end_of_a_text_zeros() -> None:
    rows = np.load(built())
    [(vectors,)] = list(encode("m.npy", TEXTS))
    assert vectors.shape == (4, 4, 8)
    assert vectors.dtype == np.float32
    expected = [[2, 3, 4, 0], [7, 0, 0, 0], [0, 0, 0, 0], [9, 1, 2, 2]]  # row 1 is [UNK]
    assert np.array_equal(vectors, rows[np.array(expected)])


def test_strings_tokens_and_ids_are_the_same_text() -> None:
    built()
    of_strings = encode("m.npy", ["w3 w4"])[0][0]
    for text in (["w3", "w4"], ("w3", "w4"), [5, 6], np.array([5, 6], np.int32)):
        assert np.array_equal(encode("m.npy", [text])[0][0], of_strings)
    for texts in (iter(["w3 w4"]), np.array(["w3 w4"]), [np.array(["w3", "w4"])]):
        assert np.array_equal(encode("m.npy", texts)[0][0], of_strings)
    lazy = encode("m.npy", ["w3 w4"], tokenize=lambda text: iter(text.split()))
    assert np.array_equal(lazy[0][0], of_strings)


def test_what_the_vocabulary_lacks_is_counted_and_without_an_unknown_token_zeros() -> None:
    assert encode(built(), TEXTS).unknown == 1
    written(["the", "cat"], random_rows(2), path="words.npy")
    encoded = encode("words.npy", ["the dog cat"])
    assert encoded.unknown == 1
    assert encoded.ids[0].tolist() == [0, -1, 1]
    assert not encoded[0][0][0, 1].any()


def test_the_tokenizer_is_that_of_the_user() -> None:
    encoded = encode(built(), ["W1,W2"], tokenize=lambda text: text.lower().split(","))
    assert encoded.ids[0].tolist() == [3, 4]
    assert encoded.unknown == 0


def test_long_texts_are_cut_and_every_batch_has_one_length() -> None:
    encoded = encode(built(), TEXTS, max_length=2, batch_size=3)
    assert [batch[0].shape for batch in (encoded[0], encoded[1])] == [(3, 2, 8), (1, 2, 8)]
    assert encode("m.npy", ["", ""]).length == 1
    assert encode("m.npy", ["w1"], max_length=9)[0][0].shape == (1, 9, 8)


def test_targets_follow_their_texts() -> None:
    encoded = encode(built(), TEXTS, [10, 11, 12, 13], batch_size=3)
    assert [batch[1].tolist() for batch in (encoded[0], encoded[1])] == [[10, 11, 12], [13]]


def test_a_model_without_a_table_learns_and_predicts_as_one_with_it() -> None:
    ids, targets = some_ids(), np.arange(40) % 3
    with_table = classifier(embedding_layer(built()))
    without = with_fixed_weights(
        [keras.Input((12, 8)), keras.layers.Masking(0.0), *HEADS["average"]()]
    )
    texts = [row[row != 0] for row in ids]
    with_table.fit(ids, targets, batch_size=8, epochs=2, verbose=0, shuffle=False)
    training = encode("m.npy", texts, targets, max_length=12, batch_size=8)
    without.fit(training, epochs=2, verbose=0, shuffle=False)
    ours = without.predict(encode("m.npy", texts, max_length=12, batch_size=16), verbose=0)
    np.testing.assert_allclose(np.asarray(ours), predicted(with_table, ids), rtol=1e-5)


def test_half_precision_rows_come_as_float32() -> None:
    built(dtype="float16")
    vectors = encode("m.npy", TEXTS)[0][0]
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors[0, 0], embedprep.open("m.npy")[2].astype(np.float32))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: encode("m.npy", []), UsageError, "0 texts"),
        (lambda: encode("m.npy", ["a"], batch_size=0), UsageError, "batches of 0"),
        (lambda: encode("m.npy", ["a"], max_length=0), UsageError, "at most 0 tokens"),
        (lambda: encode("m.npy", ["a"], [1, 2]), UsageError, "1 texts and 2 targets"),
        (lambda: encode("m.npy", [[1, 50]]), InputError, "no row of id 50"),
        (lambda: encode("m.npy", [[-1]]), InputError, "no row of id -1"),
        (lambda: encode("m.npy", FLOATS), UsageError, "text 0 is float64 of shape"),
        (lambda: encode("m.npy", NESTED), UsageError, "of shape"),
        (lambda: encode("m.npy", "w1 w2"), UsageError, "texts is of type str.*\n.*TEXT"),
        (lambda: encode("m.npy", ANYTHING), UsageError, "texts is of type NoneType"),
        (lambda: encode("m.npy", ["w1", *UNKNOWABLE]), UsageError, "text 1 is nan"),
        (lambda: encode("m.npy", IDS_ALONE), UsageError, "text 0 is 3"),
        (lambda: encode("m.npy", [b"w1"]), UsageError, "text 0 is b'w1'"),
        (lambda: encode("m.npy", WITH_NONE), UsageError, "text 0 is object of shape"),
        (lambda: encode("m.npy", RAGGED), UsageError, "text 0 is a list of lists"),
        (lambda: encode("m.npy", ["w1"], tokenize=str.upper), UsageError, "text 0 is 'W1'"),
        (lambda: encode("none.npy", ["a"]), InputError, "no such file"),
        (lambda: encode("m.npy", ["a"])[1], IndexError, "batch 1 of 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    call: Callable[[], Any], error: type[EmbedprepError], message: str
) -> None:
    built()
    with pytest.raises(error, match=message):
        call()


@given(
    texts=st.lists(st.lists(st.sampled_from([*WORDS[1:], "none"]), max_size=7), min_size=1),
    batch_size=st.integers(1, 9),
    max_length=st.none() | st.integers(1, 9),
)
def test_batches_are_the_rows_of_the_texts(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[list[str]],
    batch_size: int,
    max_length: int | None,
) -> None:
    built()
    encoded = encode("m.npy", texts, batch_size=batch_size, max_length=max_length)
    batches = [encoded[i][0] for i in range(len(encoded))]
    vectors = np.concatenate(batches)
    matrix = embedprep.open("m.npy")
    for text, rows in zip(texts, vectors, strict=True):
        kept = text[:max_length]
        expected = [matrix[matrix.row_of.get(token, 1)] for token in kept]
        assert np.array_equal(rows[: len(kept)], np.array(expected).reshape(-1, 8))
        assert not rows[len(kept) :].any()
