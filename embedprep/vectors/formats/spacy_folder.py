"""spaCy's vectors: a folder with a matrix, a map from keys to its rows, and a list of strings.

`vectors` is a NumPy array, `key2row` a MessagePack map and `strings.json` a JSON list. They are in
the folder `vocab` of a model. A key is the 64-bit hash of its string, except for the strings that
spaCy numbers itself (`symbols`).
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError, UsageError
from embedprep.sources.source import PlainFile, open_file
from embedprep.vectors.formats import npy
from embedprep.vectors.formats.spacy_symbols import SYMBOLS
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries, TableVectors
from embedprep.vectors.table_rows import StoredRows
from embedprep.vocabulary import json_text
from embedprep.vocabulary.source import errors_naming, text_of

_PARTS = ("vectors", "key2row", "strings.json")


def folder_of(path: str) -> str | None:
    """Return the folder with the vectors: `path`, or the one inside a model or its package."""
    inside = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    folders = [path, os.path.join(path, "vocab")]
    folders += [os.path.join(folder, "vocab") for folder in inside]
    found = [
        folder
        for folder in folders
        if all(os.path.isfile(os.path.join(folder, part)) for part in _PARTS)
    ]
    return found[0] if len(found) == 1 else None


def open_folder(path: str, request: Request) -> TableVectors:
    """Open the vectors. Raises if they are damaged, or not vectors of single words."""
    folder = folder_of(path)
    if folder is None:
        raise InputError(
            f"not the folder of a spaCy model with vectors: it lacks {', '.join(_PARTS)}",
            "Name the folder that nlp.to_disk wrote, or the folder 'vocab' inside it.",
            path=path,
        )
    vectors, key2row, strings = (os.path.join(folder, part) for part in _PARTS)
    source = open_file(vectors)
    try:
        matrix = npy.matrix_of(source)
        rows = StoredRows(Forward(source), matrix, file_end=matrix.end)
        keys, row = _key_rows(key2row, rows.count)
        records = Entries(_strings(keys, strings), row)
        return TableVectors(source, request, rows, records, format="spacy")
    except BaseException:
        source.close()
        raise


def _key_rows(path: str, rows: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return keys and their rows, in the order of the rows."""
    msgpack = _msgpack(path)
    source = open_file(path)
    try:
        data = bytearray(source.size or 0)
        if isinstance(source, PlainFile):
            source.read_into(data, 0)
    finally:
        source.close()
    try:
        content = msgpack.unpackb(data, strict_map_key=False)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise _damaged(f"not the MessagePack map that it should be: {error}", path) from error
    if content is None or content == {}:
        raise InputError(
            "the vectors have no keys: they are floret's, which computes a vector for each word",
            "Export the words that you need: write [word, *nlp.vocab[word].vector] as lines.",
            path=path,
        )
    if not isinstance(content, dict) or not all(
        type(key) is int and 0 <= key < 1 << 64 and type(row) is int and 0 <= row < rows
        for key, row in content.items()
    ):
        raise _damaged("it does not lead from keys to rows of the matrix", path)
    keys = np.fromiter(content.keys(), np.uint64, len(content))
    row = np.fromiter(content.values(), np.int64, len(content))
    order = np.argsort(row, kind="stable")
    return keys[order], row[order]


def _msgpack(path: str) -> ModuleType:
    try:
        return importlib.import_module("msgpack")
    except ImportError as error:
        raise UsageError(
            "a spaCy model is read with the package msgpack, which is not installed",
            "pip install 'embedprep[spacy]'",
            path=path,
        ) from error


def _strings(keys: NDArray[np.uint64], path: str) -> list[bytes]:
    """Return the string of each key; empty if the list does not contain it."""
    with errors_naming(path):
        listed: Any = json_text.decode(text_of(path, as_told=True))
        if not isinstance(listed, list) or not all(isinstance(entry, str) for entry in listed):
            raise _damaged("it is not a list of strings", path)
    encoded = [string.encode("utf-8", "surrogatepass") for string in listed]
    hashes = murmur_hash_64a(encoded, seed=1)
    string_of = dict(zip(hashes.tolist(), encoded, strict=True))
    string_of |= {number: symbol.encode() for number, symbol in SYMBOLS.items()}
    found = [string_of.get(key, b"") for key in keys.tolist()]
    if not any(found):
        raise _damaged("it contains none of the strings that the vectors belong to", path)
    return found


def murmur_hash_64a(texts: list[bytes], seed: int) -> NDArray[np.uint64]:
    """Return Austin Appleby's MurmurHash64A of each text; equal lengths are hashed together."""
    factor, shift = np.uint64(0xC6A4A7935BD1E995), np.uint64(47)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    hashes = np.empty(len(texts), np.uint64)
    for length in np.unique(lengths).tolist():
        chosen = np.flatnonzero(lengths == length)
        padded = np.zeros((len(chosen), -(-length // 8) * 8), np.uint8)
        data = np.frombuffer(b"".join([texts[i] for i in chosen.tolist()]), np.uint8)
        padded[:, :length] = data.reshape(len(chosen), length)
        words = padded.view("<u8").astype(np.uint64, copy=False)
        start = seed ^ (length * int(factor) & 0xFFFF_FFFF_FFFF_FFFF)
        state = np.full(len(chosen), start, np.uint64)
        for column in range(length // 8):
            word = words[:, column] * factor
            word ^= word >> shift
            state = (state ^ word * factor) * factor
        if length % 8:
            state = (state ^ words[:, -1]) * factor
        state ^= state >> shift
        state *= factor
        state ^= state >> shift
        hashes[chosen] = state
    return hashes


def _damaged(reason: str, path: str) -> InputError:
    return InputError(reason, "The model is damaged: install or export it again.", path=path)
