"""Stage 3: from a vector file to `Hits`, whatever its source and format."""

from __future__ import annotations

from embedprep.vectors.blocks import BLOCK_BYTES
from embedprep.vectors.hits import Description, Fault, Hits, Vectors
from embedprep.vectors.layout import STYLES
from embedprep.vectors.source import open_source
from embedprep.vectors.text import open_text

__all__ = ["FORMATS", "Description", "Fault", "Hits", "Vectors", "open_vectors"]

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
    """Open a vector file (`-` for standard input) and find out how it is laid out."""
    source = open_source(path)
    try:
        return open_text(
            source, style=format or "text", dim=dim, threads=threads, block_bytes=block_bytes
        )
    except BaseException:
        source.close()
        raise
