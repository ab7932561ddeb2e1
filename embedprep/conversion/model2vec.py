"""The folder of a static model, which model2vec and sentence-transformers load."""

from __future__ import annotations

from typing import Any

from embedprep.containers import AtomicFile
from embedprep.containers.static_model import contents
from embedprep.conversion.arrays import tokens_of, write_tensor
from embedprep.conversion.sinks import Chunks, Table

_UNKNOWN = "[UNK]"


def write(table: Table, chunks: Chunks, files: list[AtomicFile]) -> None:
    """Write vectors, and a tokenizer of the keys.

    A text is cut at white space and punctuation, and its vector is the mean of its words' vectors.
    If no key has an upper-case letter, texts are lower-cased first.
    """
    tensors, *others = files
    tokens = tokens_of(table)
    # The tokenizer needs a token for unknown words. model2vec leaves it out of the mean of a text;
    # if the folder is read as vectors, it gets the mean of all words.
    is_missing = _UNKNOWN not in tokens
    write_tensor(table, chunks, tensors, mean_row=is_missing)
    told = contents("", _tokenizer(tokens + [_UNKNOWN] * is_missing))
    for file, content in zip(others, told.values(), strict=True):
        file.write(content)


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
