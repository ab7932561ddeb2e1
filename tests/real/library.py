"""What the `tokenizers` library says of the tokens of a tokenizer; nothing here is of embedprep."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Place:
    """A token that stands in text: what it adds after a letter, with or without a space."""

    text: str
    begins: bool


@dataclass(frozen=True)
class Library:
    """The tokens of a `tokenizer.json`, by id."""

    tokens: tuple[str, ...]
    places: tuple[Place | None, ...]
    """None for special tokens, and for those that stand for a byte."""
    unknown: str | None
    """The token of an unknown word."""


def told(path: Path) -> Library:
    """What the library says of the file at `path`."""
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    saved = json.loads(tokenizer.to_str())
    size = tokenizer.get_vocab_size()
    tokens = tuple(str(tokenizer.id_to_token(id)) for id in range(size))
    special = {added["content"] for added in saved["added_tokens"] if added["special"]}
    after = _after_a_letter(tokenizer, saved)
    return Library(
        tokens,
        tuple(None if token in special else after(token) for token in tokens),
        saved["model"].get("unk_token"),
    )


def _after_a_letter(tokenizer: Any, saved: dict[str, Any]) -> Any:
    """A function that tells the place of a token, decoded after the word `x`."""
    from tokenizers import decoders

    model = saved["model"]
    decoder, letter = tokenizer.decoder, "x"
    if model["type"] == "WordPiece":  # its own tidies up: no space before a full stop
        decoder = decoders.WordPiece(prefix=model["continuing_subword_prefix"], cleanup=False)
    elif "▁" in json.dumps(saved["normalizer"], ensure_ascii=False) + json.dumps(
        saved["pre_tokenizer"], ensure_ascii=False
    ):
        letter = "▁x"

    def place(token: str) -> Place | None:
        if model.get("byte_fallback") and re.fullmatch("<0x[0-9A-F]{2}>", token):
            return None
        decoded = decoder.decode([letter, token])
        assert decoded.startswith("x"), (token, decoded)
        added = decoded[1:]
        if "\ufffd" in added and "\ufffd" not in token:
            return None  # a part of a character
        return Place(added.removeprefix(" "), added.startswith(" "))

    return place
