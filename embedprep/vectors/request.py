"""How to read one vector file: what the user says of it, before anybody looks inside."""

from __future__ import annotations

from dataclasses import dataclass

from embedprep.errors import InputError
from embedprep.vectors.blocks import BLOCK_BYTES


@dataclass(frozen=True)
class Request:
    """How to read one vector file. Two files are read alike exactly if their requests are equal."""

    path: str
    """`-` is standard input. The reader of a format finds here the name that errors use."""
    format: str | None = None
    """A name in `FORMATS`; by default the file itself tells."""
    tokens: str | None = None
    """The file of the keys of an array that has none; by default looked for beside it."""
    dim: int | None = None
    """What the user expects; another dimension is an error."""
    threads: int = 1
    block_bytes: int = BLOCK_BYTES
    subwords: bool = True
    """Words that a fastText model does not know get the mean of their n-grams."""
    trust_pickle: bool = False
    """The user lets a pickle run."""

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
