"""The annotations of a matrix file: tokens, where each row came from, and the report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from embedprep.named_tuples import NamedTuple
from embedprep.provenance import Origins

if TYPE_CHECKING:
    from embedprep.vocabulary import Vocabulary


_STRINGS_AT_ONCE = 1 << 16
"""Few enough that the intermediate arrays take little memory."""


@dataclass(frozen=True, eq=False)
class Strings:
    """One string per row: row i has `text[offsets[i]:offsets[i + 1]]`.

    One blob can contain any bytes (NUL, lone surrogates) and takes a third of the space that
    variable-length strings need in HDF5.
    """

    text: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, strings: Collection[bytes], rows: NDArray[np.int64], n_rows: int) -> Self:
        """Put `strings` at `rows`, ascending; the other rows have an empty one."""
        lengths = np.fromiter(map(len, strings), np.int64, len(strings))
        return cls._laid_out(b"".join(strings), lengths, rows, n_rows)

    @classmethod
    def of_text(cls, strings: Sequence[str], rows: NDArray[np.int64], n_rows: int) -> Self:
        """Do the same with text, in UTF-8."""
        parts, lengths = [b""], [np.empty(0, np.int64)]
        for begin in range(0, len(strings), _STRINGS_AT_ONCE):
            some = strings[begin : begin + _STRINGS_AT_ONCE]
            text = "".join(some).encode("utf-8", "surrogatepass")
            ends = np.cumsum(np.fromiter(map(len, some), np.int64, len(some)))
            if len(text) > ends[-1]:  # characters of several bytes
                # Every byte begins a character unless its two high bits are 10.
                begins = np.flatnonzero(np.frombuffer(text + b"\0", np.uint8) & 0xC0 != 0x80)
                ends = begins[ends]
            parts.append(text)
            lengths.append(np.diff(ends, prepend=0))
        return cls._laid_out(b"".join(parts), np.concatenate(lengths), rows, n_rows)

    @classmethod
    def _laid_out(
        cls, text: bytes, lengths: NDArray[np.int64], rows: NDArray[np.int64], n_rows: int
    ) -> Self:
        offsets = np.zeros(n_rows + 1, np.int64)
        offsets[rows + 1] = lengths
        np.cumsum(offsets, out=offsets)
        return cls(np.frombuffer(text, np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes:
        return self.text[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def consistent(self) -> bool:
        """Whether the places of the strings follow each other, from the start to the end."""
        offsets = self.offsets
        ascend = bool((offsets[1:] >= offsets[:-1]).all())
        return ascend and bool(offsets[0] == 0) and bool(offsets[-1] == len(self.text))

    def all(self) -> list[str]:
        """Return the strings as text; raise UnicodeDecodeError if they are not UTF-8."""
        text = self.text.tobytes()
        return [
            text[start:stop].decode("utf-8", "surrogatepass")
            for start, stop in pairwise(self.offsets.tolist())
        ]


class Annotations(NamedTuple):
    """Everything in a matrix file besides its rows."""

    tokens: Strings
    """The token of each row; empty for a row without a token."""
    keys: Strings
    """The key whose vector a row has, if that is not the token itself. If the row is a mean, its
    keys are joined by `KEY_SEPARATOR`. Empty if the token is its own key, or has no vector.
    """
    provenance: NDArray[np.uint8]
    sources: NDArray[np.uint8]
    """The vector files of each row: bit k is set if file k of the report filled it, or some of its
    columns.
    """
    records: NDArray[np.int64]
    """The record of each row in its file, from 0; in a text file, its line. -1 if the row is no
    record, or is made of several.
    """
    report: str
    """The coverage report as JSON."""
    fitted: NDArray[np.float32] = np.zeros(0, np.float32)
    """The fitted values of the steps of `--post`, one after the other; empty without steps."""
    scales: NDArray[np.float32] | None = None
    """The scale of each row, if the rows are int8; see `embedprep.containers.quantised`."""

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Return the arrays in the order of `STORED`; the inverse of `from_arrays`."""
        return (
            self.tokens.text,
            self.tokens.offsets,
            self.keys.text,
            self.keys.offsets,
            self.provenance,
            self.sources,
            self.records,
        )

    def later(self) -> dict[str, NDArray[Any]]:
        """Return those arrays, by name, that only some matrices have."""
        return {
            **({"fitted": self.fitted} if len(self.fitted) else {}),
            **({} if self.scales is None else {"scales": self.scales}),
        }

    @classmethod
    def from_arrays(cls, arrays: Sequence[NDArray[Any]], report: str) -> Self:
        text, offsets, key_text, key_offsets, provenance, sources, records = arrays
        return cls(
            Strings(text, offsets),
            Strings(key_text, key_offsets),
            provenance,
            sources,
            records,
            report,
        )


def annotate(vocabulary: Vocabulary, origins: Origins, report: str = "") -> Annotations:
    """Return the annotations of a matrix with the tokens of `vocabulary`, arranged by row."""
    n_rows = len(origins.provenance)
    return Annotations(
        tokens=Strings.of_text(vocabulary.tokens, vocabulary.rows, n_rows),
        keys=Strings.of(origins.keys.values(), np.array(list(origins.keys), np.int64), n_rows),
        provenance=origins.provenance,
        sources=origins.sources,
        records=origins.records,
        report=report,
    )
