"""Stage 3: from a vector file to `Hits`, whatever its source and format."""

from __future__ import annotations

from embedprep.vectors.archive import split_member
from embedprep.vectors.blocks import BLOCK_BYTES
from embedprep.vectors.compression import expanded
from embedprep.vectors.hits import Description, Fault, Hits, Vectors
from embedprep.vectors.layout import STYLES
from embedprep.vectors.source import open_source
from embedprep.vectors.text import open_text

__all__ = ["FORMATS", "Description", "Fault", "Hits", "Vectors", "open_vectors", "split_member"]

FORMATS = STYLES
"""Names for `--vectors-format`, each with its meaning."""


def open_vectors(
    path: str,
    *,
    format: str | None = None,  # the name of the command-line option
    dim: int | None = None,
    threads: int = 1,
    block_bytes: int = BLOCK_BYTES,
) -> Vectors:
    """Open a vector file (`-` for standard input) and find out how it is laid out.

    A compressed one is read as its content; `archive.zip::member` names a file in an archive.
    """
    path, member = split_member(path)
    source = open_source(path)
    try:
        source = expanded(source, member)
        return open_text(
            source, style=format or "text", dim=dim, threads=threads, block_bytes=block_bytes
        )
    except BaseException:
        source.close()
        raise
