"""Vectors that differ from their file only in how they are read."""

from __future__ import annotations

from embedprep.vectors import Description, Vectors
from embedprep.vocabulary.key_convention import AboutKeys


class SameFile:
    """Base class: delegates everything except `hits` to the wrapped file."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors

    @property
    def path(self) -> str:
        return self.vectors.path

    @property
    def size(self) -> int | None:
        return self.vectors.size

    @property
    def dim(self) -> int:
        return self.vectors.dim

    @property
    def declared_records(self) -> int | None:
        return self.vectors.declared_records

    @property
    def has_lines(self) -> bool:
        return self.vectors.has_lines

    def about_keys(self) -> AboutKeys:
        return self.vectors.about_keys()

    def describe(self) -> Description:
        return self.vectors.describe()

    def close(self) -> None:
        self.vectors.close()
