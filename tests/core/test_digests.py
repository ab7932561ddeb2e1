"""The digest of each line or record: the same from both cores, another after any change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from embedprep import core
from embedprep.core import reference

LINES = st.lists(st.binary(max_size=200).map(lambda line: line.replace(b"\n", b" ")), max_size=5)


@given(LINES, st.booleans())
@example([bytes(range(11, 100)) * 30, b"", b"a", b"a" * 63, b"a" * 64, b"a" * 65], True)
def test_of_every_line(lines: list[bytes], ended: bool) -> None:
    text = b"\n".join(lines) + b"\n" * ended
    whole = text.split(b"\n")
    whole = whole if whole[-1] else whole[:-1]
    scan = core.load().scan_text(np.frombuffer(text, np.uint8), None, 2, b" ")
    expected = np.array([reference.digest(line) for line in whole], np.uint64).view(np.int64)
    assert scan.digests.tolist() == expected.tolist()


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=90), st.binary(min_size=8, max_size=8))))
def test_of_every_record(records: list[tuple[bytes, bytes]]) -> None:
    clean = [key.translate(None, b" \n") + b" " + values for key, values in records]
    block = np.frombuffer(b"\n".join(clean), np.uint8)
    places = core.load().scan_word2vec(block, core.load().Keys([]), 2).places
    expected = np.array([reference.digest(record) for record in clean], np.uint64).view(np.int64)
    digests = core.load().digest_word2vec(block, places, 2)
    assert digests.tolist() == expected.tolist()


def test_no_record_at_a_place() -> None:
    """As in an index that a stranger made."""
    block = np.frombuffer(b"ab 12345678cd 1234567", np.uint8)
    places = np.array([-1, 0, 11, 12, 20, 21, 1 << 60, -(1 << 62)], np.int64)
    digests = core.load().digest_word2vec(block, places, 2).tolist()
    assert [bool(digest) for digest in digests] == [False, True] + [False] * 6


LINE = b"word " + b" ".join(b"%.4f" % (number / 7) for number in range(30))


def test_one_changed_byte_two_exchanged_and_one_more_or_less() -> None:
    other = {LINE}
    for at in range(len(LINE)):
        other |= {LINE[:at] + bytes([LINE[at] ^ bit]) + LINE[at + 1 :] for bit in (1, 8, 128)}
        other |= {LINE[:at] + LINE[at + 1 :], LINE[:at] + b"\0" + LINE[at:]}
        for to in range(at + 1, len(LINE)):
            changed = bytearray(LINE)
            changed[at], changed[to] = changed[to], changed[at]
            other.add(bytes(changed))
    assert len({reference.digest(line) for line in other}) == len(other) > 10_000


@pytest.mark.parametrize("size", [8, 9, 64, 200])
def test_a_factor_that_is_zero_hides_nothing(size: int) -> None:
    """The product of a word's halves is zero if one of them cancels its place."""
    upper = 0x9E3779B97F4A7C15 >> 32
    lines = {lower.to_bytes(4, "little") + upper.to_bytes(4, "little") for lower in range(500)}
    assert len({reference.digest(line.ljust(size, b"x")) for line in lines}) == 500
