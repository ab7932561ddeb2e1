"""A matrix file as this package looks at it, and how to find a token in it without decoding all."""

from __future__ import annotations

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
    array: NDArray[np.floating]
    """Shape (rows, dim), float32 or float16."""
    annotations: Annotations
    report: Coverage

    @cached_property
    def has_vector(self) -> NDArray[np.bool_]:
        """Which rows hold more than what `--oov` put there, shape (rows,)."""
        return np.asarray(self.annotations.provenance) >= Provenance.EXACT

    def rows_of(self, token: str) -> NDArray[np.int64]:
        """The rows at which `token` stands, ascending; none for the empty one."""
        sought = token.encode("utf-8", "surrogatepass")
        text = np.asarray(self.annotations.tokens.text)
        offsets = np.asarray(self.annotations.tokens.offsets)
        rows = np.flatnonzero(np.diff(offsets) == len(sought))
        # Every byte leaves a few percent of the rows: the first two do nearly all of the work.
        for place, byte in enumerate(sought):
            rows = rows[text[offsets[rows] + place] == byte]
        return rows if sought else rows[:0]

    def token(self, row: int) -> str:
        """The token at `row`; empty where there is none. Raises InputError if it is no text."""
        return self.decoded(self.annotations.tokens[row])

    def decoded(self, text: bytes) -> str:
        """Tokens as text. Raises InputError where they are none."""
        try:
            return text.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise InputError(
                f"its tokens are not UTF-8: {error.reason}",
                "The file is damaged: build it again.",
                path=self.path,
            ) from error
