"""The parts of a matrix file that an explanation needs. A search for a token decodes no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import Annotations
from embedprep.coverage.record import Coverage
from embedprep.errors import InputError
from embedprep.provenance import Provenance


@dataclass(frozen=True, eq=False)
class Parts:
    """The content of one matrix file."""

    path: str
    rows: Callable[[], NDArray[np.floating]]
    """Returns the rows; those of int8 are decoded then."""
    annotations: Annotations
    report: Coverage

    @property
    def array(self) -> NDArray[np.floating]:
        """The rows, shape (rows, dim), float32 or float16."""
        return self.rows()

    @cached_property
    def has_vector(self) -> NDArray[np.bool_]:
        """Return which rows hold more than `--oov` put there, shape (rows,)."""
        return np.asarray(self.annotations.provenance) >= Provenance.EXACT

    def rows_of(self, token: str) -> NDArray[np.int64]:
        """Return the rows of `token`, ascending; none for the empty token."""
        sought = token.encode("utf-8", "surrogatepass")
        text = np.asarray(self.annotations.tokens.text)
        offsets = np.asarray(self.annotations.tokens.offsets)
        rows = np.flatnonzero(np.diff(offsets) == len(sought))
        # Every byte leaves a few percent of the rows: the first two do nearly all of the work.
        for place, byte in enumerate(sought):
            rows = rows[text[offsets[rows] + place] == byte]
        return rows if sought else rows[:0]

    def token(self, row: int) -> str:
        """Return the token of `row`, or an empty text. Raises InputError if it is not text."""
        return self.decoded(self.annotations.tokens[row])

    def decoded(self, text: bytes) -> str:
        """Return tokens as text. Raises InputError if one is not text."""
        try:
            return text.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise InputError(
                f"its tokens are not UTF-8: {error.reason}",
                "The file is damaged: build it again.",
                path=self.path,
            ) from error
