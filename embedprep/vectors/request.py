"""How to read one vector file: what the user says of it, before it is opened."""

from __future__ import annotations

import os

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources.archive import split_member
from embedprep.vectors.blocks import BLOCK_BYTES


class Request(NamedTuple):
    """How to read one vector file. Two files are read alike exactly if their requests are equal."""

    path: str
    """The path; `-` is standard input. Errors use this name."""
    format: str | None = None
    """A name in `FORMATS`; by default the format is detected."""
    tokens: str | None = None
    """The file with the keys of an array that has none; by default one beside it is used."""
    dim: int | None = None
    """The dimension that the user expects; another one is an error."""
    threads: int = 1
    block_bytes: int = BLOCK_BYTES
    tensor: str | None = None
    """The matrix of the file that has the vectors; by default it is found by its name."""
    subwords: bool = True
    """Whether words that a fastText model does not know get the mean of their n-grams."""
    compose: bool = True
    """Whether tokens that a model's table lacks get the mean of the pieces that its tokenizer
    splits them into.
    """
    trust_pickle: bool = False
    """Whether the user allows a pickle to run."""

    def check_dim(self, found: int) -> None:
        """Raise if the vectors do not have the dimension that the user expects."""
        check_dim(found, self.dim, self.path)


def split_tensor(path: str) -> tuple[str, str | None]:
    """Return the folder or file of a model, and the tensor that `path` names after it, if any.

    Any other path, such as that of a file in an archive, is returned as it is.
    """
    place, tensor = split_member(path)
    if os.path.isdir(place) or place.lower().endswith(".safetensors"):
        return place, tensor
    return path, None


def check_dim(found: int, expected: int | None, path: str) -> None:
    """Raise if the vectors do not have the dimension that the user expects."""
    if expected is not None and expected != found:
        raise InputError(
            f"the vectors have {found} values, and --dim asks for {expected}",
            f"Drop --dim, or choose the file with {expected} dimensions.",
            path=path,
        )
