"""The files that a conversion reads, known before it reads them: it never replaces one."""

from __future__ import annotations

import os

from embedprep.building.destination import refuse_input
from embedprep.building.options import Vocab
from embedprep.sources import split_member
from embedprep.vectors.unnamed import unnamed_inputs


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
    inputs += unnamed_inputs(vectors, format, tokens, paths)
    for path in paths:
        refuse_input(path, inputs)
