"""What is read with vectors though nobody names it: the list of their keys, the files of a folder.

Known before anything is read, so that no output replaces it.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from dataclasses import replace

from embedprep.errors import InputError
from embedprep.sources import open_content, split_member
from embedprep.vectors.detection import detect
from embedprep.vectors.request import Request

_IN_FOLDERS = {
    *("model.safetensors", "tokenizer.json", "modules.json", "config.json"),  # a static model's
    *("vectors", "key2row", "strings.json"),  # spaCy's
}


def unnamed_inputs(request: Request, outputs: list[str]) -> list[str]:
    """Inputs of `request` that one of `outputs`, which are to be written, could be."""
    vectors = request.path
    existing = [path for path in outputs if os.path.exists(path)]
    if os.path.isdir(vectors):
        real = map(os.path.realpath, existing)
        return [path for path in real if _is_inside(path, vectors)]
    if existing and request.tokens is None and os.path.isfile(split_member(vectors)[0]):
        return _lists_beside(request)
    return []


def _is_inside(path: str, folder: str) -> bool:
    inside = os.path.join(os.path.realpath(folder), "")
    return os.path.basename(path) in _IN_FOLDERS and path.startswith(inside)


def _lists_beside(request: Request) -> list[str]:
    """The token list that an array without keys is read with, where nobody names one."""
    found: list[str] = []
    with suppress(InputError), closing(open_content(request.path)) as source:
        if not detect(source, request.format).takes_tokens:
            return []
        from embedprep.vectors import token_list

        named, compressed = replace(request, path=source.path), source.compression is not None
        for also in ([], ["tokenizer.json"]):  # the second beside a static model only
            with suppress(InputError):
                found.append(token_list.find(named, compressed=compressed, also=also))
    return found  # what is wrong with the vectors is told when they are read
