"""Properties of the keys of a vector file: odd keys are counted, habits are recognised.

A key is bytes. ASCII keys are examined as arrays, a chunk at a time; only a key with other bytes
is decoded and examined by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import printable

EXAMPLES = 5
_EXAMPLE_BYTES = 60

_SPECIAL_NAMES = (
    "<pad>", "<unk>", "<raw_unk>", "<oov>", "<s>", "</s>", "<bos>", "<eos>", "<mask>", "<cls>",
    "<sep>", "<num>", "[pad]", "[unk]", "[cls]", "[sep]", "[mask]",
    # GloVe's script for tweets
    "<user>", "<url>", "<hashtag>", "<number>", "<repeat>", "<elong>", "<allcaps>",
    "<smile>", "<lolface>", "<sadface>", "<neutralface>", "<heart>",
)  # fmt: skip
SPECIAL = frozenset(
    name.encode() for known in _SPECIAL_NAMES for name in (known, known.upper())
) | {b"<|endoftext|>"}
"""Keys that are no words."""

# One bit a property of a byte, and of a key that holds one; pairs stand one further.
_UPPER, _SPACE, _CONTROL, _UNDERSCORE, _OTHER = 1, 2, 4, 8, 16
_HASH, _HASHES, _DIGIT, _DIGITS, _NOT_ZERO = 32, 64, 128, 256, 512
_JOIN = b"\n"


def _properties() -> NDArray[np.uint16]:
    table = np.zeros(256, np.uint16)
    for characters, bits in [
        (range(32), _CONTROL),
        ([127], _CONTROL),
        (range(128, 256), _OTHER),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", _UPPER),
        (b" ", _SPACE),
        (b"_", _UNDERSCORE),
        (b"#", _HASH),
        (b"0", _DIGIT),
        (b"123456789", _DIGIT | _NOT_ZERO),
    ]:
        table[list(characters)] = bits
    return table


_PROPERTIES = _properties()

# Everything that `str.split` and `str.splitlines` break at, and the other control characters; but
# not the space, which is counted for itself.
_ODD = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f]")


@dataclass
class Some:
    """Keys of one kind: how many, and the first few as a terminal can show them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, key: bytes) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(escaped(key))


def escaped(key: bytes) -> str:
    """A key as text that is safe to print; bytes that are not UTF-8 appear as escapes."""
    text = printable(key[:_EXAMPLE_BYTES].decode("utf-8", "backslashreplace"))
    return text if len(key) <= _EXAMPLE_BYTES else text + "…"


class KeyCensus:
    """The keys so far, counted."""

    def __init__(self) -> None:
        self.total = 0
        self.empty = 0
        self.spaced = Some()
        """Keys that contain a space."""
        self.odd = Some()
        """Keys that contain other white space or control characters."""
        self.invalid = Some()
        """Keys that are not UTF-8."""
        self.cased = 0
        """Keys that lower-casing would change."""
        self.underscored = 0
        self.digits = 0
        self.digit_runs = 0
        """Two digits or more in a row."""
        self.not_zero = 0
        """Keys that contain a digit other than 0."""
        self.hash_runs = 0
        """Two # or more in a row."""
        self.special: set[bytes] = set()

    def add(self, keys: Sequence[bytes]) -> None:
        if not keys:
            return
        bits = _bits(keys)
        self.total += len(keys)
        self.empty += keys.count(b"")
        self.cased += _count(bits, _UPPER)
        self.underscored += _count(bits, _UNDERSCORE)
        self.digits += _count(bits, _DIGIT)
        self.digit_runs += _count(bits, _DIGITS)
        self.not_zero += _count(bits, _NOT_ZERO)
        self.hash_runs += _count(bits, _HASHES)
        self.special |= SPECIAL.intersection(keys)
        for i in np.flatnonzero(bits & (_SPACE | _CONTROL | _OTHER)).tolist():
            self._look_at(keys[i], int(bits[i]))

    def _look_at(self, key: bytes, bits: int) -> None:
        if bits & _SPACE:
            self.spaced.add(key)
        odd = bool(bits & _CONTROL)
        if bits & _OTHER:
            try:
                text = key.decode()
            except UnicodeDecodeError:
                self.invalid.add(key)
            else:
                odd = odd or _ODD.search(text) is not None
                self.cased += not bits & _UPPER and text.lower() != text
        if odd:
            self.odd.add(key)


def _bits(keys: Sequence[bytes]) -> NDArray[np.uint16]:
    """The properties of each key."""
    ends = np.cumsum(np.fromiter(map(len, keys), np.int64, len(keys)) + 1)
    bits = _PROPERTIES[np.frombuffer(_JOIN.join(keys) + _JOIN, np.uint8)]
    bits[ends - 1] = 0  # what joins them belongs to none
    bits[1:] |= (bits[1:] & bits[:-1] & (_HASH | _DIGIT)) << 1
    return np.bitwise_or.reduceat(bits, np.concatenate([[0], ends[:-1]]))


def _count(bits: NDArray[np.uint16], property: int) -> int:
    return int(np.count_nonzero(bits & property))


@dataclass(frozen=True)
class Habits:
    """How the words were written before the vectors were trained."""

    case: str
    """`lower` (except for fewer than one key in a thousand) or `mixed`."""
    cased_keys: int
    cased_share: float
    digits: str
    """`digits`: as they are; `hash`: each is #; `hash-runs`: # where there are two or more in a
    row; `zero`: each is 0; `none`: there are none."""
    joiner: str | None
    """The separator between the words of a phrase: `_`, a space, or None if unknown."""
    joiner_share: float


def habits(census: KeyCensus) -> Habits:
    """Derive the habits from the counts."""
    total = max(census.total, 1)
    joined, joiner = max((census.underscored, "_"), (census.spaced.count, " "))
    return Habits(
        case="lower" if census.cased < total / 1000 else "mixed",
        cased_keys=census.cased,
        cased_share=round(census.cased / total, 6),
        digits=_digit_habit(census),
        joiner=joiner if joined >= total / 100 else None,
        joiner_share=round(joined / total, 6),
    )


def _digit_habit(census: KeyCensus) -> str:
    if census.hash_runs > 100 * census.digit_runs:
        return "hash-runs" if census.digits else "hash"
    if not census.digits:
        return "none"
    return "zero" if census.digit_runs and not census.not_zero else "digits"
