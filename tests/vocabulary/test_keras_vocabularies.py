"""Keras: the Tokenizer's JSON, and the serialised TextVectorization and StringLookup layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import Role, Surface, read


def tokenizer(**config: Any) -> dict[str, Any]:
    return {"class_name": "Tokenizer", "config": config}


def layer(name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": name, "config": config}


# Written by Keras 3.15: Tokenizer(num_words=3, oov_token="<OOV>"), fitted on "the cat the".
SAVED = (
    '{"class_name": "Tokenizer", "config": {"num_words": 3, "filters": "!\\"#$%&()*+", "lower": '
    'true, "split": " ", "char_level": false, "oov_token": "<OOV>", "document_count": 1, '
    '"word_counts": "{\\"the\\": 2, \\"cat\\": 1}", "word_docs": "{\\"cat\\": 1, \\"the\\": 1}", '
    '"index_docs": "{\\"3\\": 1, \\"2\\": 1}", "index_word": "{\\"1\\": \\"<OOV>\\", \\"2\\": '
    '\\"the\\", \\"3\\": \\"cat\\"}", "word_index": "{\\"<OOV>\\": 1, \\"the\\": 2, '
    '\\"cat\\": 3}"}}'
)


@pytest.mark.parametrize("text", [SAVED, json.dumps(SAVED)])
def test_tokenizer_as_keras_saves_it(text: str, tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(text)
    vocabulary = read(file)
    assert vocabulary.tokens == ("<OOV>", "the", "cat")
    assert vocabulary.rows.tolist() == [1, 2, 3]
    assert vocabulary.roles.tolist() == [Role.UNKNOWN, Role.WORD, Role.WORD]
    assert vocabulary.counts is not None
    assert vocabulary.counts.tolist() == [0, 2, 1]
    assert (vocabulary.n_rows, vocabulary.num_words, vocabulary.padding_row) == (4, 3, 0)


def test_counts_follow_their_tokens_into_the_order_of_rows() -> None:
    vocabulary = read(tokenizer(word_index={"b": 2, "a": 1}, word_counts={"a": 10, "b": 20}))
    assert vocabulary.tokens == ("a", "b")
    assert vocabulary.counts is not None
    assert vocabulary.counts.tolist() == [10, 20]


def test_tokenizer_with_real_maps_and_only_the_inverse_one() -> None:
    vocabulary = read(tokenizer(index_word={"1": "the", "2": "▁x"}, oov_token="the"))
    assert vocabulary.tokens == ("the", "▁x")
    assert vocabulary.roles.tolist() == [Role.UNKNOWN, Role.WORD]
    assert vocabulary.counts is None
    assert vocabulary.num_words is None
    assert vocabulary.surface is Surface.PLAIN


def test_tokenizer_whose_ids_begin_at_zero_has_no_reserved_row() -> None:
    assert read(tokenizer(word_index={"the": 0, "cat": 1})).padding_row is None


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"num_words": 5}, "without its word_index"),
        ({"word_index": ["the"]}, "word_index is"),
        ({"word_index": "[1]"}, "word_index is [1], not a map"),
        ({"word_index": {"a": 1}, "num_words": True}, "num_words is true"),
        ({"word_index": {"a": 1}, "num_words": 0}, "num_words is 0"),
        ({"word_index": {"a": 1}, "word_counts": {"a": -1}}, "-1 is not a count"),
        ({"index_word": {"x": "a"}}, '"x" is not an id'),
    ],
)
def test_a_damaged_tokenizer(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tokenizer(**config))
    assert reason in caught.value.reason


WORDS = ["the", "cat"]


# The expected tokens are what get_vocabulary() of Keras 3.15 answered for these configurations.
@pytest.mark.parametrize(
    ("name", "config", "tokens"),
    [
        ("TextVectorization", {}, ["", "[UNK]", "the", "cat"]),
        ("TextVectorization", {"output_mode": "int"}, ["", "[UNK]", "the", "cat"]),
        ("TextVectorization", {"output_mode": "multi_hot"}, ["[UNK]", "the", "cat"]),
        ("StringLookup", {}, ["[UNK]", "the", "cat"]),
        ("StringLookup", {"mask_token": None, "num_oov_indices": 1}, ["[UNK]", "the", "cat"]),
        ("StringLookup", {"mask_token": ""}, ["", "[UNK]", "the", "cat"]),
        ("StringLookup", {"num_oov_indices": 0}, ["the", "cat"]),
        ("StringLookup", {"num_oov_indices": 2}, ["[UNK]", "[UNK]", "the", "cat"]),
        (
            "StringLookup",
            {"num_oov_indices": 2, "mask_token": "M"},
            ["M", "[UNK]", "[UNK]", "the", "cat"],
        ),
        ("StringLookup", {"mask_token": "M", "num_oov_indices": 0}, ["M", "the", "cat"]),
        ("StringLookup", {"oov_token": "XX"}, ["XX", "the", "cat"]),
        ("StringLookup", {"mask_token": "M", "output_mode": "count"}, ["[UNK]", "the", "cat"]),
    ],
)
@pytest.mark.parametrize("passed_in", ["words", "all tokens"])
def test_layer_ids_are_those_the_layer_emits(
    name: str, config: dict[str, Any], tokens: list[str], passed_in: str
) -> None:
    vocabulary = read(layer(name, vocabulary=WORDS if passed_in == "words" else tokens, **config))
    assert list(vocabulary.tokens) == tokens
    assert vocabulary.rows.tolist() == list(range(len(tokens)))
    words = [vocabulary.tokens[i] for i, role in enumerate(vocabulary.roles) if role == Role.WORD]
    assert words == WORDS
    masks = [token for token in tokens if token in {"", "M"}]
    padding = [t for t, role in zip(tokens, vocabulary.roles, strict=True) if role == Role.PADDING]
    assert padding == masks


@pytest.mark.parametrize(
    ("name", "config", "reason", "remedy"),
    [
        ("TextVectorization", {"vocabulary": None}, "not in its config", "assets/"),
        ("StringLookup", {}, "not in its config", "vocabulary.txt"),
        ("StringLookup", {"vocabulary": "words.txt"}, '"words.txt", not a list', "get_vocabulary"),
        ("StringLookup", {"vocabulary": ["a", 1]}, "is 1, not a string", "string"),
        ("StringLookup", {"vocabulary": ["a"], "oov_token": 1}, "not valid", "get_vocabulary"),
        ("StringLookup", {"vocabulary": ["a"], "num_oov_indices": True}, "not valid", "again"),
        ("StringLookup", {"vocabulary": ["a"], "num_oov_indices": -1}, "is -1", "again"),
        ("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 10**15}, "for 1 tokens", "OOV"),
        ("Sequential", {"layers": []}, '"Sequential"', "get_vocabulary"),
        ("IntegerLookup", {"vocabulary": [5, 7]}, '"IntegerLookup"', "alone"),
    ],
)
def test_a_layer_without_a_vocabulary(
    name: str, config: dict[str, Any], reason: str, remedy: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(layer(name, **config))
    assert reason in caught.value.reason
    assert remedy in caught.value.remedy


def test_the_file_in_a_keras_archive(tmp_path: Path) -> None:
    """TextVectorization saves it without a last newline, and its padding is the blank line."""
    file = tmp_path / "vocabulary.txt"
    file.write_bytes(b"\n[UNK]\nthe\n\ncat")
    vocabulary = read(file)
    assert vocabulary.tokens == ("", "[UNK]", "the", "", "cat")
    assert vocabulary.roles.tolist() == [
        Role.PADDING,
        Role.UNKNOWN,
        Role.WORD,
        Role.OTHER,
        Role.WORD,
    ]
