"""The core under attack: both implementations read the same bytes, and must find the same.

The inputs are those of the C++ programs in `core/`, whose first lines say what they are made of.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.core import reference as _reference
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from embedprep.core import Core

WANTED = [b"the", b"a", b"", b"a b", b"1", b"\xc3\xa9", b"-0.5"]
"""As in `core/slow.hpp`."""


def _cores() -> tuple[Core, Core]:
    """The implementation that is used, and the other one, which is its specification."""
    return core.load(), cast("Core", _reference)


def _assert_same(results: list[list[Any]]) -> None:
    for native, reference in zip(*results, strict=True):
        if isinstance(native, np.ndarray):
            np.testing.assert_array_equal(native, reference)
        else:
            assert native == reference


def _found(scan: Any) -> list[Any]:
    numbers = [scan.lines, scan.records, scan.spaced, scan.consumed, scan.capitals]
    hits = [scan.key, scan.line, scan.first, scan.start, scan.end, scan.malformed]
    return [*numbers, *hits, len(scan.hashes), scan.marks]


def _bits(rows: NDArray[np.float32], good: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Those of good rows: the others have undefined content."""
    return rows[good].view(np.uint32)


def _decoded(implementation: Core, block: bytes, scan: Any, dim: int, separator: bytes) -> Any:
    rows = np.zeros((len(scan.key), dim), np.float32)
    bad, nonfinite = np.empty((2, len(rows)), np.int64)
    data = np.frombuffer(block, np.uint8)
    implementation.decode_text(data, scan.start, scan.end, separator, rows, bad, nonfinite)
    return [bad, nonfinite, _bits(rows, (bad < 0) & (nonfinite < 0))]


def _numbers(data: bytes, directory: Path) -> None:
    separator = b"\t" if data[:1] and data[0] & 1 else b" "
    field = data[1:].split(separator)[0]
    if b"\n" in field:
        return
    scan = _reference.scan_text(b"x" + separator + field, None, 1, separator)
    block = b"x" + separator + field
    _assert_same([_decoded(one, block, scan, 1, separator) for one in _cores()])


def _text(data: bytes, directory: Path) -> None:
    if len(data) < 2:
        return
    dim, separator, block = (data[0] & 7) + 1, b"\t" if data[1] & 1 else b" ", data[2:]
    results = []
    for one in _cores():
        keys = one.Keys(WANTED) if data[1] & 2 else None
        scan = one.scan_text(np.frombuffer(block, np.uint8), keys, dim, separator)
        results.append(_found(scan) + _decoded(one, block, scan, dim, separator))
    _assert_same(results)


def _word2vec(data: bytes, directory: Path) -> None:
    if len(data) < 2:
        return
    dim, block = (data[0] & 7) + 1, np.frombuffer(data[2:], np.uint8)
    results = []
    for one in _cores():
        scan = one.scan_word2vec(block, one.Keys(WANTED) if data[1] & 1 else None, dim)
        rows = np.empty((len(scan.key), dim), np.float32)
        nonfinite = np.empty(len(rows), np.int64)
        one.copy_rows(block, scan.start, rows, nonfinite)
        results.append([*_found(scan), nonfinite, _bits(rows, nonfinite < 0)])
    _assert_same(results)


def _fasttext(data: bytes, directory: Path) -> None:
    if len(data) < 4:
        return
    minn, maxn, entries, bucket = data[0] & 7, data[1] & 7, data[2], (data[3] >> 1) + 1
    block = np.frombuffer(data[4:], np.uint8)
    words = data[4:].split(b"\0")
    results = []
    for one in _cores():
        scan = one.scan_fasttext(block, one.Keys(WANTED) if data[3] & 1 else None, entries)
        results.append([*_found(scan), *one.ngrams(words, minn, maxn, bucket)])
    _assert_same(results)


def _seeds_of_numbers() -> list[bytes]:
    texts = b"-0.123456 1.5 12 1e-05 -2.5E+3 .5 5. nan -inf 16777217 123456789012345678901.5e-30"
    return [b"\0" + text for text in texts.split()]


def _seeds_of_text() -> list[bytes]:
    block = b"the 1 2\na b -0.5 3e-05 \r\n\n1 2 nan\n"
    return [b"\1\0" + block, b"\1\2" + block, b"\1\1" + block.replace(b" ", b"\t")]


def _seeds_of_word2vec() -> list[bytes]:
    block = b"the " + struct.pack("<2f", 1, -0.5) + b"\na " + struct.pack("<2f", 3, 6.25)
    return [b"\1\0" + block, b"\1\1" + block]


def _seeds_of_fasttext() -> list[bytes]:
    block = b"".join(word + b"\0" + struct.pack("<qb", 7, 0) for word in (b"the", b"caf\xc3\xa9"))
    return [b"\2\3\5\x40" + block, b"\0\0\5\1" + block + b"__label__\0" + struct.pack("<qb", 1, 1)]


_NUMBERS = (b"e", b"E+", b".", b"nan", b"INFINITY", b"0" * 25, b"1e39", b"4.9e-324", b"9" * 20)

TARGETS = {
    "core-numbers": Target(_numbers, _seeds_of_numbers, _NUMBERS),
    "core-text": Target(_text, _seeds_of_text, (*_NUMBERS, b"\n", b"\r", b" ", b"\t")),
    "core-word2vec": Target(_word2vec, _seeds_of_word2vec, (b" ", b"\n", b"\0\0\xc0\x7f")),
    "core-fasttext": Target(_fasttext, _seeds_of_fasttext, (b"\0" * 10, b"\x80", b"\xc3")),
}
