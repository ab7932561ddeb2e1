"""Arrays with a list of their keys: embedprep's own `.npy` and HDF5, safetensors, and the folder
of a static model.
"""

from __future__ import annotations

import json
import os
from typing import Any

from embedprep.conversion.keys import either, not_text, not_without
from embedprep.conversion.publication import Publication
from embedprep.conversion.records import Table
from embedprep.outputs import AtomicFile

refuses_in_list = either(not_text, not_without({}))

_UNKNOWN = "[UNK]"


def write_safetensors(table: Table, output: Publication) -> None:
    """The tensor `embeddings`, and beside it a JSON list: token i is of row i."""
    _write_tensor(table, output.file(output.path))
    _write_json(output.file(output.beside(".tokens.json")), _tokens(table))


def write_model2vec(table: Table, output: Publication) -> None:
    """A folder that model2vec and sentence-transformers load.

    A text is cut at white space and punctuation, and its vector is the mean of its words'. Where no
    key has an upper-case letter, texts are lowered first.
    """
    output.folder()
    tensors, tokenizer, config, modules = (
        output.file(os.path.join(output.path, name))
        for name in ("model.safetensors", "tokenizer.json", "config.json", "modules.json")
    )
    tokens = _tokens(table)
    # The tokenizer needs one for the unknown; model2vec leaves it out of the mean.
    missing = 0 if _UNKNOWN in tokens else 1
    _write_tensor(table, tensors, zero_rows=missing)
    _write_json(tokenizer, _tokenizer(tokens + [_UNKNOWN] * missing))
    _write_json(config, {"model_type": "model2vec", "normalize": False, "max_length": None})
    static = {
        "idx": 0,
        "name": "0",
        "path": ".",
        "type": "sentence_transformers.models.StaticEmbedding",
    }
    _write_json(modules, [static])


def _tokens(table: Table) -> list[str]:
    return [key.decode() for key in table.keys]


def _write_tensor(table: Table, file: AtomicFile, *, zero_rows: int = 0) -> None:
    """https://github.com/huggingface/safetensors#format: a length, a JSON header, the bytes."""
    shape = [len(table.keys) + zero_rows, table.dim]
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4 * shape[0] * shape[1]]}
    header = json.dumps({"__metadata__": {"format": "np"}, "embeddings": tensor}).encode()
    header += b" " * (-len(header) % 8)  # the bytes are to begin on a multiple of eight
    file.write(len(header).to_bytes(8, "little") + header)
    for _, rows in table.chunks():
        file.write(rows.astype("<f4", copy=False).tobytes())
    file.write(bytes(4 * zero_rows * table.dim))


def _write_json(file: AtomicFile, value: Any) -> None:
    file.write(json.dumps(value, ensure_ascii=False).encode())


def _tokenizer(tokens: list[str]) -> dict[str, Any]:
    """https://huggingface.co/docs/tokenizers: a word a token."""
    uncased = all(token == token.lower() for token in tokens if token != _UNKNOWN)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"} if uncased else None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {token: row for row, token in enumerate(tokens)},
            "unk_token": _UNKNOWN,
        },
    }
