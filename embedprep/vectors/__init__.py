"""Stage 3: a vector file of any format to `Hits`.

In: a path, and how to read it (`Request`).
Out: the wanted records, chunk by chunk, in the order of the file.
May import: sources, vocabulary, containers.

`detection` finds the format; `formats/` has one file for each; `blocks` cuts text into pieces that
threads work on.
"""

from __future__ import annotations

import os

from embedprep.errors import UsageError
from embedprep.sources import open_content
from embedprep.vectors.detection import FORMATS, detect, open_folder
from embedprep.vectors.hits import Description, Fault, Hits, Vectors
from embedprep.vectors.request import Request, split_tensor

__all__ = ["FORMATS", "Description", "Fault", "Hits", "Request", "Vectors", "open_vectors"]


def open_vectors(request: Request) -> Vectors:
    """Open a vector file or folder and detect its layout.

    The content of a compressed file is read; `archive.zip::member` names a file in an archive, and
    `model.safetensors::tensor` or `folder::tensor` a table in the file or folder of a model.
    """
    path, tensor = split_tensor(request.path)
    if os.path.isdir(path):
        return open_folder(request._replace(path=path, tensor=tensor))
    source = open_content(path)
    try:
        kind = detect(source, request.format)
        if request.tokens is not None and not kind.takes_tokens:
            raise UsageError(
                "these vectors have their keys inside, and --vectors-tokens names others",
                "Drop --vectors-tokens.",
                path=source.path,
            )
        return kind.open(source, request._replace(path=source.path, tensor=tensor))
    except BaseException:
        source.close()
        raise
