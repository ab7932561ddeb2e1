"""Which vector files can be indexed, and what an index must know about their format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from embedprep import core
from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import Hits, Vectors
from embedprep.vectors.blocks import MAX_LINE_BYTES, Block
from embedprep.vectors.formats.text import TextVectors, block_hits
from embedprep.vectors.row_buffers import RowBuffers

if TYPE_CHECKING:
    from embedprep.core.scan import Keys
    from embedprep.vectors.formats.word2vec_binary import Word2VecBinary


class Indexable(NamedTuple):
    """A file of consecutive records, each of which can be read on its own."""

    vectors: Vectors
    file: PlainFile
    layout: dict[str, str | int]
    """Everything that decides where the records are in these bytes, and what they contain."""
    first: int
    """The number of the first record, as in `Hits`."""
    largest: int
    """The largest size of a record. Any bytes after it, before the next record, are empty space."""
    hits: Callable[[core.Core, Keys, RowBuffers, Block], Hits]
    """The function that scans a block of whole records, as if the block were the start of the
    file.
    """
    threads: int
    block_bytes: int


def indexable(vectors: Vectors) -> Indexable:
    """Return `vectors` as an indexable file. Raises InputError, which says why it is not one."""
    if isinstance(vectors, TextVectors):
        return _text(vectors, _at_any_place(vectors.source))
    from embedprep.vectors.formats.word2vec_binary import Word2VecBinary

    if isinstance(vectors, Word2VecBinary):
        return _word2vec(vectors, _at_any_place(vectors.source))
    raise InputError(
        "this format needs no index: its keys are stored separately, so a build already reads "
        "only the vectors it wants",
        "Build from it without an index, which would gain almost nothing.",
        path=vectors.path,
    )


def _text(vectors: TextVectors, file: PlainFile) -> Indexable:
    layout = vectors.layout
    return Indexable(
        vectors=vectors,
        file=file,
        layout={
            "format": "text",
            "dim": layout.dim,
            "separator": layout.separator.decode(),
            "start": layout.start,
            "lines_before": layout.lines_before,
        },
        first=layout.lines_before,
        largest=MAX_LINE_BYTES,
        hits=lambda implementation, keys, buffers, block: block_hits(
            implementation, keys, layout, buffers, block, offset=0
        ),
        threads=vectors.threads,
        block_bytes=vectors.block_bytes,
    )


def _word2vec(vectors: Word2VecBinary, file: PlainFile) -> Indexable:
    from embedprep.core.scan import MAX_KEY_BYTES
    from embedprep.vectors.formats.word2vec_binary import block_hits

    dim = vectors.dim
    return Indexable(
        vectors=vectors,
        file=file,
        layout={"format": "word2vec-binary", "dim": dim, "start": vectors.start},
        first=0,
        largest=MAX_KEY_BYTES + 1 + 4 * dim,
        hits=lambda implementation, keys, buffers, block: block_hits(
            implementation, keys, dim, buffers, block, offset=0
        ),
        threads=vectors.threads,
        block_bytes=vectors.block_bytes,
    )


def _at_any_place(source: PlainFile | Stream) -> PlainFile:
    if isinstance(source, PlainFile):
        return source
    if source.compression is None:
        raise InputError(
            "it is a stream, which can only be read from its start",
            "Save it as a file first, and index that.",
            path=source.path,
        )
    raise InputError(
        f"it is packed ({source.compression}), and can only be read from its start",
        "Unpack it first, and index the file itself.",
        path=source.path,
    )
