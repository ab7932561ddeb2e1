"""Keras' `Tokenizer.to_json()`: a record whose maps are JSON texts inside the JSON.

Ids start at 1, and row 0 has no token. `num_words` does not trim the maps; it is passed on.
"""

from __future__ import annotations

from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.families.inverse_map import inverse_entries
from embedprep.vocabulary.json_text import as_json, decoded_field
from embedprep.vocabulary.model import Role, Surface

_SPLITS = ("filters", "lower", "split", "char_level")
"""The settings by which it splits a text."""


def claims(content: Content) -> bool:
    record = content.value
    return record.get("class_name") == "Tokenizer" and isinstance(record.get("config"), dict)


def read(content: Content) -> Entries:
    config = content.value["config"]
    tokens, ids = _words(config)
    word_counts = _map_in(config, "word_counts")
    oov_token = config.get("oov_token")
    return Entries(
        tokens=tokens,
        ids=ids,
        roles={oov_token: Role.UNKNOWN} if isinstance(oov_token, str) else {},
        counts=None if word_counts is None else [word_counts.get(token, 0) for token in tokens],
        surface=Surface.PLAIN,
        num_words=_num_words(config),
        one_based=True,
        splits={name: config[name] for name in _SPLITS if name in config},
    )


def _words(config: dict[str, Any]) -> tuple[list[str], list[Any]]:
    word_index = _map_in(config, "word_index")
    if word_index is not None:
        return list(word_index), list(word_index.values())
    index_word = _map_in(config, "index_word")
    if index_word is None:
        raise InputError(
            reason="a Keras Tokenizer without its word_index",
            remedy="Call fit_on_texts before to_json, and save again.",
        )
    entries = inverse_entries(index_word)
    return list(entries.tokens), list(entries.ids or ())


def _map_in(config: dict[str, Any], name: str) -> dict[str, Any] | None:
    value = decoded_field(config, name)
    if value is None or isinstance(value, dict):
        return value
    raise InputError(
        reason=f"the Tokenizer's {name} is {as_json(value)}, not a map",
        remedy="Save the tokenizer again: tokenizer.to_json() writes it as a map.",
    )


def _num_words(config: dict[str, Any]) -> int | None:
    num_words = config.get("num_words")
    if num_words is None or (type(num_words) is int and num_words > 0):
        return num_words
    raise InputError(
        reason=f"the Tokenizer's num_words is {as_json(num_words)}, not a whole number above 0",
        remedy="Set tokenizer.num_words to such a number, or to None, and save it again.",
    )
