"""Bytes, wherever they are and whatever they mean.

In: a path, an address, `-`, or a member of an archive.
Out: a `PlainFile` that is read in any order, or a `Stream` that is read once.
May import: nothing above the ground floor.

`paths` checks the name; `opening` finds what it names; `remote` reads addresses, of the web (`web`)
and of stores and other machines (`stores`); `compression` looks inside, at compressed streams
(`decompressors`) and archives (`archive`, `zip_archive`, `tar_archive`).
"""

from __future__ import annotations

from embedprep.errors.addresses import without_secrets
from embedprep.sources.address import refuse_address, refuse_output
from embedprep.sources.archive import split_member
from embedprep.sources.compression import expanded
from embedprep.sources.opening import is_address, is_local_file, is_pipe, open_content, open_source
from embedprep.sources.source import PlainFile, Stream
from embedprep.sources.state import one_state

__all__ = [
    "PlainFile",
    "Stream",
    "expanded",
    "is_address",
    "is_local_file",
    "is_pipe",
    "one_state",
    "open_content",
    "open_source",
    "refuse_address",
    "refuse_output",
    "split_member",
    "without_secrets",
]
