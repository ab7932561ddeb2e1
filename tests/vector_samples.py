"""The same 200 vectors in every container that can be read, written by whoever owns the format
where its library is at hand.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from tokenizers import Tokenizer
from tokenizers.models import WordLevel, WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer

import embedprep

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DIM = 7
_ODD = ["the", ",", ".", "'", "Grüße", "日本語", "naïve_café", "#", "½", "x\u0301"]
WORDS = [*(f"word{i}" for i in range(190)), *_ODD]
ROWS = np.random.default_rng(3).normal(size=(len(WORDS), DIM)).astype(np.float32)
VOCAB = ["<pad>", *WORDS[::-3], "absent"]


def model(folder: Path) -> None:
    """The folder of a model, whose table has rows for the pieces of a few words."""
    pieces = ["[PAD]", "[UNK]", "the", "lamp", "keep", "##er", "##ing", ","]
    tokenizer = Tokenizer(WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    tensors = {"embeddings.word_embeddings.weight": ROWS[: len(pieces)]}
    tensors |= {f"layer.{i}.weight": ROWS[:2] for i in range(4)}
    safetensors.numpy.save_file(tensors, folder / "model.safetensors")


def glove(path: Path) -> None:
    path.write_bytes(b"".join(_line(i, b"") for i in range(len(WORDS))))


def fasttext_vec(path: Path) -> None:
    """A header, and a space behind every value."""
    lines = b"".join(_line(i, b" ") for i in range(len(WORDS)))
    path.write_bytes(b"%d %d\n" % ROWS.shape + lines)


def tsv(path: Path) -> None:
    path.write_bytes(b"".join(_line(i, b"").replace(b" ", b"\t") for i in range(len(WORDS))))


def _line(i: int, end: bytes) -> bytes:
    values = " ".join(map(repr, ROWS[i].tolist()))
    return f"{WORDS[i]} {values}".encode() + end + b"\n"


def word2vec_c(path: Path) -> None:
    """As the C program writes it, a newline behind every record."""
    records = (
        w.encode() + b" " + row.tobytes() + b"\n" for w, row in zip(WORDS, ROWS, strict=True)
    )
    path.write_bytes(b"%d %d\n" % ROWS.shape + b"".join(records))


def word2vec_gensim(path: Path) -> None:
    _keyed_vectors().save_word2vec_format(str(path), binary=True)


def gensim_kv(path: Path) -> None:
    _keyed_vectors().save(str(path))


def _keyed_vectors() -> Any:
    vectors = pytest.importorskip("gensim.models").KeyedVectors(DIM)
    vectors.add_vectors(WORDS, ROWS)
    return vectors


def fasttext_model(path: Path) -> None:
    """Without n-grams: a word's vector is its row."""
    arguments = struct.pack("<2i12id", 793712314, 12, DIM, 5, 5, 1, 5, 1, 2, 2, 0, 0, 0, 100, 1e-4)
    dictionary = struct.pack("<3i2q", len(WORDS), len(WORDS), 0, 9, -1)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, 0) for word in WORDS)
    matrix = b"\0" + struct.pack("<2q", *ROWS.shape)
    output = matrix + bytes(ROWS.nbytes)
    path.write_bytes(arguments + dictionary + entries + matrix + ROWS.tobytes() + output)


def npy(path: Path) -> None:
    np.save(path, ROWS)
    path.with_suffix(".tokens.json").write_text(json.dumps(WORDS))


def npy_of_float64(path: Path) -> None:
    np.save(path, ROWS.astype(np.float64))
    path.with_suffix(".tokens.txt").write_text("".join(word + "\n" for word in WORDS))


def safetensors_file(path: Path) -> None:
    safetensors.numpy.save_file({"embeddings": ROWS}, path)
    path.with_suffix(".tokens.json").write_text(json.dumps(WORDS))


def model2vec(path: Path) -> None:
    path.mkdir()
    safetensors.numpy.save_file({"embeddings": ROWS}, path / "model.safetensors")
    vocabulary = {word: row for row, word in enumerate(WORDS)}
    Tokenizer(WordLevel(vocabulary, unk_token="the")).save(str(path / "tokenizer.json"))


def built(path: Path) -> None:
    """What `build` wrote before, in another order and with rows that are of no file."""
    glove(path.with_name("built.txt"))
    vocabulary = ["<pad>", "made-up", *WORDS[::-1]]
    embedprep.build(path.with_name("built.txt"), vocabulary, path)


FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "GloVe": ("v.txt", glove),
    "fastText .vec": ("v.vec", fasttext_vec),
    "TSV": ("v.tsv", tsv),
    "word2vec .bin, newlines": ("v.bin", word2vec_c),
    "word2vec .bin": ("v.bin", word2vec_gensim),
    "fastText .bin": ("v.bin", fasttext_model),
    ".npy": ("v.npy", npy),
    ".npy of float64": ("v.npy", npy_of_float64),
    "safetensors": ("v.safetensors", safetensors_file),
}
"""By name: how the file is called, and its writer. They can be compressed, too."""

OTHERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "embedprep's .npy": ("m.npy", built),
    "embedprep's .h5": ("m.h5", built),
    "embedprep's .safetensors": ("m.safetensors", built),
    "model2vec": ("folder", model2vec),
    "gensim .kv": ("v.kv", gensim_kv),
}
"""Those that are read in place."""


def _zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/vectors", content)
    return buffer.getvalue()


def _tar(mode: str) -> Callable[[bytes], bytes]:
    def pack(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(mode=mode, fileobj=buffer) as archive:  # type: ignore[call-overload]
            member = tarfile.TarInfo("folder/vectors")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        return buffer.getvalue()

    return pack


COMPRESSIONS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": (".gz", gzip.compress),
    "bzip2": (".bz2", bz2.compress),
    "xz": (".xz", lzma.compress),
    "zstd": (".zst", zstd.compress),
    "zip": (".zip", _zip),
    "tar": (".tar", _tar("w")),
    "tar.gz": (".tar.gz", _tar("w:gz")),
    "tar.xz": (".tar.xz", _tar("w:xz")),
}
