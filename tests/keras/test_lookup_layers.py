"""`text_vectorization` and `string_lookup`: ids that are rows."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import embedprep
from embedprep.errors import EmbedprepError, InputError, UsageError
from embedprep.keras import embedding_layer, string_lookup, text_vectorization
from tests.keras.models import WORDS, built
from tests.matrices import random_rows, written

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]
tensorflow = importlib.util.find_spec("tensorflow") is not None
needs_tensorflow = pytest.mark.skipif(not tensorflow, reason="runs on TensorFlow alone")


def ids(layer: Any, texts: list[Any]) -> list[Any]:
    found: list[Any] = np.asarray(keras.ops.convert_to_numpy(layer(np.array(texts)))).tolist()
    return found


@needs_tensorflow
def test_the_ids_of_a_text_vectorization_are_rows() -> None:
    layer = text_vectorization(built())
    matrix = embedprep.open("m.npy")
    words = WORDS[2:]
    assert ids(layer, [" ".join(words)]) == [[matrix.row(word) for word in words]]
    assert ids(layer, ["W3, nonsense!"]) == [[matrix.row("w3"), matrix.row("[UNK]")]]
    assert layer.vocabulary_size() == len(matrix)


@needs_tensorflow
def test_arguments_of_the_layer_go_through() -> None:
    layer = text_vectorization(built(), standardize=None, output_sequence_length=3)
    assert ids(layer, ["W3 w3"]) == [[1, 5, 0]]


def cased(*words: str) -> str:
    """A matrix of words that Keras' own standardisation would change."""
    written(["", "[UNK]", "[CLS]", *words], random_rows(len(words) + 3))
    return "m.npy"


@needs_tensorflow
@pytest.mark.parametrize(
    ("words", "arguments", "message"),
    [
        (["Lyon", "N.B."], {}, "2 of its 2 words, such as 'Lyon',"),
        (["lamp", "dusk", "it's"], {}, "1 of its 3 words, such as 'it's',"),
        (["Lyon", "Oslo"], {"standardize": "lower"}, "2 of its 2 words"),
        (["lamp", "dusk"], {"split": "character"}, "2 of its 2 words"),
        (["new york"], {}, "1 of its 1 words, such as 'new york'"),
    ],
)
def test_words_that_no_text_gives_are_refused(
    words: list[str], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        text_vectorization(cased(*words), **arguments)
    assert caught.value.path == "m.npy"
    assert "standardize=None" in caught.value.remedy


@needs_tensorflow
@pytest.mark.parametrize(
    ("words", "arguments", "text"),
    [
        (["Lyon", "N.B."], {"standardize": None}, "N.B. Lyon"),
        (["lamp", "it's"], {"standardize": "lower"}, "It's lamp"),
        (["new", "york", "new york"], {"ngrams": 2}, "new york"),
        (["a", "b"], {"split": "character", "output_mode": "count"}, "ab"),
        (["Lyon"], {"standardize": lambda text: text}, "Lyon"),
    ],
)
def test_words_that_a_text_gives_are_accepted(
    words: list[str], arguments: dict[str, Any], text: str
) -> None:
    [found] = ids(text_vectorization(cased(*words), **arguments), [text])
    unknown = found[1] if arguments.get("output_mode") == "count" else found.count(1)
    assert unknown == 0


@needs_tensorflow
def test_whoever_chooses_the_standardisation_is_told_how_many_words_it_loses() -> None:
    with pytest.warns(UserWarning, match="1 of its 2 words, such as 'Lyon', can come out of no"):
        layer = text_vectorization(cased("Lyon", "lamp"), standardize="lower")
    assert ids(layer, ["lamp"]) == [[4]]


@needs_tensorflow
def test_text_goes_in_and_rows_come_out_of_one_model() -> None:
    layer, embedding = text_vectorization(built()), embedding_layer("m.npy")
    rows = keras.ops.convert_to_numpy(embedding(layer(np.array(["w0 w1"]))))
    assert np.array_equal(np.asarray(rows), np.load("m.npy")[[[2, 3]]])


@needs_tensorflow
@pytest.mark.parametrize(
    ("tokens", "unknown"),
    [
        (["", "[UNK]", "the", "cat"], 1),
        (["<pad>", "<unk>", "the", "cat"], 1),
        (["<unk>", "the", "cat"], 0),
        (["", "the", "cat"], None),
        (["the", "cat"], None),
    ],
)
def test_the_ids_of_a_string_lookup_are_rows(tokens: list[str], unknown: int | None) -> None:
    embedprep.build(written_vectors(), tokens, "m.npy")
    layer = string_lookup("m.npy")
    words = [token for token in tokens if token in ("the", "cat")]
    assert ids(layer, words) == [tokens.index(word) for word in words]
    if unknown is not None:
        assert ids(layer, ["dog"]) == [unknown]
    else:
        with pytest.raises(Exception, match="dog"):
            ids(layer, ["dog"])


def written_vectors() -> str:
    with open("v.txt", "w") as file:
        file.write("the 1 2\ncat 3 4\n")
    return "v.txt"


@needs_tensorflow
@pytest.mark.parametrize(
    ("tokens", "call", "message"),
    [
        (["the", "cat"], text_vectorization, "but 'the' and 'cat'"),
        (["", "the"], text_vectorization, "but without a token and 'the'"),
        ([""], text_vectorization, "but without a token and nothing"),
        (["", "[UNK]", "a", "", "b"], text_vectorization, "row 3 has no token"),
        (["", "[UNK]", "a", "b", "a"], string_lookup, "row 4 has the token of row 2"),
    ],
)
def test_a_vocabulary_that_keras_cannot_have_is_refused(
    tokens: list[str], call: Callable[[str], Any], message: str
) -> None:
    written(tokens, random_rows(len(tokens)))
    with pytest.raises(InputError, match=message):
        call("m.npy")


@pytest.mark.skipif(tensorflow, reason="TensorFlow is there")
@pytest.mark.parametrize("call", [text_vectorization, string_lookup])
def test_without_tensorflow_the_error_says_so(call: Callable[[str], EmbedprepError]) -> None:
    with pytest.raises(UsageError, match="runs on TensorFlow, which is not installed"):
        call(built())
