"""Hugging Face's `tokenizer.json`: a model with its vocabulary, added tokens, and components.

Rows cover the vocabulary and the added tokens. An added token may repeat an entry of the
vocabulary. The components declare how words are marked, so nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content
from embedprep.vocabulary.families.scored_list import checked_pieces
from embedprep.vocabulary.json_text import as_json
from embedprep.vocabulary.model import Marks, Role, Surface
from embedprep.vocabulary.special_tokens import ROLE_OF
from embedprep.vocabulary.surfaces import (
    METASPACE_MARK,
    USUAL_MARKS,
    begins_with_byte_space,
    guess,
    metaspace,
)


def claims(content: Content) -> bool:
    if isinstance(content.value.get("class_name"), str):
        return False
    model = content.value.get("model")
    return isinstance(model, dict) and isinstance(model.get("vocab"), (dict, list))


def read(content: Content) -> Entries:
    model = content.value["model"]
    tokens, ids = _vocabulary(model)
    added = _added_tokens(content.value)
    id_of = dict(zip(tokens, ids, strict=True))
    listed = dict.fromkeys((token["content"], token["id"]) for token in added)
    new = [(content, id) for content, id in listed if id_of.get(content) != id]
    roles = _roles(content.value, tokens, added)
    surface, marks = _surface(content.value, tokens)
    return Entries(
        tokens=[*tokens, *(content for content, _ in new)],
        ids=[*ids, *(id for _, id in new)],
        roles=roles,
        # The tokenizer of a file without special tokens may not have been configured with them.
        declares_special=any(token.get("special") is True for token in added),
        surface=surface,
        marks=marks,
        # Added tokens are cut out of the text before it reaches the model, so they have no marks.
        verbatim=frozenset(token["content"] for token in added),
    )


def _vocabulary(model: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """Return the tokens and ids: WordLevel, WordPiece and BPE have a map, Unigram scored pieces."""
    vocab = model["vocab"]
    if isinstance(vocab, dict):
        return list(vocab), list(vocab.values())
    return checked_pieces(vocab), list(range(len(vocab)))


def _added_tokens(tokenizer: dict[str, Any]) -> list[dict[str, Any]]:
    added = tokenizer.get("added_tokens") or []
    if not isinstance(added, list):
        raise InputError(
            reason=f"added_tokens is {as_json(added)}, not a list",
            remedy="Save it again: tokenizer.save('tokenizer.json').",
        )
    for position, token in enumerate(added):
        match token:
            case {"id": int() as id, "content": str()} if type(id) is int:
                continue
        raise InputError(
            reason=f"entry {position} of added_tokens is {as_json(token)}, without id or content",
            remedy="Save it again: tokenizer.save('tokenizer.json').",
        )
    return added


def _roles(
    tokenizer: dict[str, Any], tokens: list[str], added: list[dict[str, Any]]
) -> dict[str, Role]:
    """Return the roles that the file declares: special, padding and unknown tokens."""
    roles = {
        token["content"]: ROLE_OF.get(token["content"], Role.OTHER)
        for token in added
        if token.get("special") is True
    }
    padding = tokenizer.get("padding")
    pad_token = padding.get("pad_token") if isinstance(padding, dict) else None
    # GPT-2's users often pad with <|endoftext|>, which means more than padding to their models.
    if isinstance(pad_token, str) and pad_token not in ROLE_OF:
        roles[pad_token] = Role.PADDING
    unknown = _unknown_token(tokenizer["model"], tokens)
    if unknown is not None:
        roles[unknown] = Role.UNKNOWN
    return roles


def _unknown_token(model: dict[str, Any], tokens: list[str]) -> str | None:
    position = model.get("unk_id")
    if type(position) is int and 0 <= position < len(tokens) and isinstance(model["vocab"], list):
        return tokens[position]
    name = model.get("unk_token")
    return name if isinstance(name, str) else None


def _surface(tokenizer: dict[str, Any], tokens: list[str]) -> tuple[Surface, Marks]:
    """Return how words are marked: their beginning by the components, the rest by the model."""
    components = [
        component
        for stage in ("normalizer", "pre_tokenizer", "decoder")
        for component in _components(tokenizer.get(stage))
    ]
    types = {component["type"] for component in components}
    inside = _mark(tokenizer["model"], "continuing_subword_prefix")
    end = _mark(tokenizer["model"], "end_of_word_suffix")
    if "ByteLevel" in types:
        # CLIP writes bytes in the alphabet, removes the spaces and marks where words end.
        if end:
            return Surface.BYTE_LEVEL_WORD_END, Marks("", inside, end)
        if not inside and _takes_spaces_out(types, tokens):
            return Surface.BYTE_LEVEL_UNMARKED, Marks()
        return Surface.BYTE_LEVEL, Marks(USUAL_MARKS[Surface.BYTE_LEVEL].begin, inside)
    if "Metaspace" in types or any(map(_writes_metaspace, components)):
        metaspaces = (part for part in components if part["type"] == "Metaspace")
        mark = next((_mark(part, "replacement") for part in metaspaces), "") or METASPACE_MARK
        if mark == METASPACE_MARK and metaspace(tokens) is Surface.METASPACE_SUFFIX:
            return Surface.METASPACE_SUFFIX, Marks("", inside, end or mark)
        return Surface.METASPACE, Marks(mark, inside, end)
    if inside:
        return Surface.WORDPIECE, Marks(inside=inside, end=end)
    if end:
        return Surface.WORD_END, Marks(end=end)
    if tokenizer["model"].get("type") not in ("BPE", "Unigram", "WordPiece"):
        return Surface.PLAIN, Marks()
    # If nothing splits the text, its pieces have their spaces, or a mark that a program wrote.
    seen = guess(tokens, set(tokens))
    surface = Surface.UNMARKED if seen is Surface.PLAIN else seen
    return surface, USUAL_MARKS[surface]


_SPLITTERS = {"Whitespace", "WhitespaceSplit", "BertPreTokenizer", "CharDelimiterSplit"}


def _takes_spaces_out(types: set[str], tokens: list[str]) -> bool:
    """Whether a text is split at its spaces before the bytes are written, without a mark."""
    return not types.isdisjoint(_SPLITTERS) and not any(map(begins_with_byte_space, tokens))


def _mark(part: dict[str, Any], name: str) -> str:
    """Return a mark that a part of the file declares; the empty string if it declares none."""
    mark = part.get(name)
    return mark if isinstance(mark, str) else ""


def _components(stage: Any) -> Iterator[dict[str, Any]]:
    """Return a stage's components, including those inside a `Sequence`."""
    waiting = [stage]
    while waiting:
        component = waiting.pop()
        if isinstance(component, dict) and isinstance(component.get("type"), str):
            yield component
            for inner in component.values():
                waiting.extend(inner if isinstance(inner, list) else ())


def _writes_metaspace(component: dict[str, Any]) -> bool:
    """Whether it works like Llama's: a normalizer replaces spaces, and a decoder restores them."""
    pattern = component.get("pattern")
    replaced = pattern.get("String") if isinstance(pattern, dict) else None
    return component["type"] == "Replace" and METASPACE_MARK in (
        replaced,
        component.get("content"),
    )
