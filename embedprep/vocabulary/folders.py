"""Folders of a tokenizer: which file in them is the vocabulary.

Comes in: the path of a folder as Hugging Face, KerasHub or AllenNLP save it. Goes out: the path of
the file in it, and the format that the folder indicates.
"""

from __future__ import annotations

import json
import os
from fnmatch import fnmatch
from typing import Any

from embedprep.errors import InputError, printable
from embedprep.named_tuples import NamedTuple
from embedprep.sources import without_secrets

VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt")
"""The files of a Hugging Face tokenizer; the first one that exists is read."""
MODELS = (".model", ".spm", ".tiktoken")
_KERAS_HUB = ("vocabulary.json", "vocabulary.txt", "vocabulary.spm")
_NAMESPACES = "non_padded_namespaces.txt"


class Found(NamedTuple):
    """The vocabulary of a folder, and its format if the folder shows it."""

    path: str
    format: str | None = None


def vocabulary_in(folder: str) -> Found:
    """Return the vocabulary in `folder`; raise `InputError` if there is none, or several."""
    for inner in (folder, os.path.join(folder, "vocabulary")):
        if os.path.isfile(os.path.join(inner, _NAMESPACES)):
            return _of_allennlp(inner)
    assets = os.path.join(folder, "assets", "tokenizer")
    found = _files(assets, _KERAS_HUB) if os.path.isdir(assets) else []
    if not found:
        alone = _files(folder, VOCABULARIES) or _files(folder, [*_KERAS_HUB, "tekken.json"])
        found = alone[:1] or _models(folder)
    if len(found) == 1:
        return Found(found[0])
    raise InputError(
        reason="a directory with several vocabularies: " + ", ".join(map(_name, found))
        if found
        else "a directory without a vocabulary that embedprep knows by name",
        remedy=f"Name the one that is meant: --vocab {printable(without_secrets(found[0]))}"
        if found
        else "Name the file in it, such as tokenizer.json, vocab.json or vocab.txt.",
        path=folder,
    )


def vocabulary_file(path: str | os.PathLike[str]) -> str:
    """Return the file of the vocabulary at `path`, which may be a folder."""
    path = os.fspath(path)
    return vocabulary_in(path).path if os.path.isdir(path) else path


def settings(folder: str, name: str) -> dict[str, Any]:
    """Return the JSON map in the file called `name`; empty if it is missing or unreadable."""
    return map_in(folder, name) or {}


def map_in(folder: str, name: str) -> dict[str, Any] | None:
    """Return the JSON map in the file called `name`; empty if it is missing, None if it is none."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            value = json.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _of_allennlp(folder: str) -> Found:
    """Return the vocabulary of an AllenNLP folder.

    Its namespaces have a padding token at id 0, which no file lists, unless they say otherwise.
    """
    path = os.path.join(folder, "tokens.txt")
    if not os.path.isfile(path):
        raise InputError(
            reason="an AllenNLP vocabulary without tokens.txt",
            remedy="Name the file of the namespace that is meant. If its first id is that of "
            "padding, which is not listed, say --vocab-format allennlp.",
            path=folder,
        )
    return Found(path, format_of(path))


def format_of(path: str) -> str | None:
    """The format that the folder around the file at `path` says it has."""
    folder, name = os.path.split(path)
    namespaces = os.path.join(folder, _NAMESPACES)
    if name == _NAMESPACES or not (name.endswith(".txt") and os.path.isfile(namespaces)):
        return None
    with open(namespaces, encoding="utf-8", errors="replace") as file:
        unpadded = any(fnmatch(name.removesuffix(".txt"), line.strip()) for line in file)
    return "lines" if unpadded else "allennlp"


def _models(folder: str) -> list[str]:
    return _files(folder, sorted(name for name in os.listdir(folder) if name.endswith(MODELS)))


def _files(folder: str, names: tuple[str, ...] | list[str]) -> list[str]:
    places = (os.path.join(folder, name) for name in names)
    return [place for place in places if os.path.isfile(place)]


def _name(path: str) -> str:
    return printable(os.path.basename(path))
