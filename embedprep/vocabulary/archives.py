"""Archives of several files, one of which may be a vocabulary: models saved by Keras, and others.

Comes in: the path of an archive. Goes out: the lookup layer in a `.keras` file with its vocabulary,
or the `InputError` that names the member to read.
"""

from __future__ import annotations

import json
import os
import tarfile
import zipfile
from collections.abc import Iterator
from typing import Any

from embedprep.errors import InputError, printable
from embedprep.errors.addresses import without_secrets
from embedprep.vocabulary.content import Content, JsonShape

_LIKELY = ("tokenizer.json", "vocab.json", "vocab.txt", "vocabulary.txt", "tekken.json")
_LOOKUPS = ("TextVectorization", "StringLookup")
_ASSETS, _ASSET = "assets/", "/vocabulary.txt"
# Ten times the size of a layer with a million words.
_MAX_BYTES = 1 << 28
_SAVE_LIST = "json.dump(model.get_layer(NAME).get_vocabulary(), file)"


def lookup_layer(path: str) -> Content | None:
    """Return the one lookup layer of a `.keras` file, serialised with its vocabulary.

    None if the file at `path` is no archive. Raises `InputError` for a model without such a layer,
    or with several.
    """
    if not (os.path.isfile(path) and zipfile.is_zipfile(path)):
        return None
    with zipfile.ZipFile(path) as archive:
        try:
            layers = list(_lookup_layers(json.loads(archive.read("config.json"))))
            names = [name for name in archive.namelist() if _is_asset(name)]
            assets = {name: _lines(archive, name) for name in names}
        except (KeyError, ValueError, RecursionError, zipfile.BadZipFile) as error:
            raise InputError(
                reason=f"a .keras file that is damaged, or no model ({error})",
                remedy="Save the model again: model.save('MODEL.keras')",
            ) from error
    if len(assets) == 1 and not layers:  # a model of the user's own class, which lists no layers
        return Content(JsonShape.STRINGS, *assets.values())
    if len(layers) != 1 or len(assets) > 1:
        raise _not_one(path, layers, names)
    [layer] = layers
    for lines in assets.values():  # at most one: the layer was adapted, so its config has no list
        layer = {**layer, "config": {**layer["config"], "vocabulary": lines}}
    return Content(JsonShape.RECORD, layer)


def with_likely_member(error: InputError, path: str) -> InputError:
    """Return `error`, about an archive of several files, with the name of the member to read."""
    names = _members(path)
    likely = [name for name in names if os.path.basename(name) in _LIKELY]
    if not likely:
        return error
    likeliest = printable(f"{without_secrets(path)}::{likely[0]}")
    return InputError(
        reason=error.reason,
        remedy=f"Name the one that is the vocabulary: {likeliest}",
        path=error.path,
    )


def _lookup_layers(value: Any) -> Iterator[dict[str, Any]]:
    """Return the serialised lookup layers in the configuration of a model, at any depth."""
    if isinstance(value, dict):
        if value.get("class_name") in _LOOKUPS and isinstance(value.get("config"), dict):
            yield value
            return
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _lookup_layers(inner)


def _is_asset(name: str) -> bool:
    """Whether it is a vocabulary, and not the copy inside of a TextVectorization."""
    is_copy = "/_lookup_layer/" in name
    return name.startswith(_ASSETS) and name.endswith(_ASSET) and not is_copy


def _lines(archive: zipfile.ZipFile, name: str) -> list[str]:
    if archive.getinfo(name).file_size > _MAX_BYTES:
        raise ValueError(f"{name} is too large for a vocabulary")
    text = archive.read(name).decode()
    return text.removesuffix("\n").split("\n")


def _not_one(path: str, layers: list[dict[str, Any]], names: list[str]) -> InputError:
    if not layers and not names:
        return InputError(
            reason="a Keras model without a TextVectorization or StringLookup layer",
            remedy="Name the file that your tokenizer wrote.",
        )
    called = ", ".join(printable(str(layer["config"].get("name"))) for layer in layers)
    listed = " or ".join(printable(f"{without_secrets(path)}::{name}") for name in names)
    return InputError(
        reason="a Keras model with several lookup layers" + (f": {called}" if called else ""),
        remedy=(f"Name the vocabulary of one: {listed}. " if names else "")
        + f"Or write that of one from Python: {_SAVE_LIST}",
    )


def _members(path: str) -> list[str]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return archive.namelist()
        with tarfile.open(path) as archive:
            return archive.getnames()
    except (OSError, tarfile.TarError, zipfile.BadZipFile):
        return []  # not on this machine, or something that only a stream can read
