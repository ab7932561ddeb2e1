"""How to read one vector file: what the user says of it, before it is opened."""

from __future__ import annotations

from dataclasses import dataclass

from embedprep.errors import InputError
from embedprep.vectors.blocks import BLOCK_BYTES


@dataclass(frozen=True)
class Request:
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
    subwords: bool = True
    """Whether words that a fastText model does not know get the mean of their n-grams."""
    trust_pickle: bool = False
    """Whether the user allows a pickle to run."""

    def check_dim(self, found: int) -> None:
        """Raise if the vectors do not have the dimension that the user expects."""
        check_dim(found, self.dim, self.path)


def check_dim(found: int, expected: int | None, path: str) -> None:
    """Raise if the vectors do not have the dimension that the user expects."""
    if expected is not None and expected != found:
        raise InputError(
            f"the vectors have {found} values, and --dim asks for {expected}",
            f"Drop --dim, or choose the file with {expected} dimensions.",
            path=path,
        )
