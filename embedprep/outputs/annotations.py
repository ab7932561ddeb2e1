"""What a matrix file holds beside the rows: tokens, provenance and the report."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embedprep.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Annotations:
    """Row i has the token `text[offsets[i]:offsets[i + 1]]`, in UTF-8, and `provenance[i]`.

    A row without a token has an empty one. One blob takes any bytes (NUL, lone surrogates) and a
    third of the space that variable-length strings need in HDF5.
    """

    text: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    provenance: NDArray[np.uint8]
    sources: NDArray[np.uint8]
    """Bit k of a row is set where vector file k of the report gave it, or some columns of it."""
    report: str
    """The coverage report as JSON."""

    def tokens(self) -> list[str]:
        """The token of every row."""
        text, offsets = self.text.tobytes(), self.offsets.tolist()
        return [
            text[start:stop].decode("utf-8", "surrogatepass")
            for start, stop in itertools.pairwise(offsets)
        ]


def annotate(
    vocabulary: Vocabulary,
    provenance: NDArray[np.uint8],
    sources: NDArray[np.uint8],
    report: str,
) -> Annotations:
    """Lay out the tokens of `vocabulary` by row, beside what else there is to say of them."""
    tokens = vocabulary.tokens
    text = np.frombuffer(_utf8("".join(tokens)), np.uint8)
    lengths = np.zeros(len(provenance) + 1, np.int64)
    # Encoded again one by one: a list of all would take more memory than the text itself.
    lengths[vocabulary.rows + 1] = np.fromiter(map(len, map(_utf8, tokens)), np.int64, len(tokens))
    return Annotations(text, np.cumsum(lengths), provenance, sources, report)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
