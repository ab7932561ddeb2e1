"""The folder of a whole model, as Hugging Face's `save_pretrained` writes it.

Comes in: a folder with `model.safetensors`, or with several files and the index that says which
tensor is in which, and with the model's tokenizer. Goes out: the model's input table, whose keys
are the tokens. Only its file is opened.
"""

from __future__ import annotations

import os
from typing import Any

from embedprep.errors import InputError, printable
from embedprep.sources.source import open_file
from embedprep.vectors.formats.input_table import choose
from embedprep.vectors.formats.safetensors import open_tensors
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vocabulary import json_text
from embedprep.vocabulary.folders import vocabulary_in
from embedprep.vocabulary.source import errors_naming, text_of

_WHOLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_FOLDERS = (".", "0_Transformer")
"""The second is where older versions of sentence-transformers put the model."""


def folder_of(path: str) -> str | None:
    """Return the folder that holds the tensors: `path` or the one inside."""
    for inside in _FOLDERS:
        folder = path if inside == "." else os.path.join(path, inside)
        if any(os.path.isfile(os.path.join(folder, name)) for name in (_WHOLE, _INDEX)):
            return folder
    return None


def open_folder(path: str, request: Request) -> TableVectors:
    """Open the input table. Raises for a folder without one, or without a tokenizer."""
    folder = folder_of(path)
    if folder is None:
        raise InputError(
            f"not the folder of a model: it has neither {_WHOLE} nor {_INDEX}",
            "Name the folder that save_pretrained wrote.",
            path=path,
        )
    try:
        tokens = vocabulary_in(folder).path
    except InputError as error:
        raise InputError(
            f"the folder of a model without its tokenizer: {error.reason}",
            "Save it there, as tokenizer.save_pretrained(FOLDER) does, or name it: --vectors "
            "FOLDER/model.safetensors --vectors-tokens TOKENIZER",
            path=path,
        ) from error
    file, tensor = os.path.join(folder, _WHOLE), request.tensor
    if not os.path.isfile(file):
        file, tensor = _file_of_table(folder, path, request.tensor)
    source = open_file(file)
    try:
        inside = request._replace(path=source.path, tokens=tokens, tensor=tensor)
        return open_tensors(source, inside, format="model", named=path)
    except BaseException:
        source.close()
        raise


def _file_of_table(folder: str, path: str, told: str | None) -> tuple[str, str]:
    """Return the file with the input table, and the table's name, according to the index."""
    index = os.path.join(folder, _INDEX)
    with errors_naming(index):
        content: Any = json_text.decode(text_of(index, as_told=True))
        files = content.get("weight_map") if isinstance(content, dict) else None
        if not isinstance(files, dict) or not all(isinstance(name, str) for name in files.values()):
            raise InputError(
                "it has no weight_map, which says the file of each tensor",
                "The model is damaged: download or export it again.",
            )
    tensor = choose(dict.fromkeys(files), path, told)
    name = files[tensor]
    file = os.path.join(folder, name)
    if os.path.basename(name) != name or not os.path.isfile(file):
        raise InputError(
            f"its index says that '{printable(tensor)}' is in {printable(name)}, which the folder "
            "lacks",
            "Download that file as well.",
            path=path,
        )
    return file, tensor
