"""Vectors as a table: a matrix in one place, and the key of each record in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.containers.quantised import decoded
from embedprep.errors import printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import key_habits
from embedprep.vectors.composition import Composition, Unreadable
from embedprep.vectors.hits import Description, Fault, Hits, Opened
from embedprep.vectors.request import Request
from embedprep.vectors.table_rows import AT_ONCE, Rows, Values
from embedprep.vectors.untrained import Untrained, some_of, unused
from embedprep.vocabulary import Surface
from embedprep.vocabulary.key_convention import AboutKeys, KeyConvention, of_keys

_NAMED = 100


@dataclass(frozen=True, eq=False)
class Entries:
    """The records of a table in order: the key of each, and the row that is its vector."""

    keys: Sequence[bytes]
    """The key of each record; empty for a record that no key finds."""
    row: NDArray[np.int64]
    """The row of each record. Several records may share a row, and a row may have none."""
    weights: NDArray[np.floating] | None = None
    """The factor by which each record's row is multiplied."""
    scales: NDArray[np.float32] | None = None
    """The number by which each record's row is divided, if the rows are int8."""
    keys_are: KeyConvention | None = None
    """The kind of keys according to their tokenizer; None if only the keys themselves show it."""
    tokenizer: str | None = None
    """The file of the model's tokenizer, which splits a text into these keys."""

    @property
    def splitter(self) -> tuple[str, KeyConvention] | None:
        """The tokenizer that splits words into these keys, and their kind; None without one."""
        if self.tokenizer is None or self.keys_are is None:
            return None
        is_list = self.keys_are.surface is Surface.PLAIN
        return None if is_list else (self.tokenizer, self.keys_are)


class TableVectors(Opened):
    """A source of vectors whose keys have been read."""

    has_lines = False

    def __init__(
        self,
        source: PlainFile | Stream,
        request: Request,
        rows: Rows,
        records: Entries,
        *,
        format: str,
        header: bool = True,
        notes: tuple[str, ...] = (),
        table: str | None = None,
    ) -> None:
        """`table` says for `doctor` which matrix of a model it is."""
        request.check_dim(rows.dim)
        self.dim = rows.dim
        self.declared_records: int | None = len(records.keys)
        super().__init__(source)
        self._rows = rows
        self._records = records
        self._format = format
        self._header = header
        self._request = request
        self._table = table
        self._notes = list(notes)
        self._reported = 0

    @property
    def tokenizer(self) -> str | None:
        return self._records.tokenizer

    @property
    def scales(self) -> NDArray[np.float32] | None:
        """The scale of each record, if the rows are int8."""
        return self._records.scales

    def about_keys(self) -> AboutKeys:
        keys = [key for key in self._records.keys if key]
        keys_are = self._records.keys_are or of_keys(keys)
        return AboutKeys(keys_are, tuple(keys[:_NAMED]), certain=True)

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        record, number = self._wanted(keys)
        untrained, absent = self._untrained(), np.ones(len(keys or ()), bool)
        aside: list[Hits] = []
        for hits in self._found(record, number):
            alike = None if untrained is None else untrained.among(hits.rows)
            if number is None:
                yield hits if alike is None else hits._replace(untrained=np.flatnonzero(alike))
                continue
            if alike is not None and alike.any():
                aside.append(_only(hits, alike))
                hits = _only(hits, ~alike)
            absent[hits.key] = False
            yield hits
        yield from _joined(aside)
        if keys is not None:
            yield from self._composed(keys, np.flatnonzero(absent[:composable]), untrained)
        self._rows.finish()
        nothing = np.empty(0, np.int64)
        yield Hits(
            key=nothing,
            record=nothing,
            rows=np.empty((0, self.dim), np.float32),
            records=len(self._records.keys) - (int(record[-1]) + 1 if len(record) else 0),
            bytes=self._advanced(),
            hashes=nothing if keys is None else self._hashes(),
            capitals=any(key != key.lower() for key in self._records.keys),
        )

    def _found(self, record: NDArray[np.int64], number: NDArray[np.int64] | None) -> Iterator[Hits]:
        """Yield the records `record`, and count those before them; `number` is as of `_wanted`."""
        counted = 0
        for part, values in self._vectors(record):
            found, passed = record[part], int(record[part][-1]) + 1
            rows = self._finished(values, found)
            good = np.isfinite(rows).all(axis=1)
            everything = bool(good.all())
            fault = None
            if not everything:
                first = int(np.argmin(good))
                fault = self._nonfinite(rows[first], int(found[first]))
            used = found if everything else found[good]
            bad = found[~good]
            yield Hits(
                key=np.arange(len(used)) if number is None else number[used],
                record=used,
                rows=rows if everything else rows[good],
                records=passed - counted,
                bytes=self._advanced(),
                nonfinite=bad if number is None else number[bad],
                fault=fault,
                names=[self._records.keys[i] for i in used.tolist()] if number is None else (),
            )
            counted = passed

    def _untrained(self) -> Untrained | None:
        """Return what tells the rows of the table that were never trained, if something does."""
        weighted = self._records.weights is not None
        if self._records.splitter is None or weighted or self._is_stream():
            return None
        named = self._records.row[unused(self._records.keys)]
        without_id = np.setdiff1d(np.arange(self._rows.count), self._records.row)
        known = np.unique(some_of(np.concatenate([named, without_id])))
        parts = [values.astype(np.float32) for _, values in self._rows.gather(known)]
        return Untrained.like(np.concatenate([np.empty((0, self.dim), np.float32), *parts]))

    def _composed(
        self, keys: list[bytes], absent: NDArray[np.int64], untrained: Untrained | None
    ) -> Iterator[Hits]:
        """Yield the means of the pieces of each `absent` key that consists of trained pieces."""
        splitter = self._records.splitter
        if not len(absent) or splitter is None or not self._request.compose or self._is_stream():
            return
        table = {key: record for record, key in enumerate(self._records.keys) if key}
        try:
            composition = Composition(*splitter)
        except Unreadable as error:
            reason = printable(str(error))
            self._notes.append(f"its tokenizer cannot be used to compose missing tokens: {reason}")
            return
        plan = composition.plan(keys, absent, table)
        if plan is None:
            return
        rows = np.empty((len(plan.records), self.dim), np.float32)
        for part, values in self._vectors(plan.records):
            rows[part] = self._finished(values, plan.records[part])
        usable = np.asarray(np.isfinite(rows).all(axis=1))
        if untrained is not None:
            usable = usable & ~untrained.among(rows)
        for key, means, made_of in plan.means(rows, usable, max(1, AT_ONCE // (4 * self.dim))):
            yield Hits(
                key=key,
                record=np.full(len(key), -1),
                rows=means,
                records=0,
                bytes=self._advanced(),
                composed=True,
                made_of=made_of,
            )

    def _is_stream(self) -> bool:
        """Whether the rows can be read only once, in their order."""
        return not isinstance(self.source, PlainFile)

    def _hashes(self) -> NDArray[np.int64]:
        return core.load().hash_keys([key for key in self._records.keys if key])

    def _wanted(
        self, keys: list[bytes] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """Return the wanted records, ascending, and the index of each record's key."""
        table = self._records.keys
        if keys is None:
            return np.flatnonzero(np.fromiter(map(bool, table), bool, len(table))), None
        numbers = {key: number for number, key in enumerate(keys)}
        number = np.fromiter(map(numbers.get, table, repeat(-1)), np.int64, len(table))
        return np.flatnonzero(number >= 0), number

    def _vectors(self, record: NDArray[np.int64]) -> Iterator[tuple[slice, Values]]:
        """Return the rows of `record` in stored order: indices into `record`, and their values."""
        if len(record) == 0:
            return
        row = self._records.row[record]
        step = max(1, AT_ONCE // (4 * self.dim))
        if (row[1:] < row[:-1]).any():
            # The file is read forwards, but its records come in another order. There are at most as
            # many wanted rows as the matrix has.
            distinct, place = np.unique(row, return_inverse=True)
            values = np.concatenate([values.copy() for _, values in self._rows.gather(distinct)])
            for begin in range(0, len(row), step):
                yield slice(begin, begin + step), values[place[begin : begin + step]]
            return
        distinct = row[np.concatenate([[True], row[1:] > row[:-1]])]
        for part, values in self._rows.gather(distinct):
            some = distinct[part]
            first = int(np.searchsorted(row, some[0]))
            last = int(np.searchsorted(row, some[-1], side="right"))
            if last - first == len(some):
                yield slice(first, last), values
                continue
            for begin in range(first, last, step):
                shared = slice(begin, min(begin + step, last))
                yield shared, values[np.searchsorted(some, row[shared])]

    def _finished(self, values: Values, record: NDArray[np.int64]) -> NDArray[np.float32]:
        with np.errstate(over="ignore", invalid="ignore"):
            if self._records.weights is not None:
                exact = values.astype(np.result_type(values.dtype, np.float32), copy=False)
                values = exact * self._records.weights[record][:, np.newaxis]
            if self._records.scales is not None:
                values = decoded(values, self._records.scales[record])
            return values.astype(np.float32, copy=False)

    def _nonfinite(self, vector: NDArray[np.float32], record: int) -> Fault:
        column = int(np.argmin(np.isfinite(vector)))
        name = printable(self._records.keys[record][:40].decode("utf-8", "replace"))
        return Fault(
            line=None,
            byte=self._rows.byte(int(self._records.row[record]), column),
            reason=f"record '{name}' has a value that is not finite",
            record=record,
        )

    def _advanced(self) -> int:
        before, self._reported = self._reported, max(self._reported, self._rows.position)
        return self.source.advanced(self._reported - before)

    def describe(self) -> Description:
        notes = [*self._notes]
        if self._records.splitter is not None and self._is_stream():
            notes.append(_READ_ONCE)
        if self._format == "model" and self._request.compose and self._has_mute_pieces():
            notes.append(_NO_TOKENIZER)
        forms = key_habits.of_forms([key for key in self._records.keys[:_NAMED] if key])
        return Description.of_binary(
            self.source,
            self._format,
            header=self._header,
            notes=(*notes, *forms),
            contents=tuple(self._contents()),
            composes=self._records.splitter is not None and not self._is_stream(),
        )

    def _has_mute_pieces(self) -> bool:
        """Whether the keys are pieces, and no file says how a text is split into them."""
        keys_are = self._records.keys_are
        is_list = keys_are is None or keys_are.surface is Surface.PLAIN
        return self._records.tokenizer is None and not is_list

    def _contents(self) -> Iterator[str]:
        if self._table is not None:
            yield self._table
        tokenizer = self._records.tokenizer
        if tokenizer is None:
            return
        yield f"its keys are the {len(self._records.keys):,} tokens of {printable(tokenizer)}"
        without = self._rows.count - len(np.unique(self._records.row))
        if without:
            yield f"{without:,} more rows of the table belong to no token, and are left out"


_READ_ONCE = (
    "it can be read only once, so rows that were never trained are not looked for, and nothing is "
    "composed of pieces: decompress it first for both"
)


_NO_TOKENIZER = (
    "the folder has no tokenizer.json, which says how a text is split into pieces, so nothing is "
    "composed of them: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) writes it"
)


def _only(hits: Hits, chosen: NDArray[np.bool_]) -> Hits:
    """Return the chosen hits with their own copies of the vectors."""
    return hits._replace(key=hits.key[chosen], record=hits.record[chosen], rows=hits.rows[chosen])


def _joined(chunks: list[Hits]) -> Iterator[Hits]:
    """Yield all of them as one chunk; none if there are none."""
    if not chunks:
        return
    key = np.concatenate([hits.key for hits in chunks])
    yield Hits(
        key=key,
        record=np.concatenate([hits.record for hits in chunks]),
        rows=np.concatenate([hits.rows for hits in chunks]),
        records=0,
        bytes=0,
        untrained=key,
    )
