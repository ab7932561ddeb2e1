"""Small files of every kind, which the fuzzers damage."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy

import embedprep
from tests import vector_samples
from tests.vocabulary.test_families import WRITTEN

ROWS = np.array([[1, 2], [-0.5, 3e-5], [0, 6.25]], np.float32)
WORDS = ["the", "a", "Grüße"]
TEXT = "the 1 2\na -0.5 3e-05\nGrüße 0 6.25\n".encode()


def written(*names: str) -> list[bytes]:
    """What writers make of 200 vectors."""
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name in names:
            file, write = (vector_samples.FILES | vector_samples.OTHERS)[name]
            paths.append(Path(directory, name.replace("/", " "), file))
            paths[-1].parent.mkdir()
            write(paths[-1])
        return [path.read_bytes() for path in paths]


def built(name: str) -> bytes:
    """A matrix that embedprep builds of three vectors."""
    with tempfile.TemporaryDirectory() as directory:
        vectors, matrix = Path(directory, "v.txt"), Path(directory, name)
        vectors.write_bytes(TEXT)
        embedprep.build(vectors, ["<pad>", *WORDS, "absent"], matrix)
        return matrix.read_bytes()


def texts() -> list[bytes]:
    return [
        TEXT,
        b"3 2\n" + TEXT,
        TEXT.replace(b" ", b"\t"),
        b"\xef\xbb\xbfa b 1 2\r\nthe 3 nan \r\n",
    ]


def word2vec() -> list[bytes]:
    records = [word.encode() + b" " + row.tobytes() for word, row in zip(WORDS, ROWS, strict=True)]
    return [b"3 2\n" + end.join([*records, b""]) for end in (b"", b"\n")]


def fasttext() -> list[bytes]:
    """One of today with n-grams, one of 2016 without."""
    arguments = struct.pack("<12id", 2, 5, 5, 1, 5, 1, 2, 2, 3, 2, 3, 100, 1e-4)
    plain = struct.pack("<12id", 2, 5, 5, 1, 5, 1, 2, 2, 0, 0, 0, 100, 1e-4)
    sizes = struct.pack("<3iq", 3, 3, 0, 9)
    entries = b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, 0) for word in WORDS)
    rows = ROWS.tobytes()
    today = struct.pack("<2i", 793712314, 12) + arguments + sizes + struct.pack("<q", -1) + entries
    matrix, output = struct.pack("<2q", 6, 2) + rows + rows, struct.pack("<2q", 3, 2) + rows
    return [
        today + b"\0" + matrix + b"\0" + output,
        plain + sizes + entries + struct.pack("<2q", 3, 2) + rows + output,
    ]


def arrays() -> list[bytes]:
    with tempfile.TemporaryFile() as file:
        np.save(file, ROWS)
        file.seek(0)
        return [file.read(), built("m.npy")]


def tensors() -> list[bytes]:
    mapping, weights = np.array([2, 0, 1]), np.array([1, 0.5, 2], np.float32)
    return [
        safetensors.numpy.save({"embeddings": ROWS}),
        safetensors.numpy.save({"embeddings": ROWS, "mapping": mapping, "weights": weights}),
        built("m.safetensors"),
    ]


def compressed() -> list[bytes]:
    return [compress(TEXT) for _, compress in vector_samples.COMPRESSIONS.values()]


def vocabularies() -> list[bytes]:
    counts = [b'{"the": 3, "cat": 1}', b"the\t3\ncat\t1\n", b"the cat sat\n"]
    return [data for data, _ in WRITTEN.values()] + counts
