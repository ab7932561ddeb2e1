"""Which tensor of a model is its input table: one vector for each token.

Comes in: the names of the tensors, with their shapes as far as they are known. Goes out: the name
of the table. Models of different families give it different names, so there is a list of those in
use. If several tensors could be the table, the error lists all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from embedprep.errors import InputError, printable
from embedprep.sources.archive import SEPARATOR

_LISTED = 20

_NAMES = re.compile(
    r"(?:.*\.)?(?:embed_tokens|word_embeddings?|wte|shared|tok_embeddings|token_embd"
    r"|token_embeddings?|embed_in)(?:\.weight)?"
)
"""The names in use: those of Llama, BERT, GPT-2, T5, Meta's files, GGUF, CLIP, and GPT-NeoX."""
_PLAIN_NAMES = re.compile(
    r"(?:(?:model|backbone|encoder)\.)?(?:embeddings?|emb|embed)(?:\.weight)?"
)
"""The names in models that have little else: static models, Mamba, RWKV, and PyTorch's own."""
_OTHERS = re.compile(
    r"(?:.*\.)?(?:lm_head|embed_out|decoder|output|score|classifier|wpe|embed_positions"
    r"|position_embeddings?|token_type_embeddings?)(?:\.weight)?"
)
"""Matrices of about the same shape that are no input table: what predicts tokens, and places."""

Shape = tuple[int, ...]


def choose(shapes: Mapping[str, Shape | None], path: str, told: str | None) -> str:
    """Return the name of the input table among these tensors; the shape is None if it is unknown.

    `told` is the name that the user gives. Raises InputError, which lists what is there, if it is
    missing, or if no name or several could be meant.
    """
    matrices = [name for name, shape in shapes.items() if shape is None or len(shape) == 2]
    candidates = _named(matrices) or [name for name in matrices if not _OTHERS.fullmatch(name)]
    if told in matrices:
        return told
    if told is None and len(candidates) == 1:
        return candidates[0]
    if told is None and matrices and not candidates:
        raise InputError(
            f"it holds no input table, but: {_listed(matrices, shapes)}",
            "Name the file or folder that has the table. If the model has one matrix for its input "
            f"and its output: {path}{SEPARATOR}{printable(matrices[0])}",
            path=path,
        )
    if not matrices:
        raise InputError(
            "it holds no matrix" + ("" if told is None else f", so no '{printable(told)}'"),
            "Name the file or folder of a model, which has a table with a vector a token.",
            path=path,
        )
    example = (candidates or matrices)[0]
    raise InputError(
        f"it holds several matrices: {_listed(candidates, shapes)}"
        if told is None
        else f"it has no matrix '{printable(told)}', but: {_listed(matrices, shapes)}",
        f"Name the one with a vector a token, as in: {path}{SEPARATOR}{printable(example)}",
        path=path,
    )


def _named(matrices: Sequence[str]) -> list[str]:
    """Return those with a name of an input table."""
    for pattern in (_NAMES, _PLAIN_NAMES):
        if named := [name for name in matrices if pattern.fullmatch(name)]:
            return named
    return []


def _listed(names: Sequence[str], shapes: Mapping[str, Shape | None]) -> str:
    listed = ", ".join(map(printable, names[:_LISTED]))
    known = [shape for name in names[:_LISTED] if (shape := shapes[name]) is not None]
    if len(names) > _LISTED:
        listed += f", … ({len(names)} in all)"
    elif known:
        listed += f" (of {', '.join(' x '.join(map(str, shape)) for shape in known)} values)"
    return listed
