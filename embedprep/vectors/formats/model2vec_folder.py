"""The folder of a static model: `model.safetensors` and `tokenizer.json`.

model2vec writes both into the folder, sentence-transformers into `0_StaticEmbedding` or the folder.
If the folder has a `modules.json`, it tells a static model from a whole one, which `model_folder`
reads. Otherwise the tensors do.
"""

from __future__ import annotations

import os
from typing import Any

from embedprep.containers.safetensors import METADATA, read_header
from embedprep.errors import InputError, printable
from embedprep.sources.source import open_file
from embedprep.vectors.formats.safetensors import open_tensors
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vocabulary import json_text
from embedprep.vocabulary.source import errors_naming, text_of

_MATRIX, _TOKENS = "model.safetensors", "tokenizer.json"
_FOLDERS = (".", "0_StaticEmbedding")
_MOST_TENSORS = 3
"""A static model has a matrix, perhaps with weights and a mapping; a whole model has dozens."""
_MODULES = ("StaticEmbedding", "Normalize")
"""The modules of a static model. The second changes only the vectors of texts, not of tokens."""


def folder_of(path: str) -> str | None:
    """Return the folder with the two files: `path` or the one inside."""
    for inside in _FOLDERS:
        folder = path if inside == "." else os.path.join(path, inside)
        if all(os.path.isfile(os.path.join(folder, name)) for name in (_MATRIX, _TOKENS)):
            return folder if _may_be_static(path, folder) else None
    return None


def _may_be_static(path: str, folder: str) -> bool:
    """Whether it is a static model, or a damaged one, which is an error when it is opened."""
    try:
        types = _modules(os.path.join(path, "modules.json"))
        if types is not None:
            return "Transformer" not in types
        with open(os.path.join(folder, _MATRIX), "rb") as file:
            header = read_header(file, os.path.getsize(file.fileno()))
    except (InputError, ValueError):
        return True
    return METADATA in header.metadata or len(header.tensors) <= _MOST_TENSORS


def open_folder(path: str, request: Request) -> TableVectors:
    """Open the model. Raises for a folder without a static model, or with a damaged one."""
    folder = folder_of(path)
    if folder is None:
        raise InputError(
            f"not the folder of a static model: it lacks {_MATRIX} or {_TOKENS}",
            "Name the folder that save_pretrained wrote.",
            path=path,
        )
    _check_modules(os.path.join(path, "modules.json"))
    source = open_file(os.path.join(folder, _MATRIX))
    try:
        tokens = os.path.join(folder, _TOKENS)
        inside = request._replace(path=source.path, tokens=tokens)
        return open_tensors(source, inside, format="model2vec")
    except BaseException:
        source.close()
        raise


def _modules(path: str) -> list[str] | None:
    """Return the types of the modules in the list at `path`; None if there is no list."""
    if not os.path.isfile(path):
        return None
    with errors_naming(path):
        modules: Any = json_text.decode(text_of(path, as_told=True))
        try:
            return [str(module["type"]).rpartition(".")[2] for module in modules]
        except (TypeError, KeyError) as error:
            raise InputError(
                "it is not a list of the modules of a model",
                "The model is damaged: download or export it again.",
            ) from error


def _check_modules(path: str) -> None:
    types = _modules(path)
    if types is None:
        return
    others = [printable(name) for name in types if name not in _MODULES]
    if others or "StaticEmbedding" not in types:
        raise InputError(
            f"not a static model, with a vector a token: its modules are {', '.join(types)}",
            "Distill it to one with model2vec: distill(NAME).save_pretrained(FOLDER).",
            path=path,
        )
