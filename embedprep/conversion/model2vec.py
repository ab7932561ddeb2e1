"""The folder of a static model, which model2vec and sentence-transformers load."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from embedprep.containers import AtomicFile, is_temporary, reporting
from embedprep.conversion.arrays import tokens_of, write_json, write_tensor
from embedprep.conversion.records import Table
from embedprep.errors import OutputError

_UNKNOWN = "[UNK]"
_CONFIG = "config.json"
_MODEL_TYPE = "model2vec"


def paths(folder: str) -> list[str]:
    """Return the files of the model; the one that identifies the folder appears first."""
    names = ("model.safetensors", "tokenizer.json", "modules.json", _CONFIG)
    return [os.path.join(folder, name) for name in names]


@contextmanager
def place(folder: str) -> Iterator[None]:
    """Make the folder, and remove it if no file is put into it.

    Raises if it contains anything else, because a file could be replaced.
    """
    with reporting(folder):
        is_new = not os.path.isdir(folder)
        if is_new:
            os.mkdir(folder)
        elif not _is_empty(folder) and not _is_of_model2vec(folder):
            raise OutputError(
                "the folder holds something else than a static model of model2vec",
                "Name another folder; it is made if it does not exist.",
                path=folder,
            )
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty: all went well
                os.rmdir(folder)


def _is_empty(folder: str) -> bool:
    return all(map(is_temporary, os.listdir(folder)))


def _is_of_model2vec(folder: str) -> bool:
    try:
        with open(os.path.join(folder, _CONFIG), "rb") as file:
            config = json.load(file)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(config, dict) and config.get("model_type") == _MODEL_TYPE


def write(table: Table, files: list[AtomicFile]) -> None:
    """Write vectors, and a tokenizer of the keys.

    A text is cut at white space and punctuation, and its vector is the mean of its words' vectors.
    If no key has an upper-case letter, texts are lower-cased first.
    """
    tensors, tokenizer, modules, config = files
    tokens = tokens_of(table)
    # The tokenizer needs a token for unknown words. model2vec leaves it out of the mean of a text;
    # if the folder is read as vectors, it gets the mean of all words.
    is_missing = _UNKNOWN not in tokens
    write_tensor(table, tensors, mean_row=is_missing)
    write_json(tokenizer, _tokenizer(tokens + [_UNKNOWN] * is_missing))
    write_json(config, {"model_type": _MODEL_TYPE, "normalize": False, "max_length": None})
    static = {
        "idx": 0,
        "name": "0",
        "path": ".",
        "type": "sentence_transformers.models.StaticEmbedding",
    }
    write_json(modules, [static])


def _tokenizer(tokens: list[str]) -> dict[str, Any]:
    """Return a tokenizer with one token per word; see https://huggingface.co/docs/tokenizers."""
    uncased = all(token == token.lower() for token in tokens if token != _UNKNOWN)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"} if uncased else None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {token: row for row, token in enumerate(tokens)},
            "unk_token": _UNKNOWN,
        },
    }
