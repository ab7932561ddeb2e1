"""What a matrix file holds beside the rows: tokens, provenance and the report."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
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
    report: str
    """The coverage report as JSON."""

    def tokens(self) -> list[str]:
        """The token of every row."""
        text, offsets = self.text.tobytes(), self.offsets.tolist()
        return [
            text[start:stop].decode("utf-8", "surrogatepass")
            for start, stop in itertools.pairwise(offsets)
        ]


def annotate(vocabulary: Vocabulary, provenance: NDArray[np.uint8], report: str) -> Annotations:
    """Lay out the tokens of `vocabulary` by row, beside `provenance` and `report`."""
    text = bytearray()
    ends = np.fromiter(_ends(vocabulary.tokens, text), np.int64, len(vocabulary.tokens))
    lengths = np.zeros(len(provenance) + 1, np.int64)
    lengths[vocabulary.rows + 1] = np.diff(ends, prepend=0)
    return Annotations(np.frombuffer(text, np.uint8), np.cumsum(lengths), provenance, report)


def _ends(tokens: Sequence[str], text: bytearray) -> Iterator[int]:
    """Append the tokens to `text` one by one, and tell where each ends."""
    for token in tokens:
        text += token.encode("utf-8", "surrogatepass")
        yield len(text)
