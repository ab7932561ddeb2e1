"""Keras' own layers from text to ids, with the vocabulary of a matrix: an id is its row.

Keras fixes the first ids: 0 is padding and 1 any unknown word in a TextVectorization; a
StringLookup can do without either. A matrix with other first rows is refused.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import keras
import numpy as np

from embedprep.errors import InputError, UsageError
from embedprep.matrix.shared_table import Source, shared_table
from embedprep.vocabulary.special_tokens import ROLE_OF


def text_vectorization(path: Source, **kwargs: Any) -> keras.layers.TextVectorization:
    """Make a `keras.layers.TextVectorization` whose ids are the rows of the matrix at `path`.

    It runs on TensorFlow, whatever the backend of Keras.

    A word that the layer's `standardize` and `split` can never produce, such as "Paris" in lower
    case, would be an unknown word in every text. They are counted: it is an error by default, and
    a warning if you choose `standardize` or `split` yourself and some words can be produced.

    Args:
        path: The matrix.
        **kwargs: Arguments of the layer, such as `standardize` or `output_sequence_length`. They
            must split a text as the tokenizer of the vocabulary did.

    Raises:
        InputError: Row 0 is not padding, or row 1 not the unknown token.
        UsageError: TensorFlow is not installed, or the layer can never produce a word.
    """
    _check_tensorflow("TextVectorization")
    words = _Words(path)
    if not (words.starts_with_padding and words.unknown_row == 1):
        raise InputError(
            "its rows 0 and 1 are not padding and the unknown token, which a TextVectorization "
            f"has there, but {words.described(0)} and {words.described(1)}",
            "Build from the vocabulary of a TextVectorization, or of one that begins with '' and "
            "'[UNK]'; string_lookup(PATH) has other beginnings, too.",
            path=words.path,
        )
    vocabulary = words.from_row(2)
    _check_produced(vocabulary, words.path, kwargs)
    return keras.layers.TextVectorization(vocabulary=vocabulary, **kwargs)


_TO_TOKENS = ("standardize", "split", "ngrams", "encoding")
"""The arguments of a TextVectorization that decide which tokens it makes of a text."""
_AT_ONCE = 1 << 14


def _check_produced(vocabulary: list[str], path: str, kwargs: dict[str, Any]) -> None:
    """Refuse, or warn of, words that the layer makes of no text, not even of themselves."""
    chosen = {name: kwargs[name] for name in _TO_TOKENS if name in kwargs}
    layer = keras.layers.TextVectorization(vocabulary=vocabulary, **chosen)
    never = []
    for start in range(0, len(vocabulary), _AT_ONCE):
        tokens = np.array(vocabulary[start : start + _AT_ONCE])
        ids = np.asarray(keras.ops.convert_to_numpy(layer(tokens)))
        rows = np.arange(start + 2, start + 2 + len(tokens))
        never += tokens[(ids != rows[:, None]).all(axis=1)].tolist()
    words = len(vocabulary) - sum(token in ROLE_OF for token in vocabulary)
    never = [token for token in never if token not in ROLE_OF]
    if not never:
        return
    reason = (
        f"{len(never):,} of its {words:,} words, such as '{never[0]}', can come out of no text: "
        "standardize and split change them, and they would be unknown"
    )
    if chosen and len(never) < words:
        warnings.warn(f"{path}: {reason}", UserWarning, stacklevel=3)
        return
    raise UsageError(
        reason,
        "Say how the tokenizer of the vocabulary did it: standardize=None leaves a text as it is, "
        "standardize='lower' its punctuation; or give functions of your own.",
        path=path,
    )


def string_lookup(path: Source, **kwargs: Any) -> keras.layers.StringLookup:
    """Make a `keras.layers.StringLookup` whose ids are the rows of the matrix at `path`.

    The vocabulary may begin with padding, the unknown token, or both in this order. Without an
    unknown token, the layer raises an error for a string that the vocabulary lacks.

    Args:
        path: The matrix.
        **kwargs: Arguments of the layer, such as `invert`, except what the vocabulary says.

    Raises:
        InputError: No StringLookup can have this vocabulary.
        UsageError: TensorFlow is not installed.
    """
    _check_tensorflow("StringLookup")
    words = _Words(path)
    padded = int(words.starts_with_padding)
    unknown = int(words.unknown_row == padded)
    return keras.layers.StringLookup(
        vocabulary=words.from_row(padded + unknown),
        mask_token=words.tokens[0] if padded else None,
        oov_token=words.tokens[padded] if unknown else "[UNK]",
        num_oov_indices=unknown,
        **kwargs,
    )


class _Words:
    """The tokens of a matrix, as the layers see them."""

    def __init__(self, path: Source) -> None:
        matrix = shared_table(path).matrix
        self.path = matrix.path
        self.tokens = matrix.tokens
        self.unknown_row = matrix.unknown_row
        self.starts_with_padding = self.tokens[0] == "" or matrix.padding_row == 0

    def described(self, row: int) -> str:
        if row >= len(self.tokens):
            return "nothing"
        return f"'{self.tokens[row]}'" if self.tokens[row] else "without a token"

    def from_row(self, first: int) -> list[str]:
        """Return the tokens from a row on, each of which must be a different word."""
        seen: dict[str, int] = {}
        for row, token in enumerate(self.tokens[first:], first):
            if not token or token in seen:
                reason = (
                    f"row {row} has the token of row {seen[token]}"
                    if token
                    else f"row {row} has no token"
                )
                raise InputError(
                    f"{reason}, and Keras counts its ids without gaps and each word once",
                    "Build from a vocabulary that has each id once.",
                    path=self.path,
                    token=token or None,
                )
            seen[token] = row
        return list(seen)


def _check_tensorflow(layer: str) -> None:
    if importlib.util.find_spec("tensorflow") is None:
        raise UsageError(
            f"Keras' {layer} runs on TensorFlow, which is not installed",
            "pip install tensorflow; or encode the texts yourself, as embedprep.keras.encode does.",
        )
