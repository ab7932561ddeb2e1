"""The formats of vector files: at most one binary format claims a file, by its first bytes.

A new format is one file in `formats/` and one row here, and so is a new kind of folder. A file that
no format claims is text.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from embedprep.containers import CONTAINERS, SUFFIXES, Container
from embedprep.errors import InputError, UsageError, printable
from embedprep.named_tuples import NamedTuple
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import foreign
from embedprep.vectors.formats.text import open_text
from embedprep.vectors.formats.text_layout import STYLES
from embedprep.vectors.hits import Vectors
from embedprep.vectors.request import Request

HEAD_BYTES = 4096
"""How many bytes a format sees of a file before it claims it."""

Open = Callable[[PlainFile | Stream, Request], Vectors]


class Format(NamedTuple):
    """One way to write vectors into a file."""

    meaning: str
    open: Open
    takes_tokens: bool = False
    """Whether a token list may be named beside the file."""


class _Binary(NamedTuple):
    """A format with a module of its own, which is imported only for files that begin like one.

    Importing all of these modules would take a tenth of the time of a small build.
    """

    meaning: str
    beginning: str
    """A pattern of the first bytes, as Latin-1."""
    module: str
    opener: str
    takes_tokens: bool = False
    looks_closer: bool = False
    """Whether other files may begin the same way, so that the module's `claims` decides."""

    def claims(self, head: bytes) -> bool:
        if re.match(self.beginning.encode("latin-1"), head, re.DOTALL) is None:
            return False
        if not self.looks_closer:
            return True
        claims: Callable[[bytes], bool] = _home(self.module).claims
        return claims(head)

    def open(self, source: PlainFile | Stream, request: Request) -> Vectors:
        opener: Open = getattr(_home(self.module), self.opener)
        return opener(source, request)


def _home(module: str) -> Any:
    return importlib.import_module(f"embedprep.vectors.formats.{module}")


def _open_text(source: PlainFile | Stream, request: Request, *, style: str) -> Vectors:
    return open_text(
        source,
        style=style,
        dim=request.dim,
        threads=request.threads,
        block_bytes=request.block_bytes,
    )


class _Built(NamedTuple):
    """A matrix that embedprep built, in one of its containers."""

    container: Container
    takes_tokens: bool = False

    @property
    def meaning(self) -> str:
        return f"{self.container.name} that embedprep built"

    def claims(self, head: bytes) -> bool:
        return self.container.claims(head)

    def open(self, source: PlainFile | Stream, request: Request) -> Vectors:
        open: Callable[..., Vectors] = _home("built_matrix").open_built
        return open(source, request, container=self.container)


_BINARY: dict[str, _Binary | _Built] = {
    "word2vec-binary": _Binary(
        "keys and raw float32 after a header (word2vec .bin)",
        "[0-9]+[ \t]+[0-9]+[ \t\r]*\n",
        "word2vec_binary",
        "Word2VecBinary",
        looks_closer=True,
    ),
    "fasttext": _Binary(
        "a fastText model (.bin): words and their n-grams",
        "\xba\x16\x4f\x2f|..\0\0..\0\0",  # or, in files before 2017, dimension and window
        "fasttext",
        "FastText",
        looks_closer=True,
    ),
    **{name: _Built(container) for name, container in CONTAINERS.items()},
    # These two containers are also read if another program wrote the matrix.
    "npy": _Binary(
        "a NumPy array (.npy): a matrix that embedprep built, or one with a token list",
        CONTAINERS["npy"].beginning,
        "npy",
        "open_array",
        takes_tokens=True,
    ),
    "safetensors": _Binary(
        "a matrix (.safetensors): one that embedprep built, or a model's table with its tokens",
        CONTAINERS["safetensors"].beginning,
        "safetensors",
        "open_tensors",
        takes_tokens=True,
    ),
    "gensim": _Binary(
        "a model that gensim pickled (.kv, .model), if you trust it",
        "\x80[\x02-\x05]",
        "gensim_pickle",
        "open_pickle",
    ),
}


class _Folder(NamedTuple):
    """A folder of files that belong together; its module is imported when a folder is opened."""

    meaning: str
    module: str

    def claims(self, path: str) -> bool:
        return _home(self.module).folder_of(path) is not None

    def open(self, path: str, request: Request) -> Vectors:
        vectors: Vectors = _home(self.module).open_folder(path, request)
        return vectors


FOLDERS = {
    "model2vec": _Folder(
        "the folder of a static model: model2vec, sentence-transformers' StaticEmbedding",
        "model2vec_folder",
    ),
    "model": _Folder(
        "the folder of a model with its tokenizer, as Hugging Face saves it: the input table",
        "model_folder",
    ),
    "spacy": _Folder("the folder of a spaCy model with vectors", "spacy_folder"),
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
    | {name: Format(kind.meaning, _refuse_file) for name, kind in FOLDERS.items()}
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
    foreign.refuse(source)
    head = source.head(HEAD_BYTES)
    claimant = next((name for name, kind in _BINARY.items() if kind.claims(head)), "text")
    return FORMATS[claimant]


_ENDINGS = (
    *(".txt", ".vec", ".tsv", ".bin", *SUFFIXES, ".kv", ".model"),
    *(".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz"),
)
"""The usual endings of vector files."""


_LISTED = 20


def open_folder(request: Request) -> Vectors:
    """Open the vectors in a folder; raises for a folder of anything else."""
    path, format = request.path, request.format
    if format is not None and format not in FOLDERS:
        raise UsageError(
            f"this is a folder, and '{printable(format)}' is no format of folders",
            f"Choose from: {', '.join(FOLDERS)}; or name the file inside.",
            path=path,
        )
    if request.tokens is not None:
        raise UsageError(
            "these vectors have their tokens beside them, and --vectors-tokens names others",
            "Drop --vectors-tokens, or name the file inside.",
            path=path,
        )
    try:
        if format is not None:
            return FOLDERS[format].open(path, request)
        kind = next((kind for kind in FOLDERS.values() if kind.claims(path)), None)
        names = sorted(os.listdir(path))
    except OSError as error:
        raise InputError(
            f"cannot read the folder: {error.strerror}",
            "Check the path and its permissions.",
            path=path,
        ) from error
    if kind is not None:
        return kind.open(path, request)
    foreign.refuse_folder(path, names)
    files = [name for name in names if name.lower().endswith(_ENDINGS)]
    listed = ", ".join(map(printable, files[:_LISTED]))
    if len(files) > _LISTED:
        listed += f", … ({len(files)} in all)"
    raise InputError(
        "this is a directory, neither of a model (model.safetensors, tokenizer.json) nor of a "
        "spaCy model with vectors (vocab/vectors)",
        "Name the vector file inside it" + (f": {listed}" if files else "") + ".",
        path=path,
    )
