"""Inputs that are read along with vectors although no option names them: key lists, model files.

They are known before anything is read, so no output replaces them.
"""

from __future__ import annotations

import os
import re
from contextlib import closing, suppress

from embedprep.errors import InputError
from embedprep.sources import open_content, split_member
from embedprep.vectors.detection import detect
from embedprep.vectors.request import Request, split_tensor

_IN_FOLDERS = {
    *("model.safetensors", "tokenizer.json", "modules.json", "config.json"),  # a model's
    *("model.safetensors.index.json", "vocab.json", "vocab.txt", "tokenizer_config.json"),
    *("vectors", "key2row", "strings.json"),  # spaCy's
}

_SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")


def unnamed_inputs(request: Request, outputs: list[str]) -> list[str]:
    """Return inputs of `request` that may be among `outputs`, the files to be written."""
    vectors, _ = split_tensor(request.path)
    existing = [path for path in outputs if os.path.exists(path)]
    if os.path.isdir(vectors):
        real = map(os.path.realpath, existing)
        return [path for path in real if _is_inside(path, vectors)]
    if existing and request.tokens is None and os.path.isfile(split_member(vectors)[0]):
        return _lists_beside(request)
    return []


def _is_inside(path: str, folder: str) -> bool:
    inside = os.path.join(os.path.realpath(folder), "")
    name = os.path.basename(path)
    is_input = name in _IN_FOLDERS or _SHARD.fullmatch(name) is not None
    return is_input and path.startswith(inside)


def _lists_beside(request: Request) -> list[str]:
    """Return the token list of an array without keys, if no option names it."""
    found: list[str] = []
    with suppress(InputError), closing(open_content(split_tensor(request.path)[0])) as source:
        if not detect(source, request.format).takes_tokens:
            return []
        from embedprep.vectors import token_list

        named, compressed = request._replace(path=source.path), source.compression is not None
        for also in ([], ["tokenizer.json"]):  # the second only beside a static model
            with suppress(InputError):
                found.append(token_list.find(named, compressed=compressed, also=also))
    return found  # errors in the vectors are reported when they are read
