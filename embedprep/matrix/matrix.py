"""A published matrix, opened again without copying it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from embedprep import containers
from embedprep.containers import Annotations
from embedprep.containers.quantised import decoded
from embedprep.errors import InputError, UsageError
from embedprep.provenance import Provenance
from embedprep.sources.paths import local_path

if TYPE_CHECKING:
    from embedprep.explain import Explanation, Parts
    from embedprep.post.fitting import Fitted
    from embedprep.report import CoverageReport


class EmbeddingMatrix:
    """The file of one build: rows, tokens, provenance and coverage. `embedprep.open` makes it.

    The rows stay in the file and are mapped. They are read-only; with `copy_on_write`, they can be
    assigned, for this object alone. NumPy takes the object for an array: `np.asarray(matrix)` has
    shape (rows, dim) and copies nothing, except of a matrix of int8, whose rows it decodes.
    """

    def __init__(self, path: str | os.PathLike[str], *, copy_on_write: bool = False) -> None:
        self.path = local_path(os.fspath(path))
        self.stored: NDArray[Any]
        """The rows as they are in the file, shape (rows, dim): float32, float16, or int8."""
        self.annotations: Annotations
        """Everything in the file besides the rows."""
        self.stored, self.annotations = containers.read(self.path, copy_on_write=copy_on_write)
        scales = self.annotations.scales
        if scales is not None:
            scales = np.require(scales, requirements=("A", "W") if copy_on_write else ("A",))
            scales.flags.writeable = copy_on_write  # a copy is always writable
        self.scales = scales
        """The scale of each row of int8, float32, shape (rows,): a row is its numbers divided by
        its scale. None for rows of other types.
        """

    @cached_property
    def array(self) -> NDArray[np.floating]:
        """The rows, shape (rows, dim), float32 or float16. Those of int8 are decoded at the first
        use, and take four times the memory from then on; `vectors` decodes only some.
        """
        if self.scales is None:
            return self.stored
        rows = decoded(self.stored, self.scales)
        rows.flags.writeable = self.stored.flags.writeable
        return rows

    @property
    def shape(self) -> tuple[int, int]:
        rows, dim = self.stored.shape
        return rows, dim

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The type of a vector: float32 or float16."""
        return self.stored.dtype if self.scales is None else self.scales.dtype

    def vectors(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        """Return a copy of some rows of the file, of shape rows.shape + (dim,)."""
        # Some versions of NumPy do not accept unsigned 64-bit numbers.
        place = rows.astype(np.intp, copy=False)
        if self.scales is None or ("array" in self.__dict__ and self.stored.flags.writeable):
            found: NDArray[Any] = np.take(self.array, place, axis=0)  # maybe assigned
            return found
        return decoded(np.take(self.stored, place, axis=0), np.take(self.scales, place))

    @property
    def provenance(self) -> NDArray[np.uint8]:
        """The `embedprep.Provenance` code of each row, shape (rows,)."""
        return self.annotations.provenance

    @property
    def sources(self) -> NDArray[np.uint8]:
        """The vector files of each row, shape (rows,): bit k is set if `coverage.vectors[k]` filled
        it, or a part.
        """
        return self.annotations.sources

    @property
    def padding_row(self) -> int | None:
        """The first row of padding; None if there is none."""
        rows = np.flatnonzero(self.provenance == Provenance.PADDING)
        return int(rows[0]) if len(rows) else None

    @cached_property
    def unknown_row(self) -> int | None:
        """The row of the unknown token, if it has a usual name (`[UNK]`, `<unk>`, …)."""
        from embedprep.vocabulary import Role
        from embedprep.vocabulary.special_tokens import ROLE_OF

        spelt = [token for token, role in ROLE_OF.items() if role is Role.UNKNOWN]
        return min((self.row_of[token] for token in spelt if token in self.row_of), default=None)

    @cached_property
    def tokens(self) -> list[str]:
        """The token of each row; empty for a row without one."""
        try:
            return self.annotations.tokens.all()
        except UnicodeDecodeError as error:
            raise InputError(
                f"its tokens are not UTF-8: {error.reason}",
                "The file is damaged: build it again.",
                path=self.path,
            ) from error

    @cached_property
    def coverage(self) -> CoverageReport:
        """The report, without what differs between two runs."""
        from embedprep.report import CoverageReport

        return CoverageReport.from_json(self.annotations.report, self.path)

    def transform(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return vectors of the matrix's vector files in the space of its rows, float32.

        They go through the steps of `--post` as the rows did, and come out the same to the bit.
        `sif` takes them for those of rare tokens, and leaves their length.

        Args:
            vectors: One vector, shape (dim,), or several, shape (n, dim).

        Raises:
            UsageError: They do not have as many values as the vectors that the matrix was built
                from.
            InputError: A value is beyond the range of float32.
        """
        from embedprep.post.changing import transformed

        given = np.asarray(vectors, np.float32)
        post = self.coverage.post
        dim = self.shape[1] if post is None else post.dim
        if given.ndim not in (1, 2) or given.shape[-1] != dim:
            raise UsageError(
                f"vectors of the shape {given.shape}, and those that the matrix was built from "
                f"have {dim} values",
                f"Give one of the shape ({dim},), or several of the shape (n, {dim}).",
                path=self.path,
            )
        return transformed(self.steps, given.reshape(-1, dim)).reshape(*given.shape[:-1], -1)

    @cached_property
    def steps(self) -> list[Fitted]:
        """The steps of `--post` with what was fitted. Raises InputError if they do not fit
        together.
        """
        from embedprep.post.fitting import unpacked

        post = self.coverage.post
        if post is None:
            return []
        told = [(one.step, one.components, one.variance) for one in post.steps]
        try:
            return unpacked(self.annotations.fitted, told, post.dim)
        except (UsageError, ValueError) as error:
            raise InputError(
                "its report and what its steps were fitted to do not belong together",
                "The file is damaged: build it again.",
                path=self.path,
            ) from error

    def row(self, token: str) -> int:
        """Return the first row of `token`, which is its id. KeyError if the vocabulary lacks it."""
        return self.row_of[token]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The first row of each token."""
        last = len(self.tokens) - 1
        # The first of equal tokens wins because it is assigned last.
        rows = {token: last - i for i, token in enumerate(reversed(self.tokens))}
        rows.pop("", None)
        return rows

    def explain(self, token: str | int, n: int = 10) -> Explanation:
        """Say where the row of `token` came from, with its `n` nearest neighbours.

        Args:
            token: A token as the tokenizer spells it, the plain word, or a row. A token that the
                vocabulary lacks has no rows.
            n: How many neighbours.

        Raises:
            UsageError: There is no such row.
        """
        from embedprep.explain import explain

        return explain([token], self.parts, n)[0]

    def neighbours(self, token: str | int, n: int = 10) -> list[tuple[str, float]]:
        """The `n` tokens nearest to `token`, and their cosines, among the rows that have a vector.

        Args:
            token: A token, or a row.
            n: How many neighbours.

        Raises:
            InputError: There is no such token or row, or it has no vector.
        """
        return self.analogy([token], n=n)

    def analogy(
        self, positive: Sequence[str | int], negative: Sequence[str | int] = (), n: int = 10
    ) -> list[tuple[str, float]]:
        """The `n` tokens nearest to the sum of the unit vectors `positive` less `negative`.

        The given tokens are left out (3CosAdd, Mikolov et al. 2013).

        Args:
            positive: Tokens, or rows.
            negative: Tokens, or rows.
            n: How many tokens.

        Raises:
            InputError: One of them has no vector.
        """
        from embedprep.explain import nearest_to, terms

        signed = [(1, token) for token in positive] + [(-1, token) for token in negative]
        found = nearest_to(terms(signed, self.parts), self.parts, n)
        return [(one.token, one.cosine) for one in found]

    @cached_property
    def parts(self) -> Parts:
        """The parts of the file that `embedprep.explain` needs."""
        from embedprep.coverage.record import Coverage
        from embedprep.explain import Parts

        report = Coverage.from_json(self.annotations.report, self.path)
        return Parts(self.path, lambda: self.array, self.annotations, report)

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, row: int) -> NDArray[np.floating]:
        """Return the vector of token id `row`, shape (dim,)."""
        is_one = isinstance(row, (int, np.integer))
        if self.scales is not None and not self.stored.flags.writeable and is_one:
            return decoded(self.stored[row], self.scales[row])
        vector: NDArray[np.floating] = self.array[row]
        return vector

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[np.floating]:
        if copy is None:  # a value that `np.array` accepts since NumPy 2
            return np.asarray(self.array, dtype)
        return np.array(self.array, dtype, copy=copy)

    def __repr__(self) -> str:
        rows, dim = self.shape
        return f"<EmbeddingMatrix {self.path}: {rows} x {dim} {self.stored.dtype}>"
