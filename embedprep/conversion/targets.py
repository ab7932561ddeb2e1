"""What a conversion can write. A new target is a row here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from embedprep.conversion import arrays, matrix_file, projector, word2vec
from embedprep.conversion.keys import Refuses
from embedprep.conversion.publication import Publication
from embedprep.conversion.records import Table
from embedprep.errors import UsageError, printable


@dataclass(frozen=True)
class Target:
    """One way to write vectors."""

    meaning: str
    endings: tuple[str, ...]
    """Of names that choose it; `/` stands for a folder."""
    refuses: Refuses
    write: Callable[[Table, Publication], None]


TARGETS = {
    "word2vec": Target(
        "text with a header", (".vec", ".txt"), word2vec.refuses_in_text, word2vec.write_text
    ),
    "word2vec-binary": Target(
        "keys and raw float32", (".bin",), word2vec.refuses_in_binary, word2vec.write_binary
    ),
    "npy": Target(
        "a NumPy array, and its tokens", (".npy",), arrays.refuses_in_list, matrix_file.write_npy
    ),
    "hdf5": Target("an HDF5 matrix", (".h5", ".hdf5"), arrays.refuses_in_list, matrix_file.write),
    "safetensors": Target(
        "a tensor, and a list of its tokens",
        (".safetensors",),
        arrays.refuses_in_list,
        arrays.write_safetensors,
    ),
    "model2vec": Target(
        "a folder that model2vec and sentence-transformers load",
        ("/",),
        arrays.refuses_in_list,
        arrays.write_model2vec,
    ),
    "projector": Target(
        "vectors and labels for the TensorBoard Projector",
        (".tsv",),
        projector.refuses,
        projector.write,
    ),
}
"""The names that `--to` accepts."""


def target_of(path: str, name: str | None) -> Target:
    """The target `name`, or the one that the ending of `path` chooses."""
    if name is not None:
        if name not in TARGETS:
            raise UsageError(
                f"there is no target '{printable(name)}'", f"Choose from: {', '.join(TARGETS)}."
            )
        return TARGETS[name]
    ending = "/" if path.endswith(("/", os.sep)) or os.path.isdir(path) else _ending(path)
    for target in TARGETS.values():
        if ending in target.endings:
            return target
    known = ", ".join(ending for target in TARGETS.values() for ending in target.endings)
    raise UsageError(
        "its ending names nothing that can be written",
        f"End it in one of {known} (a folder), or say what it is with --to.",
        path=path,
    )


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()
