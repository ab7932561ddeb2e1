"""What a build can be asked for, checked at the door."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

from embedprep import _platform
from embedprep.errors import UsageError, printable
from embedprep.matching import Policy
from embedprep.oov import STRATEGIES, Oov
from embedprep.vectors import split_member

DTYPES = {"float32": 3.4028234663852886e38, "float16": 65504.0}
"""The types of the matrix, and the largest value of each."""


Progress = Callable[[int | None], AbstractContextManager[Callable[[int], object]]]
"""Given the bytes to read (None: unknown), opens a display and gives what advances it."""


@dataclass(frozen=True)
class Options:
    """What changes the result; stands in the report. Named as on the command line."""

    oov: str = "uniform"
    oov_scale: float = 0.25
    seed: int = 0
    num_words: int | Literal["auto"] | None = None
    dtype: str = "float32"
    dim: int | None = None
    vectors_format: str | None = None
    vocab_format: str | None = None
    on_malformed: Literal["error", "skip"] = "error"
    on_duplicate: Literal["first", "last", "error"] = "first"

    def __post_init__(self) -> None:
        _one_of("oov", self.oov, tuple(STRATEGIES))
        _one_of("dtype", self.dtype, tuple(DTYPES))
        _one_of("on_malformed", self.on_malformed, ("error", "skip"))
        _one_of("on_duplicate", self.on_duplicate, ("first", "last", "error"))
        largest = DTYPES[self.dtype]
        if not 0 <= self.oov_scale <= largest:  # nan is neither
            raise _bad("oov_scale", self.oov_scale, f"a number from 0 to {largest:g}")
        if self.num_words != "auto":
            _at_least_1("num_words", self.num_words, "a whole number of at least 1, or auto")
        _at_least_1("dim", self.dim)
        if not isinstance(self.seed, int):
            raise _bad("seed", self.seed, "a whole number")

    def policy(self) -> Policy:
        return Policy(self.on_malformed, self.on_duplicate)

    def oov_rule(self) -> Oov:
        return Oov(self.oov, self.oov_scale, self.seed)


@dataclass(frozen=True)
class Job:
    """One build: what to read, where to write, and how."""

    vectors: str
    vocab: str | os.PathLike[str] | Sequence[str] | Mapping[str, Any]
    output: str | None
    report: str | None
    counts: str | None
    threads: int
    clobber: bool
    durable: bool
    options: Options
    progress: Progress

    def inputs(self) -> list[str]:
        """The files that are read."""
        vocab = [os.fspath(self.vocab)] if isinstance(self.vocab, (str, os.PathLike)) else []
        counts = [self.counts] if self.counts is not None else []
        return [split_member(self.vectors)[0], *vocab, *counts]


def checked_threads(threads: int | None) -> int:
    """The number of threads to use: all available cores unless the user says otherwise."""
    _at_least_1("threads", threads)
    return threads or _platform.available_cores()


def _one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise _bad(name, value, f"one of: {', '.join(choices)}")


def _at_least_1(name: str, value: object, expected: str = "a whole number of at least 1") -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _bad(name, value, expected)


def _bad(name: str, value: Any, expected: str) -> UsageError:
    option = "--" + name.replace("_", "-")
    return UsageError(f"{option} cannot be '{printable(str(value))}'", f"Give {expected}.")
