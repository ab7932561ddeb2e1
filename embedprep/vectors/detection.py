"""The formats of vector files: at most one binary format claims a file, by its first bytes.

A new format is a new file and a row here. What none of them claims is text.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, NoReturn

from embedprep.errors import InputError, UsageError, printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.formats.text import open_text
from embedprep.vectors.formats.text_layout import STYLES
from embedprep.vectors.hits import Vectors
from embedprep.vectors.request import Request

HEAD_BYTES = 4096
"""What a format sees of a file before it claims it."""

Open = Callable[[PlainFile | Stream, Request], Vectors]


class Format(NamedTuple):
    """One way to write vectors into a file."""

    meaning: str
    open: Open
    takes_tokens: bool = False
    """Whether a token list may be named beside the file."""


class _Binary(NamedTuple):
    """A format with a module of its own, imported for files that begin like one.

    All of them would be a tenth of the time that a small build takes.
    """

    meaning: str
    beginning: str
    """A pattern of the first bytes, as Latin-1."""
    module: str
    opener: str
    takes_tokens: bool = False
    looks_closer: bool = False
    """The beginning may be that of something else: the module's `claims` decides."""

    def claims(self, head: bytes) -> bool:
        if re.match(self.beginning.encode("latin-1"), head, re.DOTALL) is None:
            return False
        if not self.looks_closer:
            return True
        claims: Callable[[bytes], bool] = self._home("claims")
        return claims(head)

    def open(self, source: PlainFile | Stream, request: Request) -> Vectors:
        opener: Open = self._home(self.opener)
        return opener(source, request)

    def _home(self, name: str) -> Any:
        return getattr(importlib.import_module(f"embedprep.vectors.formats.{self.module}"), name)


def _open_text(source: PlainFile | Stream, request: Request, *, style: str) -> Vectors:
    return open_text(
        source,
        style=style,
        dim=request.dim,
        threads=request.threads,
        block_bytes=request.block_bytes,
    )


_BINARY = {
    "word2vec-binary": _Binary(
        "keys and raw float32 behind a header (word2vec .bin)",
        "[0-9]+[ \t]+[0-9]+[ \t\r]*\n",
        "word2vec_binary",
        "Word2VecBinary",
        looks_closer=True,
    ),
    "fasttext": _Binary(
        "a fastText model (.bin): words and their n-grams",
        "\xba\x16\x4f\x2f|..\0\0..\0\0",  # or, before 2017, dimension and window
        "fasttext",
        "FastText",
        looks_closer=True,
    ),
    "npy": _Binary(
        "a NumPy array (.npy): a matrix that embedprep built, or one with a token list",
        "\x93NUMPY",
        "npy",
        "open_array",
        takes_tokens=True,
    ),
    "hdf5": _Binary(
        "a matrix that embedprep built as HDF5", "\x89HDF\r\n\x1a\n", "hdf5", "open_built"
    ),
    "safetensors": _Binary(
        "a matrix (.safetensors): one that embedprep built, or a static model's with a token list",
        ".{8}\\{",
        "safetensors",
        "open_tensors",
        takes_tokens=True,
        looks_closer=True,
    ),
    "gensim": _Binary(
        "a model that gensim pickled (.kv, .model), if you trust it",
        "\x80[\x02-\x05]",
        "gensim_pickle",
        "open_pickle",
    ),
}

_FOLDERS = {
    "model2vec": "the folder of a static model: model2vec, sentence-transformers' StaticEmbedding",
    "spacy": "the folder of a spaCy model with vectors",
}


def _refuse_file(source: PlainFile | Stream, request: Request) -> NoReturn:
    raise InputError(
        "this is a file, and the format asked for is a folder",
        "Name the folder, or drop --vectors-format.",
        path=source.path,
    )


FORMATS: dict[str, Format] = (
    {name: Format(meaning, partial(_open_text, style=name)) for name, meaning in STYLES.items()}
    | {name: Format(kind.meaning, kind.open, kind.takes_tokens) for name, kind in _BINARY.items()}
    | {name: Format(meaning, _refuse_file) for name, meaning in _FOLDERS.items()}
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
    claimant = next((name for name, kind in _BINARY.items() if kind.claims(head)), "text")
    return FORMATS[claimant]
