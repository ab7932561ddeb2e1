"""The folder of a static model, which model2vec and sentence-transformers load.

Comes in: the name of the folder, and the tokenizer whose ids are the rows. Goes out: the paths of
its files, a place for them, and the content of all except the matrix.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.atomic import is_temporary, reporting
from embedprep.errors import OutputError

_CONFIG = "config.json"
_MODEL_TYPE = "model2vec"


def is_folder(path: str) -> bool:
    """Whether the name of an output is that of a folder."""
    return path.endswith(("/", os.sep))


def paths(folder: str) -> list[str]:
    """Return the files of the model; the matrix, which identifies the folder, appears first."""
    names = ("model.safetensors", "tokenizer.json", "modules.json", _CONFIG)
    return [os.path.join(folder, name) for name in names]


def contents(folder: str, tokenizer: dict[str, Any]) -> dict[str, bytes]:
    """Return the content of all files except the matrix, by path.

    A text is neither cut nor filled up, whatever `tokenizer` says: model2vec does that itself.
    """
    static = "sentence_transformers.models.StaticEmbedding"
    values = (
        {**tokenizer, "truncation": None, "padding": None},
        [{"idx": 0, "name": "0", "path": ".", "type": static}],
        {"model_type": _MODEL_TYPE, "normalize": False, "max_length": None},
    )
    return {
        path: json.dumps(value).encode()
        for path, value in zip(paths(folder)[1:], values, strict=True)
    }


def arrays(scales: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return what model2vec multiplies rows of int8 by, for the file of the matrix."""
    return {"weights": np.reciprocal(scales)}


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
