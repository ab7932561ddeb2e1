"""Stage 3: from a vector file to `Hits`, whatever its source and format."""

from __future__ import annotations

import os
from dataclasses import replace

from embedprep.errors import UsageError
from embedprep.sources import open_content
from embedprep.vectors.blocks import BLOCK_BYTES
from embedprep.vectors.detection import FORMATS, detect
from embedprep.vectors.hits import Description, Fault, Hits, Vectors
from embedprep.vectors.request import Request

__all__ = ["FORMATS", "Description", "Fault", "Hits", "Vectors", "open_vectors"]


def open_vectors(
    path: str,
    *,
    format: str | None = None,  # the name of the command-line option
    tokens: str | None = None,
    dim: int | None = None,
    threads: int = 1,
    block_bytes: int = BLOCK_BYTES,
    subwords: bool = True,
    trust_pickle: bool = False,
) -> Vectors:
    """Open a vector file (`-` for standard input) or folder and find out how it is laid out.

    A compressed file is read as its content; `archive.zip::member` names a file in an archive.
    """
    request = Request(
        path=path,
        tokens=tokens,
        dim=dim,
        threads=threads,
        block_bytes=block_bytes,
        subwords=subwords,
        trust_pickle=trust_pickle,
    )
    if os.path.isdir(path):
        from embedprep.vectors.detection import open_folder

        return open_folder(path, request, format)
    source = open_content(path)
    try:
        kind = detect(source, format)
        if tokens is not None and not kind.takes_tokens:
            raise UsageError(
                "these vectors have their keys inside, and --vectors-tokens names others",
                "Drop --vectors-tokens.",
                path=source.path,
            )
        return kind.open(source, replace(request, path=source.path))
    except BaseException:
        source.close()
        raise
