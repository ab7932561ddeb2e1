"""safetensors files: eight bytes of length, a JSON header, and tensors one behind the other.

A static model of sentences (model2vec, sentence-transformers) is such a file with the vectors of
its tokens. model2vec can quantize the vocabulary: the vector of token i then is
`weights[i] * embeddings[mapping[i]]`. And a matrix that embedprep built may be one, with its tokens
and their provenance as further tensors.

Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import safetensors_header
from embedprep.containers.safetensors_header import FLOATS, INTEGERS, LENGTH_BYTES, Header, Tensor
from embedprep.containers.stored_arrays import REPORT, STORED
from embedprep.errors import InputError, printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import built_matrix, token_list
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vectors.table_rows import Place, StoredRows, check_shape

_MATRICES = ("embeddings", "embedding.weight", "embeddings.weight")
"""How model2vec, sentence-transformers and PyTorch call the matrix."""
_LISTED = 20


def claims(head: bytes) -> bool:
    return safetensors_header.claims(head)


def open_tensors(
    source: PlainFile | Stream, request: Request, *, format: str = "safetensors"
) -> TableVectors:
    """Raises for a damaged file, one without a matrix, or one without a token list."""
    forward = Forward(source)
    header = _header(forward)
    if _is_built(header):
        # The tokenizer in the folder of a model knows nothing of rows that have no vector.
        inside = replace(request, tokens=None) if format == "model2vec" else request
        return _built(source, inside, header, format)
    tensors = dict(header.tensors)
    matrix = _matrix(tensors, source.path)
    del tensors[matrix.name]
    place = _place(matrix, source.path)
    rows = StoredRows(forward, place)
    weights = mapping = None
    if "weights" in tensors:
        weights = _small(source, tensors["weights"], FLOATS)
    if "mapping" in tensors:
        mapping = _small(source, tensors["mapping"], INTEGERS).astype(np.int64)
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


def _header(forward: Forward) -> Header:
    """Checked to end where the file does."""
    source = forward.source
    head = forward.take(LENGTH_BYTES, "its header")
    length = safetensors_header.length(head)
    if length > safetensors_header.MAX_BYTES:
        raise _damaged(f"its header is said to have {length} bytes", source.path)
    if isinstance(source, PlainFile) and LENGTH_BYTES + length > source.size:
        raise forward.cut_off("its header")
    try:
        header = safetensors_header.parse(forward.take(length, "its header"))
    except ValueError as error:
        raise _damaged(printable(str(error)), source.path) from error
    if isinstance(source, PlainFile):
        if header.end > source.size:
            forward.skip_to(header.end, "its tensors")  # raises
        if header.end < source.size:
            surplus = source.size - header.end
            raise _damaged(f"{surplus} bytes stand behind its tensors", source.path)
    return header


def _is_built(header: Header) -> bool:
    """By embedprep; the library keeps the tensors of a file that it writes again, but no more."""
    return "embedprep" in header.metadata or all(
        stored.name in header.tensors for stored in (*STORED, REPORT)
    )


def _built(
    source: PlainFile | Stream, request: Request, header: Header, format: str
) -> TableVectors:
    """A matrix that embedprep built, whose keys are inside."""
    if isinstance(source, Stream):
        raise InputError(
            "a matrix that embedprep built, which cannot be read as a stream",
            "Decompress or save it first, and name the file.",
            path=source.path,
        )
    matrix = header.tensors.get("embeddings")
    if matrix is None or len(matrix.shape) != 2:
        raise _damaged("the matrix that embedprep built is missing", source.path)
    place = _place(matrix, source.path)
    arrays = {}
    for stored in (*STORED, REPORT):
        tensor = header.tensors.get(stored.name)
        if tensor is None or (
            np.dtype(INTEGERS.get(tensor.dtype, "V")) != stored.type
            or len(tensor.shape) != 1
            or stored.length(place.rows) not in (None, tensor.shape[0])
        ):
            raise _damaged("its tokens are not those of its matrix", source.path)
        arrays[stored.name] = _array(source, tensor, INTEGERS)
    records = built_matrix.records(
        arrays["tokens"],
        arrays["token_offsets"],
        arrays["provenance"],
        arrays["report"].tobytes(),
        request,
    )
    rows = StoredRows(Forward(source), place)
    return TableVectors(source, request, rows, records, format=format)


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
    if matrix.dtype not in FLOATS:
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
    dtype = np.dtype(FLOATS[matrix.dtype])
    is_bfloat16 = matrix.dtype == "BF16"
    # Tensors may follow; `_header` has compared their end with that of a file.
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
    numbers = _array(source, tensor, dtypes)
    return numbers.astype(np.float32) if tensor.dtype == "F16" else numbers


def _array(source: PlainFile, tensor: Tensor, dtypes: dict[str, str]) -> NDArray[Any]:
    data = bytearray(tensor.end - tensor.begin)
    source.read_into(data, tensor.begin)
    return np.frombuffer(data, dtypes[tensor.dtype])


def _damaged(reason: str, path: str) -> InputError:
    return InputError(reason, "The file is damaged: download or export it again.", path=path)
