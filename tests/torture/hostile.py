"""Vocabularies of somebody who wants to keep a build busy, against plain ones of the same size.

Promise: a build of them takes at most ten times the processor time and the memory. The quick part
looks at the memory only, because time says nothing on a busy machine.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from tests.torture.tally import Tally

PROGRAM = str(Path(sys.executable).with_name("embedprep"))
MOST = 10
PRIME = 0x9E3779B97F4A7C15
_64_BITS = (1 << 64) - 1
_SIGNS = "“”‘’'`\"«»-_‐.,:/$&#"
_LETTERS = "ÖßŁİǅéñﬁﬃœÞŉΣςЁйआ가１²½५"


def _number(number: int) -> str:
    """Letters that differ for every number."""
    text = ""
    for _ in range(4):
        number, digit = divmod(number, 26)
        text += chr(ord("a") + digit)
    return text


def _mixed(length: int) -> Callable[[int, random.Random], str]:
    def token(number: int, chance: random.Random) -> str:
        return "".join(chance.choices(_SIGNS + _LETTERS + "aB1", k=length - 4)) + _number(number)

    return token


def _contractions(number: int, chance: random.Random) -> str:
    return "’".join(chance.choices(["I", "S", "ＤＯＮ", "t", "LL", "ＶＥ"], k=8)) + _number(number)


KINDS: dict[str, Callable[[int, random.Random], str]] = {
    "16 signs and letters": _mixed(16),
    "32 signs and letters": _mixed(32),
    "60 signs and letters": _mixed(60),
    "100 signs and letters": _mixed(100),
    "1,000 signs and letters": _mixed(1_000),
    "joints": lambda number, chance: "Ö-ß_Ł‐1" * 8 + _number(number),
    "apostrophes": _contractions,
    "quotes": lambda number, chance: f"“{_number(number).title()}-{_number(3 * number)}’s”",
    "digits": lambda number, chance: "1２٣४" * 7 + _number(number),
    "combining marks": lambda number, chance: "e" + "\u0301\u0323\u0327" * 30 + _number(number),
    "capitals": lambda number, chance: "aBcDeFgH" * 4 + _number(number),
    "one letter": lambda number, chance: "a" * (number % 97) + _number(number) + "a" * 20,
    "nearly the same": lambda number, chance: "abcdefghij" * 3 + _number(number),
    "numbers": lambda number, chance: f"{number},000.{number}-{number}/{number}:{number}",
}
QUICK = ("60 signs and letters", "combining marks")


def _colliding() -> Iterator[str]:
    """Tokens of 16 ASCII characters that have one lasting hash."""
    for number in range(1 << 40):
        first = f"{number:08x}"[::-1]  # so that all bits of the state change
        word = int.from_bytes(first.encode(), "little")
        state = (16 * PRIME ^ word) * PRIME & _64_BITS
        second = state ^ state >> 32 ^ 0x6161616161616161
        if not second & 0x8080808080808080:
            yield first + second.to_bytes(8, "little").decode()


def run(full: bool) -> Tally:
    """Each kind with and without the fallback rules; the quick part has few kinds and tokens."""
    tally = Tally("hostile")
    count, chance = (20_000 if full else 300), random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        (where / "v.txt").write_text("the 1 2\nword 3 4\nabcdefghij 5 6\n1,000 1 1\n")
        for name in KINDS if full else QUICK:
            token = KINDS[name]
            tokens = [token(number, chance) for number in range(count)]
            for options in ([], ["--fallback", "auto"], ["--fallback", "all"]):
                _compare(tally, where, name, tokens, options, timed=full)
        _compare(tally, where, "one hash", list(islice(_colliding(), count)), [], timed=full)
    return tally


def _compare(
    tally: Tally, where: Path, name: str, tokens: list[str], options: list[str], *, timed: bool
) -> None:
    plain = ["word" + _number(number) for number in range(len(tokens))]
    plain = [
        one.ljust(len(token.encode()), "x")[:60] for one, token in zip(plain, tokens, strict=True)
    ]
    seconds, kilobytes = _cost(where, plain, options)
    slow, large = _cost(where, tokens, options)
    tally.counts["vocabularies"] += 1
    what = " ".join([name, *options])
    if timed and slow > MOST * seconds:
        tally.broken.append(f"{what}: {slow:.1f} s of processor time instead of {seconds:.1f}")
    if large > MOST * kilobytes:
        tally.broken.append(f"{what}: {large} kB instead of {kilobytes}")


def _cost(where: Path, tokens: list[str], options: list[str]) -> tuple[float, int]:
    """Seconds of processor time and kilobytes of memory of a build."""
    (where / "vocab.json").write_text(json.dumps(tokens))
    arguments = ["build", "--vectors", "v.txt", "--vocab", "vocab.json", "-o", "o.npy", "-q"]
    with subprocess.Popen(
        [PROGRAM, *arguments, *options], cwd=where, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.returncode
    return used.ru_utime + used.ru_stime, used.ru_maxrss
