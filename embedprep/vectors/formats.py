"""The formats of vector files: exactly one claims a file, by its first bytes.

A new format is a new file and a row here. What no binary format claims is text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from embedprep.errors import InputError, UsageError, printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import (
    fasttext,
    gensim_pickle,
    hdf5,
    npy,
    safetensors,
    word2vec_binary,
)
from embedprep.vectors.folders import FOLDERS
from embedprep.vectors.hits import Vectors
from embedprep.vectors.layout import STYLES
from embedprep.vectors.request import Request
from embedprep.vectors.text import open_text

HEAD_BYTES = 4096
"""What a format sees of a file before it claims it."""


@dataclass(frozen=True)
class Format:
    """One way to write vectors into a file."""

    meaning: str
    claims: Callable[[bytes], bool]
    open: Callable[[PlainFile | Stream, Request], Vectors]
    takes_tokens: bool = False
    """Whether a token list may be named beside the file."""


def _never(head: bytes) -> bool:
    return False


def _open_text(source: PlainFile | Stream, request: Request, *, style: str) -> Vectors:
    return open_text(
        source,
        style=style,
        dim=request.dim,
        threads=request.threads,
        block_bytes=request.block_bytes,
    )


_BINARY = {
    "word2vec-binary": Format(
        "keys and raw float32 behind a header (word2vec .bin)",
        word2vec_binary.claims,
        word2vec_binary.Word2VecBinary,
    ),
    "fasttext": Format(
        "a fastText model (.bin): words and their n-grams", fasttext.claims, fasttext.FastText
    ),
    "npy": Format(
        "a NumPy array (.npy): a matrix that embedprep built, or one with a token list",
        npy.claims,
        npy.open_array,
        takes_tokens=True,
    ),
    "hdf5": Format("a matrix that embedprep built as HDF5", hdf5.claims, hdf5.open_built),
    "safetensors": Format(
        "a static model's matrix (.safetensors), with a token list",
        safetensors.claims,
        safetensors.open_tensors,
        takes_tokens=True,
    ),
    "gensim": Format(
        "a model that gensim pickled (.kv, .model), if you trust it",
        gensim_pickle.claims,
        gensim_pickle.open_pickle,
    ),
}


def _refuse_file(source: PlainFile | Stream, request: Request) -> NoReturn:
    raise InputError(
        "this is a file, and the format asked for is a folder",
        "Name the folder, or drop --vectors-format.",
        path=source.path,
    )


FORMATS: dict[str, Format] = (
    {
        name: Format(meaning, _never, partial(_open_text, style=name))
        for name, meaning in STYLES.items()
    }
    | _BINARY
    | {name: Format(folder.meaning, _never, _refuse_file) for name, folder in FOLDERS.items()}
)
"""The names that `--vectors-format` accepts."""


def detect(source: PlainFile | Stream, name: str | None) -> Format:
    """The format `name`, or the one that claims the file."""
    if name is not None:
        if name not in FORMATS:
            raise UsageError(
                f"there is no vector format '{printable(name)}'",
                f"Choose from: {', '.join(FORMATS)}.",
            )
        return FORMATS[name]
    head = source.head(HEAD_BYTES)
    return next((format for format in _BINARY.values() if format.claims(head)), FORMATS["text"])
