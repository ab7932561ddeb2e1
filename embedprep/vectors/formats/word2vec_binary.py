"""Binary word2vec files (`.bin`): a text header, then keys and raw float32."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.core.scan import MAX_KEY_BYTES
from embedprep.errors import EmbedprepError, InputError, printable
from embedprep.sources.rewriting import rewriting
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import key_habits
from embedprep.vectors.blocks import MAX_DIM, Block, key_names, ordered
from embedprep.vectors.content import Content
from embedprep.vectors.foreign import share_of_usual_numbers
from embedprep.vectors.forward import Forward
from embedprep.vectors.hits import Description, Fault, Hits, Opened
from embedprep.vectors.key_sample import first_keys
from embedprep.vectors.record_blocks import RecordBlocks
from embedprep.vectors.request import Request
from embedprep.vectors.row_buffers import RowBuffers
from embedprep.vocabulary.key_convention import AboutKeys

if TYPE_CHECKING:
    from embedprep.core.scan import Keys, Scan

_HEADER = re.compile(rb"([0-9]{1,18})[ \t]+([0-9]{1,18})[ \t\r]*\n")


# A field of text vectors that is a number, or may have been meant as one.
_VALUE = re.compile(rb"[-+]?(?:[.0-9][-+.0-9e]*|nan|inf|infinity)", re.IGNORECASE)
_SAMPLE_BYTES = 64 << 10
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")


def claims(head: bytes) -> bool:
    """Whether bytes that no text has, and no text record, follow a text header."""
    header = _HEADER.match(head)
    if header is None:
        return False
    body = head[header.end() :]
    lines = [line for line in body.split(b"\n") if line.strip(b" \t\r")]
    if not lines:
        return False
    *whole, last = lines if not body.endswith(b"\n") else [*lines, b""]
    if _is_text_record(lines[0], int(header[2]), whole=bool(whole)):
        return False  # the key may be made of anything
    raw = any(map(_is_raw, whole)) or _is_raw(last[:-3])  # the end may cut a character
    return raw or b"\0" in body


def _is_raw(line: bytes) -> bool:
    """Whether a line cannot be text, not even a damaged record."""
    fields = re.split(rb"[ \t]", line.rstrip(b" \t\r"))
    if _VALUE.fullmatch(fields[-1]):
        return False
    return not _is_text(b" ".join(fields[1:]))  # a key may be made of any bytes


def _is_text(some: bytes) -> bool:
    """Whether these bytes are UTF-8 without control characters."""
    try:
        some.decode()
    except UnicodeDecodeError:
        return False
    return _CONTROL.search(some) is None


def _is_text_record(line: bytes, dim: int, *, whole: bool) -> bool:
    """Whether a line ends in `dim` numbers; for a line cut off by the sample, in any numbers."""
    fields = re.split(rb"[ \t]", line.rstrip(b" \t\r"))
    if len(fields) > dim > 0 and all(map(_VALUE.fullmatch, fields[-dim:])):
        return True
    known = fields[1:-1][-3:]
    return not whole and len(known) == 3 and all(map(_VALUE.fullmatch, known))


_AS_FLOAT32 = (
    'python3 -c "import numpy, sys; i, o = sys.stdin.buffer, sys.stdout.buffer; '
    "h = i.readline(); o.write(h); n, d = map(int, h.split()); "
    "[o.write(b''.join(iter(lambda: i.read(1), b' ')) + b' ' "
    "+ numpy.frombuffer(i.read(%d * d), '%s').astype('<f4').tobytes()) for _ in range(n)]\""
)
"""Writes the values of every record as float32, the least significant byte first."""
_OTHER_WIDTHS = ((2, "float16"), (8, "float64"))
_ENOUGH_VALUES = 16
"""Fewer values prove nothing about the order of their bytes."""


_TELLING = 32
"""The first values of a record, of which some are odd if its bytes are no numbers."""
_USUAL = (1e-10, 1e10)
"""The absolute values that vectors have, apart from zero."""
_REST_OF_KEY = re.compile(rb"[^\0-\x20\x7f]+(?: |\Z)")
_NO_SPACES = "Write the vectors as text, or with underscores for the spaces in keys."


def _refuse_misread(source: PlainFile | Stream, start: int, dim: int) -> None:
    """Raise for a file whose first records are not a key, a space and little-endian values."""
    most = _SAMPLE_BYTES + 16 * dim
    try:
        body = source.head(start + most)[start:]
    except EmbedprepError:  # raised again after the records before it have been read
        return
    if not _values(body, dim, 4, most):
        for width, name in _OTHER_WIDTHS:
            found = _values(body, dim, width, most)
            if len(found) < width * _ENOUGH_VALUES:
                continue
            if share_of_usual_numbers(found, f"<f{width}") > 0.9:
                program = _AS_FLOAT32 % (width, f"<f{width}")
                raise InputError(
                    f"its values are {name}, of {width} bytes each; such a file has float32",
                    "Write them as float32:\n    "
                    + rewriting(source.path, program, source.compression),
                    path=source.path,
                    byte=start,
                )
    block = np.frombuffer(body, np.uint8)
    scan = core.load().scan_word2vec(block, None, dim)
    values = b"".join(body[first : first + 4 * dim] for first in scan.start.tolist())
    rows = np.frombuffer(values, "<f4").reshape(-1, dim)
    for record in _cut_keys(block, scan.start, rows):
        fault = _cut(block, scan, record, start)
        raise InputError(fault.reason, _NO_SPACES, path=source.path, byte=fault.byte)
    if (
        len(values) >= 4 * _ENOUGH_VALUES
        and share_of_usual_numbers(values, ">f4") > 0.9
        and share_of_usual_numbers(values, "<f4") < 0.1
    ):
        raise InputError(
            "its values are big-endian: the program that wrote it put the most significant byte "
            "first",
            "Write them in the usual order:\n    "
            + rewriting(source.path, _AS_FLOAT32 % (4, ">f4"), source.compression),
            path=source.path,
            byte=start,
        )


def _values(body: bytes, dim: int, width: int, most: int) -> bytes:
    """Return the values of `width` bytes, if all keys are text and the last record ends with
    `body`; else nothing. A body of `most` bytes is cut anywhere.
    """
    found, place = bytearray(), 0
    while place < len(body):
        space = body.find(b" ", place, place + MAX_KEY_BYTES)
        key = body[place : space if space >= 0 else len(body)].lstrip(b"\n")
        if space < 0 and (not key or len(body) == most):
            return bytes(found)
        if space < 0 or not key or not _is_text(key):
            return b""
        place = space + 1 + width * dim
        found += body[space + 1 : place]
    return bytes(found) if place == len(body) or len(body) == most else b""


def _cut_keys(block: Block, start: NDArray[np.int64], rows: NDArray[np.float32]) -> list[int]:
    """Return the indices of the records whose key contains a space, so that values were read from
    the rest of the key on.

    Then the first value spells letters, some of the first are no usual numbers, and the last bytes
    of the record seem to begin the next key.
    """
    with np.errstate(invalid="ignore"):
        size = np.abs(rows[:, :_TELLING])
        odd = (size > _USUAL[1]).any(axis=1) | (size[:, 0] > 0) & (size[:, 0] < _USUAL[0])
    cut = []
    for record in np.flatnonzero(odd).tolist():
        end = int(start[record]) + 4 * rows.shape[1]
        following = block[end : end + MAX_KEY_BYTES].tobytes().lstrip(b"\n").partition(b" ")[0]
        if _REST_OF_KEY.match(rows[record, :1].tobytes()) and not _is_text(following):
            cut.append(record)
    return cut


class Word2VecBinary(Opened):
    """A source of binary records whose header has been read."""

    has_lines = False

    def __init__(self, source: PlainFile | Stream, request: Request) -> None:
        header = _HEADER.match(source.head(64))
        if header is None:
            raise InputError(
                "the first line is not a header 'count dimension'",
                "Drop --vectors-format word2vec-binary; the format is recognised.",
                path=source.path,
                byte=0,
            )
        self.declared_records: int | None = int(header[1])
        self.dim = int(header[2])
        if not 0 < self.dim <= MAX_DIM:
            raise InputError(
                f"the header promises vectors of {self.dim} values",
                "The file is damaged: download or export it again.",
                path=source.path,
                byte=0,
            )
        request.check_dim(self.dim)
        _refuse_misread(source, header.end(), self.dim)
        super().__init__(source)
        self._content = Content()
        self._forward = Forward(source)
        self._forward.take(header.end(), "its header")
        self.start = self._forward.position  # newlines may come before the first record
        self.threads = request.threads  # for callers that read only some of the records
        self.block_bytes = request.block_bytes
        start = self.start if isinstance(source, PlainFile) else 0
        scan = core.load().scan_word2vec
        self._about = first_keys(source, start, lambda block, keys: scan(block, keys, self.dim))

    def about_keys(self) -> AboutKeys:
        return self._about

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        implementation = core.load()
        wanted = None if keys is None else implementation.Keys(keys)
        buffers = RowBuffers(self.dim)
        records = 0
        self._content = Content()
        blocks = RecordBlocks(
            self._forward,
            lambda block: implementation.scan_word2vec(block, wanted, self.dim),
            largest=4 * self.dim + MAX_KEY_BYTES,
            block_bytes=self.block_bytes,
        )

        def work(item: tuple[Block, int, Scan]) -> tuple[Hits, Scan]:
            block, offset, scan = item
            return _found(implementation, wanted, scan, buffers, self.dim, block, offset), scan

        # One block is read and scanned here, while another thread has the one before.
        for found, scan in ordered(work, blocks, min(self.threads, 2), most=1):
            length = self.source.advanced(scan.consumed)
            fault = found.fault and found.fault.later(records)
            self._content.add(found)
            yield found._replace(record=found.record + records, bytes=length, fault=fault)
            buffers.give_back(found.rows)
            records += scan.records
        if blocks.rest:
            yield self._unfinished(len(blocks.rest), records)

    def _unfinished(self, left: int, records: int) -> Hits:
        """Report the `left` bytes after the `records` whole records as a malformed record."""
        nothing = np.empty(0, np.int64)
        fault = Fault(
            line=None,
            byte=self._forward.position - left,
            reason="the file ends in the middle of a record: it is truncated",
            record=records,
        )
        rows = np.empty((0, self.dim), np.float32)
        return Hits(nothing, nothing, rows, records=1, bytes=0, malformed=1, fault=fault)

    def describe(self) -> Description:
        notes = key_habits.of_forms(self._about.first)
        told = Description.of_binary(self.source, "word2vec-binary", header=True, notes=notes)
        return told._replace(fingerprint=self._content.fingerprint(told.fingerprint))


def block_hits(
    implementation: core.Core,
    keys: Keys | None,
    dim: int,
    buffers: RowBuffers,
    block: Block,
    offset: int,
) -> Hits:
    """Return the wanted records of a block of whole ones, at byte `offset` of the file.

    Records in the result count from the start of the block. Needs neither the file nor the records
    before the block.
    """
    scan = implementation.scan_word2vec(block, keys, dim)
    return _found(implementation, keys, scan, buffers, dim, block, offset)


def _found(
    implementation: core.Core,
    keys: Keys | None,
    scan: Scan,
    buffers: RowBuffers,
    dim: int,
    block: Block,
    offset: int,
) -> Hits:
    """Return what `scan` found in a block, in the form of `block_hits`."""
    rows = buffers.take(len(scan.key))
    nonfinite = np.empty(len(rows), np.int64)
    implementation.copy_rows(block, scan.start, rows, nonfinite)
    cut = _cut_keys(block, scan.start, rows)
    good = nonfinite < 0
    good[cut] = False
    fault = None
    if not good.all():
        first = int(np.argmin(good))
        if first in cut:
            fault = _cut(block, scan, first, offset)
        else:
            byte = offset + int(nonfinite[first])
            fault = _fault(block, scan, first, byte, "has a value that is not finite")
    everything = fault is None
    begins = scan.first if keys is None else scan.places
    return Hits(
        key=scan.key if everything else scan.key[good],
        record=scan.line if everything else scan.line[good],
        rows=rows if everything else rows[good],
        records=scan.records,
        bytes=scan.consumed,
        nonfinite=scan.key[~good],
        hashes=scan.hashes,
        capitals=scan.capitals,
        marks=scan.marks,
        fault=fault,
        names=key_names(block, scan) if keys is None else (),
        places=scan.places + offset,
        digests=implementation.digest_word2vec(block, begins, dim),
    )


def _cut(block: Block, scan: Scan, hit: int, offset: int) -> Fault:
    byte = offset + int(scan.start[hit]) - 1
    return _fault(block, scan, hit, byte, "has a key with a space, which ends a key in this format")


def _fault(block: Block, scan: Scan, hit: int, byte: int, reason: str) -> Fault:
    key = block[scan.first[hit] : scan.start[hit] - 1].tobytes()
    name = printable(key[:40].decode("utf-8", "replace"))
    return Fault(
        line=None, byte=byte, reason=f"record '{name}' {reason}", record=int(scan.line[hit])
    )
