"""Vectors that are a folder: which kind it is, told by the files in it.

A new kind is a new file, a row here, and its meaning in `formats`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from embedprep.errors import InputError, UsageError, printable
from embedprep.vectors.formats import model2vec_folder, spacy_folder
from embedprep.vectors.hits import Vectors
from embedprep.vectors.request import Request


@dataclass(frozen=True)
class FolderFormat:
    """One way to keep vectors in a folder."""

    claims: Callable[[str], bool]
    open: Callable[[str, Request], Vectors]


FOLDERS = {
    "model2vec": FolderFormat(
        lambda path: model2vec_folder.folder_of(path) is not None,
        model2vec_folder.open_folder,
    ),
    "spacy": FolderFormat(
        lambda path: spacy_folder.folder_of(path) is not None,
        spacy_folder.open_folder,
    ),
}

_ENDINGS = (
    *(".txt", ".vec", ".tsv", ".bin", ".npy", ".h5", ".hdf5", ".safetensors", ".kv", ".model"),
    *(".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz"),
)
"""How files of vectors are called."""
_LISTED = 20


def open_folder(path: str, request: Request, format: str | None) -> Vectors:
    """Open the vectors in the folder `path`; raises for a folder of anything else."""
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
    files = [name for name in names if name.lower().endswith(_ENDINGS)]
    listed = ", ".join(map(printable, files[:_LISTED]))
    if len(files) > _LISTED:
        listed += f", … ({len(files)} in all)"
    raise InputError(
        "this is a directory, neither of a static model (model.safetensors, tokenizer.json) nor "
        "of a spaCy model with vectors (vocab/vectors)",
        "Name the vector file inside it" + (f": {listed}" if files else "") + ".",
        path=path,
    )
