"""Keys that somebody made to collide, or to keep a build busy: they cost what others cost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np
import pytest

from embedprep import core
from embedprep.core import reference

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)

_64_BITS = (1 << 64) - 1
PRIME = 0x9E3779B97F4A7C15
INVERSE = pow(PRIME, -1, 1 << 64)


@pytest.fixture
def native() -> Any:
    return pytest.importorskip("embedprep._core", reason="no compiled core")


def of_one_slot(count: int, bits: int) -> Iterator[bytes]:
    """Keys of eight bytes whose lasting hashes end in the same bits, by running it backwards."""
    for number in range(count):
        value = number << bits
        value ^= value >> 29 ^ value >> 58
        state = value * INVERSE & _64_BITS
        word = (state ^ state >> 32) * INVERSE & _64_BITS
        yield (word ^ 8 * PRIME & _64_BITS).to_bytes(8, "little")


def of_one_hash(count: int) -> Iterator[bytes]:
    """Keys of sixteen bytes whose whole lasting hashes are the same."""
    for number in range(count):
        state = ((16 * PRIME ^ number) & _64_BITS) * PRIME & _64_BITS
        yield number.to_bytes(8, "little") + (state ^ state >> 32).to_bytes(8, "little")


def test_they_do_collide() -> None:
    ends = reference.hash_keys(list(of_one_slot(100, 20))) & (1 << 20) - 1
    assert set(ends.tolist()) == {0}
    assert len(set(reference.hash_keys(list(of_one_hash(100))).tolist())) == 1


@pytest.mark.parametrize("keys", [list(of_one_slot(20_000, 20)), list(of_one_hash(20_000))])
def test_no_search_takes_longer_because_of_it(keys: list[bytes], native: Any) -> None:
    assert len(set(keys)) == len(keys)
    table = native.Keys(keys)
    # Half of the slots are free, so a walk of 100 would be one in billions.
    assert table.longest_walk < 100
    usable = [i for i, key in enumerate(keys) if not set(key) & set(b" \n")][-50:]
    block = b"".join(keys[i] + b" \0\0\0\0" for i in usable)
    assert native.scan_word2vec(np.frombuffer(block, np.uint8), table, 1).key.tolist() == usable


def test_no_two_tables_choose_the_same_slots(native: Any) -> None:
    """A walk along a table tells nothing about the next one."""
    keys = [b"%d" % number for number in range(50_000)]
    assert len({native.Keys(keys).longest_walk for _ in range(20)}) > 1


def test_what_is_stored_and_shared_is_the_same_in_every_process(native: Any) -> None:
    keys = [b"", b"the", b"eight by", b"more than eight", "naïve".encode()]
    expected = [
        0, 6827195996332503681, 380536649281926030, -814783215959712763, 154652436586595010,
    ]  # fmt: skip
    assert core.load().hash_keys(keys).tolist() == reference.hash_keys(keys).tolist() == expected


class Stop(Exception):  # noqa: N818  no error
    pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
@pytest.mark.parametrize("call", ["Keys", "ngrams"])
def test_a_signal_is_handled_in_the_middle_of_a_long_call(call: str, native: Any) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Stop

    keys = [b"%d" % number for number in range(1_000_000)]
    arguments = (keys,) if call == "Keys" else (keys, 1, 6, 1000)
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        with pytest.raises(Stop):
            getattr(native, call)(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("call", ["Keys", "ngrams"])
def test_other_threads_go_on_meanwhile(call: str, native: Any) -> None:
    keys = [b"%d" % number for number in range(300_000)]
    arguments = (keys,) if call == "Keys" else (keys, 1, 6, 1000)
    turns, done = 0, threading.Event()

    def count() -> None:
        nonlocal turns
        while not done.wait(0.0005):
            turns += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        while not turns:
            done.wait(0.001)
        before = turns
        getattr(native, call)(*arguments)
        assert turns > before
    finally:
        done.set()
        thread.join()


def test_a_key_given_twice_is_still_an_error(native: Any) -> None:
    keys = [b"%d" % number for number in range(40_000)]
    with pytest.raises(ValueError, match="given twice"):
        native.Keys([*keys, b"7"])
