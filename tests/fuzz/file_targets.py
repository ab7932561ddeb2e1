"""Files under attack: the bytes of one are read in every way that users have.

Nothing but `EmbedprepError` may come out of it, and what is yielded must be whole.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from embedprep import vocabulary
from embedprep.errors import EmbedprepError
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.hits import Hits
from embedprep.vocabulary.word_list import read_word_list
from embedprep.vocabulary.words import words
from tests.fuzz import file_seeds
from tests.fuzz.target import Target

KEYS = [b"the", b"a", b"word1", "Grüße".encode(), b""]
"""In some of the seeds; the last one in none of any sense."""


def _read_vectors(format: str) -> Callable[[bytes, Path], None]:
    def attempt(data: bytes, directory: Path) -> None:
        path = directory / "input"
        path.write_bytes(data)
        (directory / "input.tokens.txt").write_text(
            "\n".join(file_seeds.WORDS) + "\n", encoding="utf-8"
        )
        for told in (None, format):
            for keys in (None, KEYS):
                with suppress(EmbedprepError):
                    _read_through(path, told, keys)

    return attempt


def _read_through(path: Path, format: str | None, keys: list[bytes] | None) -> None:
    with closing(open_vectors(Request(str(path), format=format, block_bytes=4096))) as vectors:
        for hits in vectors.hits(keys):
            _check(hits, vectors.dim, keys)
        vectors.describe()


def _check(hits: Hits, dim: int, keys: list[bytes] | None) -> None:
    names = hits.names if keys is None else keys
    assert hits.rows.shape == (len(hits.key), dim) == (len(hits.record), dim)
    assert np.isfinite(hits.rows).all()
    assert len(hits.key) == 0 or 0 <= hits.key.min() <= hits.key.max() < len(names)
    assert (
        min(hits.records, hits.malformed, len(hits.undecodable), len(hits.nonfinite), hits.bytes)
        >= 0
    )


def _read_vocabulary(data: bytes, directory: Path) -> None:
    path = directory / "input"
    path.write_bytes(data)
    for format in (None, vocabulary.FORMATS[len(data) % len(vocabulary.FORMATS)]):
        with suppress(EmbedprepError):
            found = vocabulary.read(path, format)
            assert found.n_rows > found.rows.max() >= 0
            assert (np.diff(found.rows) > 0).all()
            assert len(words(found)) == len(found.tokens) == len(found.roles)
    with suppress(EmbedprepError):
        vocabulary.with_counts(vocabulary.read(["the", "cat"]), path)
    with suppress(EmbedprepError):
        read_word_list(path)


_JSON = (b"null", b"true", b"1e999", b"-1", b"[]", b"{}", b'"x"', b"[[", b'{"a":', b"\\ud800")
_NUMBERS = (b"1e39", b"nan", b"-inf", b"1e", b"99999999999", b" ", b"\n", b"\r", b"\0")
_LARGE = tuple(struct.pack("<q", n) for n in (-1, 1 << 31, 1 << 40, (1 << 63) - 1, -(1 << 63)))

TARGETS = {
    "vocabulary": Target(_read_vocabulary, file_seeds.vocabularies, _JSON + _NUMBERS),
    "text": Target(
        _read_vectors("text"), lambda: file_seeds.texts() + file_seeds.written("GloVe"), _NUMBERS
    ),
    "word2vec-binary": Target(
        _read_vectors("word2vec-binary"),
        lambda: file_seeds.word2vec() + file_seeds.written("word2vec .bin, newlines"),
        _NUMBERS,
    ),
    "fasttext": Target(
        _read_vectors("fasttext"),
        lambda: file_seeds.fasttext() + file_seeds.written("fastText .bin"),
        _LARGE,
    ),
    "npy": Target(
        _read_vectors("npy"), lambda: file_seeds.arrays() + file_seeds.written(".npy"), _LARGE
    ),
    "safetensors": Target(_read_vectors("safetensors"), file_seeds.tensors, _JSON + _LARGE),
    "hdf5": Target(_read_vectors("hdf5"), lambda: [file_seeds.built("m.h5")], _LARGE),
    "compressed": Target(_read_vectors("text"), file_seeds.compressed, _LARGE),
}
