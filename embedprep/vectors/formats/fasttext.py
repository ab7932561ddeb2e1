"""fastText models (`.bin`): words, and the n-grams that make up the vectors of unknown words.

The vector of a word is the mean of its own row of the matrix and the rows of its n-grams. The
vector of an unknown word is the mean of its n-grams (Bojanowski et al. 2017). The sums are float64,
so neither their order nor their grouping shows in the result.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.core.scan import MAX_KEY_BYTES
from embedprep.errors import InputError, printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.blocks import key_names
from embedprep.vectors.formats.fasttext_header import FastTextHeader, claims, quantised, read_header
from embedprep.vectors.forward import Forward
from embedprep.vectors.hits import Description, Fault, Hits, Opened, no_marks
from embedprep.vectors.key_sample import first_keys
from embedprep.vectors.matrix_rows import gather
from embedprep.vectors.record_blocks import RecordBlocks
from embedprep.vectors.request import Request
from embedprep.vocabulary.key_convention import AboutKeys

if TYPE_CHECKING:
    from embedprep.core.scan import Scan
    from embedprep.vectors.blocks import Block

__all__ = ["FastText", "claims"]

_PASS_BYTES = 128 << 20
"""The memory for the words of one pass over the matrix; a plain file is read once more for each."""
_PASS_BYTES_OF_ALL = 512 << 20
"""The same limit if every word is wanted: these may be millions."""
_STREAM_BYTES = 4 << 30
"""The same limit for a compressed model, which can be read only once."""
_NGRAM_BYTES = 48
"""The memory for one n-gram: its row, and its position in the sorted n-grams."""
_ROWS_AT_ONCE = 1 << 13
_PROGRESS_BYTES = 32 << 20

_END_OF_SENTENCE = b"</s>"
"""The one word without n-grams, except in the format of 2016."""

_NO_ENTRY = "an entry of its dictionary is neither a word nor a label, or not in order"

_LONGEST_COMPOSED = 1_000
"""The longest unknown word that is composed, in bytes. Each of them takes up to a kilobyte of
memory, and no tool has longer words.
"""

_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class _Words:
    """The words whose vectors are wanted: first those of the dictionary, in its order."""

    names: list[bytes]
    key: NDArray[np.int64]
    """The indices of the words among the wanted keys."""
    entry: NDArray[np.int64]
    """The entries of the words in the dictionary; -1 for a word without one."""

    def part(self, begin: int, end: int) -> _Words:
        return _Words(self.names[begin:end], self.key[begin:end], self.entry[begin:end])


class FastText(Opened):
    """A model whose header has been read."""

    has_lines = False

    def __init__(self, source: PlainFile | Stream, request: Request) -> None:
        super().__init__(source)
        self._forward = Forward(source)
        self._header: FastTextHeader = read_header(self._forward)
        self._request = request
        self._reported = 0
        request.check_dim(self._header.dim)

    @property
    def dim(self) -> int:
        return self._header.dim

    @property
    def declared_records(self) -> int | None:
        return self._header.words

    def about_keys(self) -> AboutKeys:
        start = self._forward.position if isinstance(self.source, PlainFile) else 0
        scan, entries = core.load().scan_fasttext, self._header.entries
        return first_keys(self.source, start, lambda block, keys: scan(block, keys, entries))

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        implementation = core.load()
        words, dictionary = self._look_up(implementation, keys)
        if keys is not None:
            words = self._with_unknown(words, keys[:composable])
        yield dictionary
        offset, rows = self._open_matrix()
        whole = offset + 4 * self.dim * rows
        for begin, end in self._passes(words.names, everything=keys is None):
            part = words.part(begin, end)
            first, row = self._rows_of(implementation, part.names, part.entry)
            sums = np.zeros((len(part.names), self.dim))
            for position in self._add_up(implementation, offset, first, row, sums):
                share = (begin + len(part.names) * (position - offset) / (whole - offset)) / len(
                    words.names
                )
                yield self._nothing(position=offset + int(share * (whole - offset)))
            sums /= np.maximum(np.diff(first), 1)[:, None]
            yield from self._as_hits(part, np.diff(first) > 0, sums, offset, keys is None)
        self._forward.skip_to(whole, "its matrix")
        self._check_end()
        yield self._nothing(position=self._forward.position)

    def describe(self) -> Description:
        return Description.of_binary(self.source, "fasttext", header=True)

    def _look_up(self, implementation: core.Core, keys: list[bytes] | None) -> tuple[_Words, Hits]:
        """Read the dictionary: return the wanted words and what is known of all words."""
        forward, entries = self._forward, self._header.entries
        wanted = None if keys is None else implementation.Keys(keys)
        lines = records = 0

        def scan_rest(block: Block) -> Scan:
            return implementation.scan_fasttext(block, wanted, entries - lines)

        blocks = RecordBlocks(
            forward,
            scan_rest,
            largest=MAX_KEY_BYTES + 10,
            block_bytes=self._request.block_bytes,
        )
        names: list[bytes] = []
        key, entry, hashes, capitals, marks = [_NONE], [_NONE], [_NONE], False, no_marks()
        if entries:
            for block, offset, scan in blocks:
                if len(scan.malformed):
                    raise self._damaged(_NO_ENTRY, offset + int(scan.malformed[0]))
                names += key_names(block, scan)
                key.append(scan.key if keys is not None else scan.key + len(names) - len(scan.key))
                entry.append(scan.line + lines)
                hashes.append(scan.hashes.copy())
                capitals |= scan.capitals
                marks += scan.marks
                lines += scan.lines
                records += scan.records
                if lines == entries:
                    forward.give_back(block[scan.consumed :].tobytes())
                    break
            else:
                raise forward.cut_off("its dictionary")
        known = _Words(names, np.concatenate(key), np.concatenate(entry))
        if len(known.entry) and known.entry[-1] >= self._header.words:  # a label comes before it
            raise self._damaged(_NO_ENTRY, forward.position)
        counted = self._nothing(records=records)
        counted = counted._replace(hashes=np.concatenate(hashes), capitals=capitals, marks=marks)
        return known, counted

    def _with_unknown(self, known: _Words, keys: list[bytes]) -> _Words:
        """Add the wanted words that the dictionary does not contain, after those that it does."""
        if not (self._request.subwords and self._header.maxn and self._header.bucket):
            return known
        absent = np.array([len(key) <= _LONGEST_COMPOSED for key in keys], bool)
        absent[known.key[known.key < len(keys)]] = False
        unknown = np.flatnonzero(absent)
        return _Words(
            known.names + [keys[number] for number in unknown.tolist()],
            np.concatenate([known.key, unknown]),
            np.concatenate([known.entry, np.full(len(unknown), -1)]),
        )

    def _damaged(self, reason: str, byte: int) -> InputError:
        return InputError(
            reason,
            "The file is damaged: download it again and compare its checksum.",
            path=self.path,
            byte=byte,
        )

    def _open_matrix(self) -> tuple[int, int]:
        """Return where the rows of the input matrix begin, and how many there are."""
        forward, header = self._forward, self._header
        what = "the header of its matrix"
        if header.flags and forward.take(1, what) != b"\0":
            raise quantised(self.path)
        rows, dim = struct.unpack("<2q", forward.take(16, what))
        expected = header.words + header.bucket
        if dim != header.dim or not (
            rows == expected or (header.maxn == 0 and rows >= header.words)
        ):
            raise self._damaged(
                f"its matrix is said to have {rows} rows of {dim} values, "
                f"and its header asks for {expected} of {header.dim}",
                forward.position - 16,
            )
        offset = forward.position
        if isinstance(self.source, PlainFile):  # so a cut-off file fails now, not after minutes
            forward.skip_to(offset + 4 * dim * rows, "its matrix")
        return offset, rows

    def _passes(self, names: list[bytes], *, everything: bool) -> Iterator[tuple[int, int]]:
        """Yield the range of words for each pass over the matrix."""
        if not names:
            return
        minn, maxn = max(self._header.minn, 1), self._header.maxn
        length = np.fromiter(map(len, names), np.int64, len(names)) + 2  # includes the marks
        ngrams = length * np.maximum(np.minimum(length, maxn) - minn + 1, 0)
        needed = np.cumsum(8 * self.dim + _NGRAM_BYTES * ngrams)
        if isinstance(self.source, Stream):
            if needed[-1] > _STREAM_BYTES:
                raise InputError(
                    f"a compressed fastText model is read once, and the sums for {len(names):,} "
                    "words do not fit into memory",
                    "Decompress it first, and give the .bin.",
                    path=self.path,
                )
            yield 0, len(names)
            return
        number = needed // (_PASS_BYTES_OF_ALL if everything else _PASS_BYTES)
        first = np.flatnonzero(np.diff(number, prepend=-1)).tolist()
        yield from zip(first, [*first[1:], len(names)], strict=True)

    def _rows_of(
        self, implementation: core.Core, names: list[bytes], entry: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return `(first, row)`: word i is the mean of the rows `row[first[i]:first[i + 1]]`."""
        header = self._header
        start, bucket = np.zeros(len(names) + 1, np.int64), _NONE
        if header.maxn and header.bucket:
            start, bucket = implementation.ngrams(names, header.minn, header.maxn, header.bucket)
        has_row = entry >= 0
        counts = np.diff(start)
        if header.flags:
            whole = np.array([name == _END_OF_SENTENCE for name in names], bool)
            bucket = bucket[~np.repeat(whole, counts)]
            counts[whole] = 0
        first = np.concatenate([[0], np.cumsum(counts + has_row)])
        row = np.empty(first[-1], np.int64)
        own = np.zeros(len(row), bool)
        own[first[:-1][has_row]] = True
        row[own] = entry[has_row]
        row[~own] = header.words + bucket
        return first, row

    def _add_up(
        self,
        implementation: core.Core,
        offset: int,
        first: NDArray[np.int64],
        row: NDArray[np.int64],
        sums: NDArray[np.float64],
    ) -> Iterator[int]:
        """Add the rows of each word to its row of `sums`; yield the position now and then."""
        wanted, which = np.unique(row, return_inverse=True)
        order = np.argsort(which, kind="stable")
        which = which[order]
        word = np.repeat(np.arange(len(sums)), np.diff(first))[order]
        bounds = np.searchsorted(which, np.arange(len(wanted) + 1))
        reported = offset
        for part, content in gather(self._forward, offset, 4 * self.dim, wanted):
            rows = content.view("<f4").astype(np.float32, copy=False)
            terms = slice(bounds[part.start], bounds[part.stop])
            implementation.add_rows(rows, which[terms] - part.start, word[terms], sums)
            if self._forward.position - reported > _PROGRESS_BYTES:
                reported = self._forward.position
                yield reported

    def _as_hits(
        self,
        words: _Words,
        made: NDArray[np.bool_],
        means: NDArray[np.float64],
        offset: int,
        everything: bool,
    ) -> Iterator[Hits]:
        """Return the means as hits, except those `made` of nothing."""
        for composed in (False, True):
            chosen = np.flatnonzero(made & ((words.entry < 0) == composed))
            for begin in range(0, len(chosen), _ROWS_AT_ONCE):
                some = chosen[begin : begin + _ROWS_AT_ONCE]
                with np.errstate(over="ignore", invalid="ignore"):
                    rows = means[some].astype(np.float32)
                finite = np.isfinite(rows).all(axis=1)
                fault, bad = None, some[~finite]
                if len(bad):
                    first = int(bad[0])
                    fault = self._not_finite(words.names[first], offset, int(words.entry[first]))
                    rows, some = rows[finite], some[finite]
                names: Sequence[bytes] = ()
                key = words.key[some]
                if everything:
                    names = [words.names[i] for i in some.tolist()]
                    key = np.arange(len(some))
                yield Hits(
                    key=key,
                    record=words.entry[some],
                    rows=rows,
                    records=0,
                    bytes=0,
                    nonfinite=words.key[bad],
                    fault=fault,
                    composed=composed,
                    names=names,
                )

    def _not_finite(self, name: bytes, offset: int, entry: int) -> Fault:
        text = printable(name[:40].decode("utf-8", "replace"))
        return Fault(
            line=None,
            byte=offset + max(entry, 0) * 4 * self.dim,
            reason=f"the vector of '{text}' is not finite",
            record=entry,
        )

    def _check_end(self) -> None:
        """Skip the output matrix, which is not needed, and check that the file ends there."""
        forward, what = self._forward, "its output matrix"
        if self._header.flags:
            forward.take(1, what)
        rows, dim = struct.unpack("<2q", forward.take(16, what))
        if rows < 0 or dim != self.dim:
            raise self._damaged(
                f"its output matrix is said to have {rows} rows of {dim} values",
                forward.position - 16,
            )
        end = forward.position + 4 * rows * dim
        forward.skip_to(end, what)
        forward.skip_to_end()
        if forward.position != end:
            raise self._damaged(
                "it continues after the end of the model",
                end,
            )

    def _nothing(self, *, position: int | None = None, records: int = 0) -> Hits:
        """Return progress without hits, up to `position` or the current one."""
        position = self._forward.position if position is None else position
        count = max(0, position - self._reported)
        self._reported += count
        return Hits(
            key=_NONE,
            record=_NONE,
            rows=np.empty((0, self.dim), np.float32),
            records=records,
            bytes=self.source.advanced(count),
        )
