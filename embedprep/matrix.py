"""A published matrix, opened again without copying it."""

from __future__ import annotations

import os
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike, NDArray

from embedprep import outputs
from embedprep.errors import InputError
from embedprep.report import CoverageReport


class EmbeddingMatrix:
    """The file of one build: rows, tokens, provenance and coverage.

    Rows stay in the file and are mapped read-only. NumPy takes the object for an array:
    `np.asarray(matrix)` has shape (rows, dim) and copies nothing.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.array, self._annotations = outputs.read(self.path)

    @property
    def shape(self) -> tuple[int, int]:
        rows, dim = self.array.shape
        return rows, dim

    @property
    def provenance(self) -> NDArray[np.uint8]:
        """One `embedprep.Provenance` code a row, shape (rows,)."""
        return self._annotations.provenance

    @property
    def sources(self) -> NDArray[np.uint8]:
        """Bit k is set where `coverage.vectors[k]` gave a row or part of it, shape (rows,)."""
        return self._annotations.sources

    @cached_property
    def tokens(self) -> list[str]:
        """The token of each row; empty for a row without one."""
        try:
            return self._annotations.tokens()
        except UnicodeDecodeError as error:
            raise InputError(
                f"its tokens are not UTF-8: {error.reason}",
                "The file is damaged: build it again.",
                path=self.path,
            ) from error

    @cached_property
    def coverage(self) -> CoverageReport:
        """The report as of the build, without what differs between runs."""
        return CoverageReport.from_json(self._annotations.report, self.path)

    def row(self, token: str) -> int:
        """The first row of `token`, which is its id. KeyError if the vocabulary lacks it."""
        return self._rows[token]

    @cached_property
    def _rows(self) -> dict[str, int]:
        last = len(self.tokens) - 1
        # The first of equal tokens wins because it is assigned last.
        rows = {token: last - i for i, token in enumerate(reversed(self.tokens))}
        rows.pop("", None)
        return rows

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, row: int) -> NDArray[np.floating]:
        """The vector of token id `row`, shape (dim,)."""
        vector: NDArray[np.floating] = self.array[row]
        return vector

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.floating]:
        return np.array(self.array, dtype, copy=copy)

    def __repr__(self) -> str:
        rows, dim = self.shape
        return f"<EmbeddingMatrix {self.path}: {rows} x {dim} {self.array.dtype}>"
