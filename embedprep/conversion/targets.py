"""The formats that a conversion can write. A new one is one row here."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from embedprep.containers import CONTAINERS, AtomicFile, Container, static_model, tokens_beside
from embedprep.conversion import arrays, matrix_file, model2vec, projector, word2vec
from embedprep.conversion.keys import Refuses
from embedprep.conversion.sinks import Form, InSequence, Sink, Spool, Write
from embedprep.errors import UsageError, did_you_mean, printable
from embedprep.vectors import Vectors

_FOLDER = "/"


def _alone(path: str) -> list[str]:
    return [path]


def _with(ending: str) -> Callable[[str], list[str]]:
    """Return `words.npy`, and beside it `words` with `ending`."""
    return lambda path: [path, os.path.splitext(path)[0] + ending]


@dataclass(frozen=True)
class Target:
    """One way to write vectors."""

    meaning: str
    endings: tuple[str, ...]
    """The endings of output names that choose it; `/` stands for a folder."""
    refuses: Refuses
    how: Form | Write
    """The form of its records, or the function that fills the files at `paths` in the end."""
    paths: Callable[[str], list[str]] = _alone
    """The function that returns all paths to write for the user's path; the first one appears
    last.
    """
    place: Callable[[str], AbstractContextManager[object]] = nullcontext
    """The context that creates the place for these files, and removes it if none is written."""
    least_dim: int = 1
    """The smallest dimension: a record with fewer values would be read as something else."""

    def sink(self, files: list[AtomicFile]) -> Sink:
        """Return what takes the records and fills `files`."""
        return InSequence(self.how, files) if isinstance(self.how, Form) else Spool(self.how, files)


def _built(container: Container) -> Target:
    """Return the target for a matrix as `build` writes it."""
    has_list = "convert" in container.lists_tokens
    return Target(
        container.name + (", and its tokens" if has_list else ""),
        container.endings,
        arrays.refuses_in_list,
        partial(matrix_file.write, container=container),
        _with(tokens_beside.ENDING) if has_list else _alone,
    )


TARGETS = {
    "word2vec": Target(
        "text with a header",
        (".vec", ".txt"),
        word2vec.refuses_in_text,
        word2vec.TEXT,
        least_dim=2,  # the header is two numbers, and so can a key and its only value be
    ),
    "word2vec-binary": Target(
        "keys and raw float32", (".bin",), word2vec.refuses_in_binary, word2vec.BINARY
    ),
    **{name: _built(container) for name, container in CONTAINERS.items()},
    "model2vec": Target(
        "a folder that model2vec and sentence-transformers load",
        (_FOLDER,),
        arrays.refuses_in_list,
        model2vec.write,
        static_model.paths,
        static_model.place,
    ),
    "projector": Target(
        "vectors and labels for the TensorBoard Projector",
        (".tsv",),
        projector.refuses,
        projector.FORM,
        _with(".metadata.tsv"),
    ),
}
"""The names that `--to` accepts."""


def target_of(path: str, name: str | None) -> Target:
    """Return the target `name`, or the one that the ending of `path` chooses."""
    if name is not None:
        return _named(name, path)
    for target in TARGETS.values():
        if _ending(path) in target.endings:
            return target
    if os.path.isdir(path):
        raise UsageError(
            "this is a directory",
            f"Name a file inside it; to make it a model2vec folder, end it in {_FOLDER} or say "
            "--to model2vec.",
            path=path,
        )
    endings = [ending for target in TARGETS.values() for ending in target.endings]
    known = ", ".join(ending for ending in endings if ending != _FOLDER)
    raise UsageError(
        "its ending names nothing that can be written",
        f"End it in one of {known}, or in {_FOLDER} for a folder; or say what it is with --to.",
        path=path,
    )


def _named(name: str, path: str) -> Target:
    if name not in TARGETS:
        raise UsageError(
            f"--to cannot be '{printable(name)}'{did_you_mean(name, TARGETS)}",
            f"Give one of: {', '.join(TARGETS)}.",
        )
    if _ending(path) == _FOLDER and _FOLDER not in TARGETS[name].endings:
        raise UsageError(
            f"this names a folder, and {name} is a file",
            f"Drop the {_FOLDER} at its end, or say --to model2vec.",
            path=path,
        )
    return TARGETS[name]


def _ending(path: str) -> str:
    return _FOLDER if static_model.is_folder(path) else os.path.splitext(path)[1].lower()


def check_dim(vectors: Vectors, target: Target) -> None:
    """Raise if the output that `target` writes of `vectors` would be read as something else."""
    if vectors.dim < target.least_dim:
        raise UsageError(
            f"vectors of {vectors.dim} value cannot be written as {target.meaning}: the header "
            "would be read as one of the records",
            "Convert to .bin.",
            path=vectors.path,
        )
