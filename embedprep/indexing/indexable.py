"""Which vector files can be indexed."""

from __future__ import annotations

from dataclasses import dataclass

from embedprep.sources.source import PlainFile
from embedprep.vectors import Vectors
from embedprep.vectors.text import TextVectors


@dataclass(frozen=True)
class Indexable:
    """A text of vectors, and the file that has it and can be read at any place."""

    text: TextVectors
    file: PlainFile


def indexable(vectors: Vectors) -> Indexable | str:
    """`vectors` as such a text, or why it is none."""
    if not isinstance(vectors, TextVectors):
        return "only text files are indexed"
    if isinstance(vectors.source, PlainFile):
        return Indexable(vectors, vectors.source)
    kind = "a stream" if vectors.source.compression is None else "compressed"
    return f"it is {kind}, and can only be read from its start"
