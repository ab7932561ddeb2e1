"""Damage, where no tool is at hand that looks at the paths which the code takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence


def mutated(seeds: Sequence[bytes], words: Sequence[bytes], chance: random.Random) -> bytes:
    """One of the seeds, damaged in one place or several, each in another way."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        place = chance.randrange(len(data) + 1)
        chance.choice(_WAYS)(data, place, chance)
        if words and chance.random() < 0.2:
            _put(data, place, chance.choice(words), chance)
        if chance.random() < 0.1:
            other = chance.choice(seeds)
            _put(data, place, other[chance.randrange(len(other)) :][:64], chance)
    return bytes(data[:_LONGEST])


def _put(data: bytearray, place: int, content: bytes, chance: random.Random) -> None:
    """Instead of what stands there, or before it."""
    data[place : place + chance.choice((0, len(content)))] = content


def _flip(data: bytearray, place: int, chance: random.Random) -> None:
    if place < len(data):
        data[place] ^= 1 << chance.randrange(8)


def _set(data: bytearray, place: int, chance: random.Random) -> None:
    data[place : place + 1] = bytes([chance.choice((0, 1, 9, 10, 32, 127, 128, 254, 255))])


def _number(data: bytearray, place: int, chance: random.Random) -> None:
    width = chance.choice((1, 2, 4, 8))
    number = chance.choice((0, 1, -1, 127, 1 << 8 * width - 1, chance.getrandbits(8 * width)))
    order = chance.choice(("little", "big"))
    content = (number % (1 << 8 * width)).to_bytes(width, "big")
    _put(data, place, content if order == "big" else content[::-1], chance)


def _delete(data: bytearray, place: int, chance: random.Random) -> None:
    del data[place : place + chance.choice((1, 1, 2, 8, 100))]


def _repeat(data: bytearray, place: int, chance: random.Random) -> None:
    part = data[place : place + chance.choice((1, 4, 50))]
    data[place:place] = part * chance.choice((1, 2, 100))


def _cut(data: bytearray, place: int, chance: random.Random) -> None:
    del data[place:]


_WAYS: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    *(_flip, _flip, _set, _set, _number, _number, _delete, _repeat, _cut),
)
_LONGEST = 1 << 16
"""Bytes: what needs more to go wrong is the business of other campaigns."""
