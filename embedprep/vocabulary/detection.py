"""Detect the family of a vocabulary, and turn a file or a value in memory into rows.

Comes in: a path, a list or a mapping. Goes out: a `Vocabulary`. If the user does not name the
family, the one that claims the content reads it. The order of the families does not matter: no
content is claimed by two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embedprep.errors import InputError, UsageError
from embedprep.sources import without_secrets
from embedprep.vocabulary import folders, json_text, neighbours, refusals, source
from embedprep.vocabulary.assembly import assemble
from embedprep.vocabulary.content import BinaryShape, Content, JsonShape
from embedprep.vocabulary.families import FAMILIES
from embedprep.vocabulary.family import Family
from embedprep.vocabulary.model import Vocabulary
from embedprep.vocabulary.options import NOTHING_TOLD, VocabularyOptions, as_told

FORMATS = tuple(family.name for family in FAMILIES)


def read(
    vocab: str | os.PathLike[str] | Sequence[str] | Mapping[str, Any] | Vocabulary,
    format: str | None = None,
    *,
    told: VocabularyOptions = NOTHING_TOLD,
) -> Vocabulary:
    """Read the vocabulary from a tokenizer's file, or from a list or mapping in memory.

    `vocab` is a path, a list of tokens (each at its id), anything else that a JSON vocabulary file
    may contain, such as a map token → id, or a `Vocabulary`, which is returned. `told` are the
    user's options. Its `format`, or `format`, is one of `FORMATS` if the file does not show its
    format, or shows a wrong one. Raises `UsageError` for an unknown format and `InputError`, with
    the path, for everything that is wrong with the file.
    """
    if isinstance(vocab, Vocabulary):
        return as_told(vocab, told)
    name = format or told.format
    family = None if name is None else _family_named(name)
    if not isinstance(vocab, (str, os.PathLike)):
        content = json_text.content_of_value(_as_json(vocab))
        if family is None:
            refusals.refuse_content(content, None)
        return _vocabulary(content, family, None, told)
    with source.errors_naming(vocab):
        return _of_path(os.fspath(vocab), family, told)


def _of_path(path: str, family: Family | None, told: VocabularyOptions) -> Vocabulary:
    if os.path.isdir(path):
        path, name = folders.vocabulary_in(path)
        told_by_folder = None if name is None else _family_named(name)
        with source.errors_naming(path):
            return _of_file(path, family or told_by_folder, told, alone=family is not None)
    name = None if family is not None else folders.format_of(path)
    named = family if name is None else _family_named(name)
    return _of_file(path, named, told, alone=family is not None)


def _of_file(
    path: str, family: Family | None, told: VocabularyOptions, *, alone: bool
) -> Vocabulary:
    """Read a file; `alone` ignores what the files beside it say of its tokens."""
    content = None
    if family is None and path.endswith(".keras"):
        from embedprep.vocabulary import archives

        content = archives.lookup_layer(path)
    if content is None:
        content = _content_of_file(path, family)
    if family is None:
        refusals.refuse_content(content, path)
    return _vocabulary(content, family, path, told, alone=alone)


def _family_named(name: str) -> Family:
    for family in FAMILIES:
        if family.name == name:
            return family
    raise UsageError(
        reason=f"there is no vocabulary format '{name}'",
        remedy=f"Choose one of: {', '.join(FORMATS)}.",
    )


def _content_of_file(path: str, family: Family | None) -> Content:
    told = None if family is None else type(family.shape)
    data = source.data_of(path, as_told=told is not None, models=told in (None, BinaryShape))
    if told is BinaryShape or (told is None and refusals.is_sentencepiece_model(data.content)):
        return Content(BinaryShape.SENTENCEPIECE, data.content)
    text = data.decoded()
    if json_text.looks_like_json(text) if told is None else told is JsonShape:
        try:
            return json_text.content_of_text(text)
        except InputError as error:
            from embedprep.vocabulary import json_parts

            raise json_parts.error_of_lines(text) or error from error
    from embedprep.vocabulary import line_text  # its patterns take a while to compile

    return line_text.content_of_text(text)


def _vocabulary(
    content: Content,
    named: Family | None,
    path: str | None,
    told: VocabularyOptions,
    *,
    alone: bool = True,
) -> Vocabulary:
    family = named or claimant(content)
    # The user can choose the format of lines; the types in a JSON file leave no choice.
    is_claimed = family.claims(content)
    if not is_claimed and (isinstance(family.shape, JsonShape) or path is None):
        raise InputError(
            reason=f"not in the format {family.name}: it is {content.shape.value}",
            remedy="Leave --vocab-format out to have the format recognised.",
        )
    entries = family.read(content)
    if path is not None and not alone:
        entries = neighbours.with_neighbours(entries, family.name, path)
    return assemble(entries, family.name, None if path is None else without_secrets(path), told)


def claimant(content: Content) -> Family:
    """Return the one family that claims `content`; raise `InputError` if there is none."""
    for family in FAMILIES:
        if family.claims(content):
            return family
    from embedprep.vocabulary import json_parts

    part = json_parts.error(content.value)
    if part is not None:
        raise part
    kinds = "".join(f"\n    {family.name}: {family.written_by}" for family in FAMILIES)
    raise InputError(
        reason=f"not a vocabulary that embedprep knows: it is {content.shape.value}",
        remedy=f"These are known; convert it to one of them:{kinds}",
    )


def _as_json(value: Any) -> Any:
    try:
        return _plain(value)
    except RecursionError as error:
        raise json_text.too_deep("a list or map in itself, or nested too deeply") from error


def _plain(value: Any) -> Any:
    """Return a list or mapping in memory with the types that JSON would give it.

    Libraries return NumPy strings and integers, and Keras' `index_word` has integers as keys.
    """
    if type(value) is int or type(value) is str:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (list, tuple, np.ndarray)):
        return list(map(_plain, value))
    if not isinstance(value, Mapping):
        return value
    plain = {str(key): _plain(inner) for key, inner in value.items()}
    if len(plain) < len(value) or not all(isinstance(key, (str, int, np.integer)) for key in value):
        raise InputError(
            reason="the keys of the map are neither all strings nor all numbers",
            remedy="Pass a map from tokens to ids, or from ids to tokens.",
        )
    return plain
