"""Text vectors: GloVe, word2vec text, fastText .vec, TSV."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.errors import printable
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import foreign, key_habits
from embedprep.vectors.blocks import (
    BLOCK_BYTES,
    MAX_LINE_BYTES,
    Block,
    key_names,
    line_too_long,
    map_blocks,
)
from embedprep.vectors.content import Content
from embedprep.vectors.formats import text_keys
from embedprep.vectors.formats.text_layout import SAMPLE_BYTES, TextLayout, detect, sampled_keys
from embedprep.vectors.formats.text_oddities import refuse_carriage_returns
from embedprep.vectors.hits import Description, Fault, Hits, Opened
from embedprep.vectors.key_sample import first_keys
from embedprep.vectors.row_buffers import RowBuffers
from embedprep.vocabulary.key_convention import AboutKeys

if TYPE_CHECKING:
    from embedprep.core.scan import Keys, Scan


class TextVectors(Opened):
    """A source of text records whose layout is known."""

    has_lines = True

    def __init__(
        self,
        source: PlainFile | Stream,
        layout: TextLayout,
        threads: int,
        block_bytes: int,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(source)
        self._notes = notes
        self._content = Content()
        self.layout = layout
        self.threads = threads
        self.block_bytes = block_bytes

    @property
    def dim(self) -> int:
        return self.layout.dim

    @property
    def declared_records(self) -> int | None:
        return self.layout.declared_records

    def about_keys(self) -> AboutKeys:
        layout, scan = self.layout, core.load().scan_text
        return first_keys(
            self.source,
            layout.start,
            lambda block, keys: scan(_whole_lines(block), keys, layout.dim, layout.separator),
        )

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        implementation = core.load()
        rows = RowBuffers(self.layout.dim)
        wanted = None if keys is None else implementation.Keys(keys)
        work = partial(block_hits, implementation, wanted, self.layout, rows)
        blocks = map_blocks(
            self.source,
            self.layout.start,
            work,
            threads=self.threads,
            block_bytes=self.block_bytes,
        )
        lines = self.layout.lines_before
        self._content = Content()
        for found in blocks:
            self._content.add(found)
            yield in_file(found, lines, self.source.advanced(found.bytes))
            rows.give_back(found.rows)
            lines += found.lines

    def describe(self) -> Description:
        source = self.source
        return Description(
            path=source.path,
            format="text",
            compression=source.compression,
            header=self.layout.lines_before > 0,
            separator="tab" if self.layout.separator == b"\t" else "space",
            ends_with_newline=source.tail().endswith(b"\n"),
            bytes=source.length(),
            fingerprint=self._content.fingerprint(source.fingerprint()),
            notes=self._notes,
        )


def open_text(
    source: PlainFile | Stream,
    *,
    style: str = "text",
    dim: int | None = None,
    threads: int = 1,
    block_bytes: int = BLOCK_BYTES,
) -> TextVectors:
    """Detect the layout from the first lines of `source` and open it for reading."""
    foreign.refuse(source)
    foreign.refuse_binary(source)
    head, complete = _two_lines(source)
    refuse_carriage_returns(head, source.path, source.compression)
    layout = detect(
        head, complete, source.path, style=style, dim=dim, compression=source.compression
    )
    keys = sampled_keys(head, layout)
    notes = key_habits.notes(keys, source.path, source.compression)
    return TextVectors(source, layout, threads, block_bytes, notes)


def _two_lines(source: PlainFile | Stream) -> tuple[bytes, bool]:
    """Return a sample with two whole lines of the file, and whether it is the whole file."""
    count = SAMPLE_BYTES
    while True:
        head = source.head(count + 1)
        complete = len(head) <= count
        # before anything splits its millions of fields
        if len(head) > MAX_LINE_BYTES and b"\n" not in head[: MAX_LINE_BYTES + 1]:
            raise line_too_long(source.path, 0)
        if complete or head.count(b"\n") >= 2 or count > 2 * MAX_LINE_BYTES:
            return head[:count], complete
        count *= 4


def _whole_lines(block: Block) -> Block:
    """Return everything up to the last line break, or all of a block without one."""
    ends = np.flatnonzero(block == ord("\n"))
    return block[: ends[-1] + 1] if len(ends) else block


def block_hits(
    implementation: core.Core,
    keys: Keys | None,
    layout: TextLayout,
    buffers: RowBuffers,
    block: Block,
    offset: int,
) -> Hits:
    """Return the wanted records of one block, which begins at byte `offset` of the file.

    Lines in the result count from the start of the block, because the lines before it are not known
    here. Uses neither files nor globals, so any worker can run it.
    """
    scan = implementation.scan_text(block, keys, layout.dim, layout.separator)
    if scan.spaced:
        scan = _without_suspicious(scan, block, layout)
    count = len(scan.key)
    rows = buffers.take(count)
    bad = np.empty(count, np.int64)
    nonfinite = np.empty(count, np.int64)
    implementation.decode_text(block, scan.start, scan.end, layout.separator, rows, bad, nonfinite)
    undecodable = bad >= 0
    infinite = nonfinite >= 0
    hits = Hits(
        key=scan.key,
        record=scan.line,
        rows=rows,
        records=scan.records,
        bytes=len(block),
        malformed=len(scan.malformed),
        undecodable=scan.key[undecodable],
        nonfinite=scan.key[infinite],
        spaced_keys=scan.spaced,
        names=key_names(block, scan) if keys is None else (),
        hashes=scan.hashes,
        capitals=scan.capitals,
        marks=scan.marks,
        places=scan.places + offset,
        lines=scan.lines,
        digests=scan.digests,
    )
    good = ~(undecodable | infinite)
    if hits.malformed or not good.all():
        fault = _first_fault(block, offset, layout, scan, bad[undecodable], nonfinite[infinite])
        hits = hits._replace(
            key=hits.key[good], record=hits.record[good], rows=rows[good], fault=fault
        )
    return hits


def _without_suspicious(scan: Scan, block: Block, layout: TextLayout) -> Scan:
    """Count records as malformed in `scan` if their keys show a damaged line."""
    places = text_keys.suspicious(block.tobytes(), scan, layout)
    if not len(places):
        return scan
    from embedprep.core.scan import Scan

    kept = ~np.isin(scan.first, places)
    others = ~np.isin(scan.places, places)
    all_wanted = not len(scan.places)
    return Scan(
        lines=scan.lines,
        records=scan.records,
        spaced=scan.spaced - len(places),
        consumed=scan.consumed,
        key=np.arange(int(kept.sum())) if all_wanted else scan.key[kept],
        line=scan.line[kept],
        first=scan.first[kept],
        start=scan.start[kept],
        end=scan.end[kept],
        malformed=np.union1d(scan.malformed, places),
        hashes=scan.hashes[others],
        places=scan.places[others],
        digests=scan.digests,
        capitals=scan.capitals,
        marks=scan.marks,
    )


def in_file(hits: Hits, lines: int, length: int) -> Hits:
    """Return the hits of a block of `length` bytes that comes after `lines` lines."""
    fault = hits.fault and hits.fault.later(lines)
    return hits._replace(record=hits.record + lines, bytes=length, fault=fault)


def _first_fault(
    block: Block,
    offset: int,
    layout: TextLayout,
    scan: Scan,
    bad: NDArray[np.int64],
    nonfinite: NDArray[np.int64],
) -> Fault:
    """Describe the first fault in the block."""
    data = block.tobytes()
    place = min(int(place[0]) for place in (scan.malformed, bad, nonfinite) if len(place))
    first = data.rfind(b"\n", 0, place) + 1
    last = data.find(b"\n", place)
    unfinished = last < 0
    record = (data[first:] if unfinished else data[first:last]).rstrip(b" \t\r")
    key, *values = record.split(layout.separator)
    name = printable(key[:40].decode("utf-8", "replace"))
    if len(values) < layout.dim:
        reason = f"record '{name}' has {len(values)} values, not {layout.dim}"
        if unfinished:
            reason += ", and no end of line: the file seems to be cut off"
    elif place == first:
        reason = (
            text_keys.reason(record, layout)
            or f"record '{name}' does not end in {layout.dim} numbers"
        )
    else:
        value = data[place : first + len(record)].split(layout.separator)[0]
        text = printable(value[:40].decode("utf-8", "replace"))
        what = (
            "is not a finite float32"
            if len(nonfinite) and place == nonfinite[0]
            else "is not a number"
        )
        reason = f"record '{name}': value '{text}' {what}"
    lines = data.count(b"\n", 0, first)
    return Fault(line=lines + 1, byte=offset + place, reason=reason, record=lines)
