"""The core in plain Python: the specification, the fallback without a compiler, the oracle.

Names, arguments and results are the same as in the compiled `embedprep._core`; the whole test suite
runs on both. A *block* is a buffer of whole records; all offsets count from its first byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from embedprep import _platform
from embedprep.core.marks import MARKS, mark_of
from embedprep.core.scan import MAX_KEY_BYTES, Scan

NO_FAULT = -1

# ASCII digits only, no underscores, no hexadecimal: `float()` alone would read `1_0` as 10.
_NUMBER = re.compile(
    rb"[-+]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?|nan|inf|infinity)", re.IGNORECASE
)


class Keys:
    """The wanted keys, numbered in the order given. A key given twice is a ValueError."""

    def __init__(self, keys: list[bytes]) -> None:
        self.numbers = {key: number for number, key in enumerate(keys)}
        if len(self.numbers) != len(keys):
            raise ValueError("a key is given twice")

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass
class _Found:
    """A `Scan` while it grows."""

    keys: Keys | None
    lines: int = 0
    records: int = 0
    spaced: int = 0
    consumed: int = 0
    hits: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    malformed: list[int] = field(default_factory=list)
    keys_seen: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    digests: list[int] = field(default_factory=list)
    capitals: bool = False
    marks: list[int] = field(default_factory=lambda: [0] * len(MARKS))

    def add_if_wanted(self, key: bytes, line: int, first: int, start: int, end: int) -> None:
        number: int | None = len(self.hits)
        if self.keys is not None:
            self.keys_seen.append(key)
            self.places.append(first)
            self.capitals |= key != key.lower()
            if (mark := mark_of(key)) is not None:
                self.marks[mark] += 1
            number = self.keys.numbers.get(key)
        if number is not None:
            self.hits.append((number, line, first, start, end))

    def frozen(self) -> Scan:
        key, line, first, start, end = np.array(self.hits, np.int64).reshape(-1, 5).T.copy()
        return Scan(
            lines=self.lines,
            records=self.records,
            spaced=self.spaced,
            consumed=self.consumed,
            key=key,
            line=line,
            first=first,
            start=start,
            end=end,
            malformed=np.array(self.malformed, np.int64),
            hashes=hash_keys(self.keys_seen),
            places=np.array(self.places, np.int64),
            digests=np.array(self.digests, np.uint64).view(np.int64),
            capitals=self.capitals,
            marks=np.array(self.marks, np.int64),
        )


def hash_keys(keys: list[bytes]) -> NDArray[np.int64]:
    """Return 64 bits per key, the same for equal keys, in both cores and in every process.

    Multiply and fold, eight little-endian bytes at a time.
    """
    return np.fromiter(map(_hash, keys), np.int64, len(keys))


def _hash(key: bytes) -> int:
    value = len(key) * _PRIME & _64_BITS
    whole = len(key) // 8 * 8
    for at in range(0, whole, 8):
        value = (value ^ int.from_bytes(key[at : at + 8], "little")) * _PRIME & _64_BITS
        value ^= value >> 32
    value = (value ^ int.from_bytes(key[whole:], "little")) * _PRIME & _64_BITS
    value ^= value >> 29
    return value - (value >> 63 << 64)  # as a signed number


def digest(record: bytes) -> int:
    """Return 64 bits over all bytes of a line of a text, or of a record of a binary file.

    Two sums over its little-endian words of eight bytes, the last one padded with zeros: of the
    products of the halves of each, mixed with its place, and of the words themselves. The second
    shows a change of one half where the other is zero.
    """
    words = np.frombuffer(record + bytes(-len(record) % 8), "<u8")
    mixed = words ^ _places(len(words))
    products = int(((mixed & np.uint64(0xFFFFFFFF)) * (mixed >> np.uint64(32))).sum())
    value = (products + int(words.sum()) * _PRIME ^ len(record) * _PRIME) & _64_BITS
    value = (value ^ value >> 32) * _PRIME & _64_BITS
    return value ^ value >> 29


@lru_cache(64)
def _places(count: int) -> NDArray[np.uint64]:
    return np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_PRIME)


def count_marks(keys: list[bytes]) -> NDArray[np.int64]:
    """Count how many of `keys` have each of `MARKS`."""
    counts = np.zeros(len(MARKS), np.int64)
    for key in keys:
        if (mark := mark_of(key)) is not None:
            counts[mark] += 1
    return counts


def find_hashes(hashes: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the indices, ascending, of those of `hashes` that are among `wanted`."""
    return np.flatnonzero(np.isin(hashes, wanted))


_PRIME = 0x9E3779B97F4A7C15
_64_BITS = (1 << 64) - 1


Block = bytes | NDArray[np.uint8]


def scan_text(block: Block, keys: Keys | None, dim: int, separator: bytes) -> Scan:
    """Find the records of a text block whose key is wanted.

    A record ends at a newline; spaces, tabs and carriage returns before it are not part of it. Its
    key is everything before the last `dim` fields; a key that contains the separator counts only if
    those fields are numbers.
    """
    found = _Found(keys, consumed=len(block))
    for first, whole in _lines(bytes(block)):
        found.digests.append(digest(whole))
        record = whole.rstrip(b" \t\r")
        line, found.lines = found.lines, found.lines + 1
        if not record:
            continue
        found.records += 1
        separators = record.count(separator)
        if separators < dim:
            found.malformed.append(first)
            continue
        if separators == dim:
            key, _, payload = record.partition(separator)
        else:
            key, *values = record.rsplit(separator, dim)
            if not all(map(_NUMBER.fullmatch, values)):
                found.malformed.append(first)
                continue
            found.spaced += 1
            payload = separator.join(values)
        last = first + len(record)
        found.add_if_wanted(key, line, first, last - len(payload), last)
    return found.frozen()


def _lines(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Return offset and content of each line."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", start)
        if end < 0:
            end = len(block)
        yield start, block[start:end]
        start = end + 1


def decode_text(
    block: Block,
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    separator: bytes,
    rows: NDArray[np.float32],
    bad: NDArray[np.int64],
    nonfinite: NDArray[np.int64],
) -> None:
    """Decode the payloads `block[start:end]` into `rows`, shape (hits, dim).

    A value is `float32(float64(text))`: rounded to double, then to single, as in NumPy. `bad`
    receives the offset of the first field that is not a number, or is one too many or too few.
    `nonfinite` receives the offset of the first that is nan, infinite or beyond float32. Both are
    -1 for a good row. A row with a fault has undefined content.
    """
    data = bytes(block)
    for i in range(len(rows)):
        fields = data[start[i] : end[i]].split(separator)
        offsets = [int(start[i])]
        for content in fields:
            offsets.append(offsets[-1] + len(content) + len(separator))
        bad[i] = nonfinite[i] = NO_FAULT
        dim = rows.shape[1]
        valid = [_NUMBER.fullmatch(content) is not None for content in fields[:dim]]
        if not all(valid):
            bad[i] = offsets[valid.index(False)]
        elif len(fields) != dim:
            bad[i] = min(offsets[min(len(fields), dim)], int(end[i]))
        else:
            with np.errstate(over="ignore"):
                rows[i] = np.array([float(content) for content in fields]).astype(np.float32)
            finite = np.isfinite(rows[i])
            if not finite.all():
                nonfinite[i] = offsets[int(finite.argmin())]


def scan_word2vec(block: Block, keys: Keys | None, dim: int) -> Scan:
    """Find the records of a binary word2vec block whose key is wanted.

    A record is its key, a space and `dim` little-endian float32; newlines before a key belong to
    the record before. A key of more than `MAX_KEY_BYTES` is not consumed.
    """
    data = bytes(block)
    found = _Found(keys)
    first = 0
    while True:
        while data[first : first + 1] == b"\n":
            first += 1
        found.consumed = first
        separator = data.find(b" ", first, first + MAX_KEY_BYTES + 1)
        end = separator + 1 + 4 * dim
        if separator < 0 or end > len(data):
            return found.frozen()
        found.add_if_wanted(data[first:separator], found.records, first, separator + 1, end)
        found.records += 1
        found.lines += 1
        first = end


def digest_word2vec(block: Block, places: NDArray[np.int64], dim: int) -> NDArray[np.int64]:
    """Return the `digest` of each record of a binary word2vec block, which begin at `places`.

    It is 0 for a place where there is no whole record. The scan does not make them: it is the work
    of one thread, and others can do this one.
    """
    data = bytes(block)
    digests = np.zeros(len(places), np.uint64)
    for i, first in enumerate(places.tolist()):
        separator = data.find(b" ", first, first + MAX_KEY_BYTES + 1)
        end = separator + 1 + 4 * dim
        if 0 <= first <= separator and end <= len(data):
            digests[i] = digest(data[first:end])
    return digests.view(np.int64)


def copy_rows(
    block: Block,
    start: NDArray[np.int64],
    rows: NDArray[np.float32],
    nonfinite: NDArray[np.int64],
) -> None:
    """Copy little-endian float32 from each `start` on into `rows`, shape (hits, dim).

    `nonfinite` receives the offset of the first value of a row that is nan or infinite, or -1.
    """
    data = bytes(block)
    for i in range(len(rows)):
        rows[i] = np.frombuffer(data, "<f4", rows.shape[1], start[i])
        finite = np.isfinite(rows[i])
        nonfinite[i] = NO_FAULT if finite.all() else start[i] + 4 * int(finite.argmin())


def read_ranges(
    fd: int,
    memory: NDArray[np.uint8],
    offset: NDArray[np.int64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Fill `memory[begin:end]` from each `offset` of a file, int64.

    Returns the indices of the ranges that were not read in full: the file system may return little
    at once, the file may end, or there may be an error.
    """
    size = end - begin
    _platform.announce(fd, zip(offset.tolist(), size.tolist(), strict=True))
    missing = []
    for i in range(len(offset)):
        try:
            part = memory.data[begin[i] : end[i]]
            complete = _platform.read_once(fd, part, int(offset[i])) == size[i]
        except OSError:
            complete = False
        if not complete:
            missing.append(i)
    return np.array(missing, np.int64)


def scan_fasttext(block: Block, keys: Keys | None, entries: int) -> Scan:
    """Find the wanted words in a block of the dictionary of a fastText model.

    An entry is its key, a zero byte, an int64 count and an int8 type. Type 0 is a word; 1 is a
    label, which is neither a record nor a hit; any other is malformed. Stops after `entries`, and
    before a key of more than `MAX_KEY_BYTES`.
    """
    data = bytes(block)
    found = _Found(keys)
    while found.lines < entries:
        first = found.consumed
        zero = data.find(b"\0", first, first + MAX_KEY_BYTES + 1)
        if zero < 0 or zero + 10 > len(data):
            break
        kind = data[zero + 9]
        if kind == 0:
            found.add_if_wanted(data[first:zero], found.lines, first, zero + 1, zero + 1)
        elif kind != 1:
            found.malformed.append(first)
        found.records += kind != 1
        found.lines += 1
        found.consumed = zero + 10
    return found.frozen()


def ngrams(
    words: list[bytes], minn: int, maxn: int, bucket: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the buckets of the character n-grams of each word, as fastText numbers them.

    Word i has `rows[first[i]:first[i + 1]]` of the result `(first, rows)`. An n-gram is `minn` to
    `maxn` characters of `<word>`, except `<` or `>` alone; its bucket is a hash modulo `bucket`.
    Characters are UTF-8, and a stray byte belongs to the character before it.
    """
    first = [0]
    rows: list[int] = []
    for word in words:
        characters = _CHARACTER.findall(b"<" + word + b">")
        last = len(characters) - 1
        for i in range(len(characters)):
            rows += [
                _fnv1a(b"".join(characters[i : i + n])) % bucket
                for n in range(max(minn, 1), min(maxn, len(characters) - i) + 1)
                if n > 1 or 0 < i < last
            ]
        first.append(len(rows))
    return np.array(first, np.int64), np.array(rows, np.int64)


_CHARACTER = re.compile(rb"(?s).[\x80-\xbf]*")


def _fnv1a(data: bytes) -> int:
    """Return FNV-1a over 32 bits, with each byte sign-extended first, as in fastText."""
    value = 2166136261
    for byte in data:
        value = (value ^ byte ^ (0xFFFFFF00 if byte > 127 else 0)) * 16777619 % 2**32
    return value


def random_bits(tokens: list[bytes], salt: int, first: int, bits: NDArray[np.uint32]) -> None:
    """Fill `bits`, shape (tokens, dim), with random numbers that depend on token and `salt` alone.

    The generator is SplitMix64 (Steele, Lea and Flood 2014), started at the BLAKE2b of the token;
    each 64-bit output is two numbers. A row receives those from number `first` on.
    """
    salted = salt.to_bytes(8, "little")
    hashes = [blake2b(token, digest_size=8, salt=salted).digest() for token in tokens]
    starts = np.frombuffer(b"".join(hashes), "<u8").astype(np.uint64)
    end = first + bits.shape[1]
    steps = np.arange(first // 2 + 1, (end + 1) // 2 + 1, dtype=np.uint64)
    steps *= np.uint64(0x9E3779B97F4A7C15)
    z: NDArray[np.uint64] = starts[:, None] + steps
    z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    bits[:] = z.astype("<u8", copy=False).view("<u4")[:, first % 2 :][:, : bits.shape[1]]


def place_rows(
    rows: NDArray[np.float32],
    source: NDArray[np.int64],
    target: NDArray[np.int64],
    matrix: NDArray[np.float32],
) -> None:
    """Copy `rows[source[i]]` to `matrix[target[i]]`, one i after the other.

    `matrix` may be some columns of a wider one.
    """
    matrix[target] = rows[source]


def add_rows(
    rows: NDArray[np.float32],
    source: NDArray[np.int64],
    target: NDArray[np.int64],
    sums: NDArray[np.float64],
) -> None:
    """Add `rows[source[i]]` to `sums[target[i]]`, one i after the other."""
    with np.errstate(invalid="ignore"):  # a signalling nan, in a damaged file
        np.add.at(sums, target, rows[source].astype(np.float64))
