"""Where bytes come from, whatever they mean.

`source` has the two kinds of them: a file that is read in any order, a stream that comes once.
`opening` finds what a path names, a file, a pipe, an `address` or a name of gensim's
(`gensim_data`). `remote` reads addresses: of the web (`web`), of stores and other machines
(`stores`). `compression` looks inside: at compressed streams (`decompressors`) and at
archives (`archive`, `zip_archive`, `tar_archive`).
"""

from __future__ import annotations

from embedprep.sources.address import refuse_address, shown
from embedprep.sources.archive import split_member
from embedprep.sources.compression import expanded
from embedprep.sources.opening import is_address, is_local_file, is_pipe, open_content, open_source
from embedprep.sources.source import PlainFile, Stream

__all__ = [
    "PlainFile",
    "Stream",
    "expanded",
    "is_address",
    "is_local_file",
    "is_pipe",
    "open_content",
    "open_source",
    "refuse_address",
    "shown",
    "split_member",
]
