"""safetensors files: eight bytes of length, a JSON header, and tensors one behind the other.

A static model of sentences (model2vec, sentence-transformers) is such a file with the vectors of
its tokens. model2vec can quantize the vocabulary: the vector of token i then is
`weights[i] * embeddings[mapping[i]]`.

Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError, printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import token_list
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vectors.table_rows import Place, StoredRows, check_shape

_MAX_HEADER_BYTES = 100_000_000
"""The library's own limit."""
_MATRICES = ("embeddings", "embedding.weight", "embeddings.weight")
"""How model2vec, sentence-transformers and PyTorch call the matrix."""
_FLOATS = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2"}
_INTEGERS = {"U8": "u1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}
_LISTED = 20


@dataclass(frozen=True)
class Tensor:
    """One entry of the header; `begin` and `end` count from the start of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def claims(head: bytes) -> bool:
    return int.from_bytes(head[:8], "little") <= _MAX_HEADER_BYTES and head[8:9] == b"{"


def open_tensors(
    source: PlainFile | Stream, request: Request, *, format: str = "safetensors"
) -> TableVectors:
    """Raises for a damaged file, one without a matrix, or one without a token list."""
    forward = Forward(source)
    tensors = _tensors(forward)
    matrix = _matrix(tensors, source.path)
    del tensors[matrix.name]
    place = _place(matrix, source.path)
    rows = StoredRows(forward, place)
    weights = mapping = None
    if "weights" in tensors:
        weights = _small(source, tensors["weights"], _FLOATS)
    if "mapping" in tensors:
        mapping = _small(source, tensors["mapping"], _INTEGERS).astype(np.int64)
    tokens = rows.count if mapping is None else len(mapping)
    if weights is not None and len(weights) != tokens:
        raise _damaged(f"it has {len(weights)} weights for {tokens} tokens", source.path)
    path = token_list.find(
        request, compressed=source.compression is not None, also=["tokenizer.json"]
    )
    records = token_list.read(path, tokens, source.path)
    if weights is not None:
        records = replace(records, weights=weights[records.row])
    if mapping is not None:
        if mapping.min() < 0 or mapping.max() >= rows.count:
            raise _damaged("its mapping names rows that the matrix does not have", source.path)
        records = replace(records, row=mapping[records.row])
    return TableVectors(source, request, rows, records, format=format)


def _tensors(forward: Forward) -> dict[str, Tensor]:
    """The tensors by name, checked to fill the file without gap or overlap."""
    source = forward.source
    length = int.from_bytes(forward.take(8, "its header"), "little")
    if length > _MAX_HEADER_BYTES:
        raise _damaged(f"its header is said to have {length} bytes", source.path)
    if isinstance(source, PlainFile) and 8 + length > source.size:
        raise forward.cut_off("its header")
    text = forward.take(length, "its header")
    try:
        header = json.loads(text.decode(), object_pairs_hook=_distinct)
        if not isinstance(header, dict):
            raise TypeError("a JSON value that is no map")
        header.pop("__metadata__", None)
        tensors = [_tensor(name, entry, 8 + length) for name, entry in header.items()]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = "too deeply nested" if isinstance(error, RecursionError) else str(error)[:200]
        raise _damaged(f"its header is not right: {printable(reason)}", source.path) from error
    end = 8 + length
    for tensor in sorted(tensors, key=lambda tensor: (tensor.begin, tensor.end)):
        if tensor.begin != end:
            raise _damaged("its tensors have gaps or overlap", source.path)
        end = tensor.end
    if isinstance(source, PlainFile):
        if end > source.size:
            forward.skip_to(end, "its tensors")  # raises
        if end < source.size:
            raise _damaged(f"{source.size - end} bytes stand behind its tensors", source.path)
    return {tensor.name: tensor for tensor in tensors}


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _tensor(name: str, entry: Any, start: int) -> Tensor:
    shape, (begin, end) = tuple(entry["shape"]), entry["data_offsets"]
    numbers = (*shape, begin, end)
    if any(type(number) is not int or not 0 <= number < 1 << 63 for number in numbers):
        raise ValueError(f"shape or offsets of '{name}'")
    if begin > end:
        raise ValueError(f"'{name}' ends before it begins")
    dtype = entry["dtype"]
    written = (_FLOATS | _INTEGERS).get(dtype) if isinstance(dtype, str) else None
    if written is not None:
        count: int = np.prod(shape, dtype=object)
        if int(count) * np.dtype(written).itemsize != end - begin:
            raise ValueError(f"'{name}' does not have the bytes of its shape")
    return Tensor(name, str(dtype), shape, start + begin, start + end)


def _matrix(tensors: dict[str, Tensor], path: str) -> Tensor:
    """The one tensor that holds the vectors."""
    matrices = [tensor for tensor in tensors.values() if len(tensor.shape) == 2]
    named = [tensor for tensor in matrices if tensor.name in _MATRICES]
    chosen = named or matrices
    if len(chosen) == 1:
        return chosen[0]
    listed = ", ".join(printable(tensor.name) for tensor in matrices[:_LISTED])
    if len(matrices) > _LISTED:
        listed += f", … ({len(matrices)} in all)"
    raise InputError(
        f"it holds several matrices: {listed}" if matrices else "it holds no matrix",
        "Only a static model has one vector a token: a file with the tensor 'embeddings' or "
        "'embedding.weight'.",
        path=path,
    )


def _place(matrix: Tensor, path: str) -> Place:
    if matrix.dtype not in _FLOATS:
        raise InputError(
            f"its vectors are written as {matrix.dtype}"
            + (", without the scale that they were divided by" if matrix.dtype == "I8" else ""),
            "Export the original model as float32, in model2vec: "
            "StaticModel.from_pretrained(NAME, quantize_to='float32').save_pretrained(FOLDER).",
            path=path,
            byte=matrix.begin,
        )
    rows, dim = matrix.shape
    check_shape(path, rows, dim)
    dtype = np.dtype(_FLOATS[matrix.dtype])
    is_bfloat16 = matrix.dtype == "BF16"
    # Tensors may follow; `_tensors` has compared their end with that of a file.
    return Place(matrix.begin, rows, dim, dtype, bfloat16=is_bfloat16, ends_file=False)


def _small(source: PlainFile | Stream, tensor: Tensor, dtypes: dict[str, str]) -> NDArray[Any]:
    """A tensor that is wanted as a whole: one number a token."""
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
    data = bytearray(tensor.end - tensor.begin)
    source.read_into(data, tensor.begin)
    numbers = np.frombuffer(data, dtypes[tensor.dtype])
    return numbers.astype(np.float32) if tensor.dtype == "F16" else numbers


def _damaged(reason: str, path: str) -> InputError:
    return InputError(reason, "The file is damaged: download or export it again.", path=path)
