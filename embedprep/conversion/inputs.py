"""The files that a conversion reads, known before it reads them: it never replaces one."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path

from embedprep.destination import refuse_input
from embedprep.errors import InputError
from embedprep.options import Vocab
from embedprep.sources import open_content, split_member
from embedprep.vectors import token_list
from embedprep.vectors.formats import detect
from embedprep.vectors.request import Request


def refuse_inputs(
    paths: list[str],
    vectors: str,
    tokens: str | None,
    vocab: Vocab | None,
    format: str | None,
) -> None:
    """Raise if one of `paths`, which are to be written, is read.

    The others are what the user says of the inputs; `format` is that of the vectors.
    """
    named = [tokens, vocab if isinstance(vocab, (str, os.PathLike)) else None]
    inputs = [split_member(os.fspath(path))[0] for path in (vectors, *named) if path is not None]
    existing = [path for path in paths if os.path.exists(path)]
    if os.path.isdir(vectors):
        inputs += [path for path in existing if _is_inside(path, vectors)]
    elif existing and tokens is None and os.path.isfile(inputs[0]):
        inputs += _lists_beside(vectors, format)
    for path in paths:
        refuse_input(path, inputs)


def _is_inside(path: str, folder: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _lists_beside(vectors: str, format: str | None) -> list[str]:
    """The token list that an array without keys is read with, where nobody names one."""
    found: list[str] = []
    with suppress(InputError), closing(open_content(vectors)) as source:
        if not detect(source, format).takes_tokens:
            return []
        request, compressed = Request(source.path), source.compression is not None
        for also in ([], ["tokenizer.json"]):  # the second beside a static model only
            with suppress(InputError):
                found.append(token_list.find(request, compressed=compressed, also=also))
    return found  # what is wrong with the vectors is told when they are read
