"""safetensors files with a matrix that has a vector per token.

The input table of a model is such a matrix; `input_table` finds it among the other tensors. A
static model of sentences (model2vec, sentence-transformers) has little else. model2vec can quantize
the vocabulary: the vector of token i then is `weights[i] * embeddings[mapping[i]]`. A matrix that
embedprep built can also be such a file, with its tokens and their provenance as further tensors.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import CONTAINERS
from embedprep.containers.layout import REPORT, STORED
from embedprep.containers.safetensors import METADATA, Tensor, TensorHeader, read_header
from embedprep.errors import InputError, printable
from embedprep.sources.archive import SEPARATOR
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import token_list
from embedprep.vectors.formats.built_matrix import array_of, open_built
from embedprep.vectors.formats.input_table import choose
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vectors.table_rows import StoredRows
from embedprep.vocabulary.folders import vocabulary_in

_FLOATS = ("F16", "F32", "F64", "BF16")
_INTEGERS = ("U8", "I16", "I32", "I64")


def open_tensors(
    source: PlainFile | Stream,
    request: Request,
    *,
    format: str = "safetensors",
    named: str | None = None,
) -> TableVectors:
    """Open the matrix. Raises for a damaged file, or one without a matrix or a token list.

    `named` is the path that the user gave, if that is a folder.
    """
    forward = Forward(source)
    try:
        size = source.size if isinstance(source, PlainFile) else None
        header = read_header(forward, size)
    except ValueError as error:
        raise _damaged(printable(str(error)), source.path) from error
    if _is_built(header) and request.tensor is None:
        # The tokenizer in the folder of a model does not know the rows without a vector.
        inside = request._replace(tokens=None) if format == "model2vec" else request
        return open_built(source, inside, container=CONTAINERS["safetensors"], format=format)
    tensors = dict(header.tensors)
    # safetensors.torch.save_model writes a shared matrix once, and its other names here.
    shared = {name: kept for name, kept in header.metadata.items() if kept in tensors}
    places = shared | {name: name for name in tensors}
    shapes = {name: tensors[kept].shape for name, kept in places.items()}
    matrix = tensors[places[choose(shapes, named or source.path, request.tensor)]]
    del tensors[matrix.name]
    _check_values(matrix, source.path)
    rows = StoredRows(forward, matrix.region, file_end=header.end)
    weights = mapping = None
    if "weights" in tensors:
        weights = _small(source, tensors["weights"], _FLOATS)
    if "mapping" in tensors:
        mapping = _small(source, tensors["mapping"], _INTEGERS).astype(np.int64)
    tokens = rows.count if mapping is None else len(mapping)
    if weights is not None and len(weights) != tokens:
        raise _damaged(f"it has {len(weights)} weights for {tokens} tokens", source.path)
    path = token_list.find(
        request, compressed=source.compression is not None, also=_tokenizers_beside(source.path)
    )
    records = token_list.read(path, tokens, source.path, may_be_longer=mapping is None)
    if weights is not None:
        records = replace(records, weights=weights[records.row])
    if mapping is not None:
        if mapping.min() < 0 or mapping.max() >= rows.count:
            raise _damaged("its mapping names rows that the matrix does not have", source.path)
        records = replace(records, row=mapping[records.row])
    if request.tensor is not None:
        source.path += SEPARATOR + matrix.name
    return TableVectors(source, request, rows, records, format=format, table=_shown(matrix))


def _shown(matrix: Tensor) -> str:
    rows, dim = matrix.shape
    return f"its table is '{printable(matrix.name)}', {rows:,} x {dim:,} {matrix.dtype}"


def _is_built(header: TensorHeader) -> bool:
    """Whether embedprep built it; the library drops this mark when it rewrites a file."""
    return METADATA in header.metadata or all(
        stored.name in header.tensors for stored in (*STORED, REPORT)
    )


_OF_MODELS = re.compile(r"(?:diffusion_pytorch_)?model(?:-\d+-of-\d+)?\.safetensors")


def _tokenizers_beside(path: str) -> list[str]:
    """Return the name of the tokenizer that belongs to the file at `path`, as far as names tell."""
    folder, name = os.path.split(path)
    if not _OF_MODELS.fullmatch(name):
        return ["tokenizer.json"]
    try:
        return [os.path.basename(vocabulary_in(folder or os.curdir).path)]
    except (InputError, OSError):
        return ["tokenizer.json"]


def _check_values(matrix: Tensor, path: str) -> None:
    if matrix.dtype not in _FLOATS:
        raise InputError(
            f"its vectors are stored as {matrix.dtype}"
            + (", without the scale that they were divided by" if matrix.dtype == "I8" else ""),
            "Export the original model as float32, in model2vec: "
            "StaticModel.from_pretrained(NAME, quantize_to='float32').save_pretrained(FOLDER); in "
            "transformers: AutoModel.from_pretrained(NAME).float().save_pretrained(FOLDER).",
            path=path,
            byte=matrix.begin,
        )


def _small(source: PlainFile | Stream, tensor: Tensor, dtypes: Sequence[str]) -> NDArray[Any]:
    """Read a whole tensor with one number per token."""
    if isinstance(source, Stream):
        raise InputError(
            f"it has the tensor '{tensor.name}', and cannot be read as a stream",
            "Decompress or save it first, and name the file.",
            path=source.path,
        )
    if tensor.dtype not in dtypes or tensor.dtype == "BF16" or len(tensor.shape) != 1:
        raise InputError(
            f"'{tensor.name}' is {tensor.dtype} of shape {tensor.shape}, and not the number a "
            "token that model2vec calls so",
            "Export the matrix of vectors alone, as the tensor 'embeddings'.",
            path=source.path,
        )
    numbers = array_of(source, tensor.region)
    return numbers.astype(np.float32) if tensor.dtype == "F16" else numbers


def _damaged(reason: str, path: str) -> InputError:
    return InputError(reason, "The file is damaged: download or export it again.", path=path)
