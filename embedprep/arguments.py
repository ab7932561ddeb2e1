"""The kinds of arguments that several public functions share, and how each is checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

from embedprep import _platform
from embedprep.errors import UsageError, printable
from embedprep.vocabulary import Vocabulary

Vocab = str | os.PathLike[str] | Sequence[str] | Mapping[str, Any] | Vocabulary
"""A tokenizer's file, what may stand in one, or a vocabulary that was read."""

Progress = Callable[[int | None], AbstractContextManager[Callable[[int], object]]]
"""Given the bytes to read (None: unknown), opens a display and gives what advances it."""

OnMalformed = Literal["error", "skip"]


def file_names(given: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> tuple[str, ...]:
    """One file or several, as a job has them."""
    files = [given] if isinstance(given, (str, os.PathLike)) else given
    return tuple(os.fspath(path) for path in files)


def checked_threads(threads: int | None) -> int:
    """The number of threads to use: all available cores unless the user says otherwise."""
    at_least_1("threads", threads)
    return threads or _platform.available_cores()


def one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise unless `value`, given as the option `name`, is one of `choices`."""
    if value not in choices:
        raise bad_value(name, value, f"one of: {', '.join(choices)}")


def at_least_1(name: str, value: object, expected: str = "a whole number of at least 1") -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise bad_value(name, value, expected)


def bad_value(name: str, value: Any, expected: str) -> UsageError:
    option = "--" + name.replace("_", "-")
    return UsageError(f"{option} cannot be '{printable(str(value))}'", f"Give {expected}.")
