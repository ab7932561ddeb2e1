"""The kinds of arguments that public functions share, and how each is checked.

The functions `read_…` take the name of an argument and what a user gave, and return it as the
program has it. They raise UsageError.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Union

from embedprep import _platform
from embedprep.errors import UsageError, did_you_mean, printable

if TYPE_CHECKING:
    from embedprep.vocabulary import Vocabulary

Vocab = Union[str, os.PathLike[str], Sequence[str], Mapping[str, Any], "Vocabulary"]
"""A tokenizer's file, what may stand in one, or a vocabulary that was read."""

OnMalformed = Literal["error", "skip"]


def read_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise bad_value(name, value, "a text")
    return value


def read_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise bad_value(name, value, "True or False")
    return value


def read_file(name: str, value: Any) -> str:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str):
        raise bad_value(name, value, "the name of a file")
    from embedprep.sources.paths import local_path  # help needs no files

    return local_path(value)


def read_vocab(name: str, value: Any) -> Any:
    """A file, or the vocabulary itself."""
    return read_file(name, value) if isinstance(value, (str, os.PathLike)) else value


def vocab_file(vocab: Vocab | None) -> str | None:
    """Return the file or folder of a vocabulary; None if it is in memory."""
    return os.fspath(vocab) if isinstance(vocab, (str, os.PathLike)) else None


def read_files(name: str, value: Any) -> tuple[str, ...]:
    """Read one file or several."""
    files = [value] if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(files, Iterable):
        raise bad_value(name, value, "the name of a file, or several")
    return tuple(read_file(name, path) for path in files)


def read_texts(name: str, value: Any) -> tuple[str, ...]:
    """Read one text or several."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, Iterable):
        raise bad_value(name, value, "a text, or several")
    return tuple(read_text(name, text) for text in texts)


def read_names(name: str, value: Any) -> tuple[str, ...]:
    """Read names in a list, joined by commas, or both."""
    listed = [value] if isinstance(value, str) else value
    expected = "names, as a list or joined by commas"
    if not isinstance(listed, Iterable):
        raise bad_value(name, value, expected)
    parts = [str(part) for part in listed]
    names = tuple(filter(None, (one.strip() for part in parts for one in part.split(","))))
    if parts and not names:  # a variable of the shell that is not set
        raise bad_value(name, ",".join(parts), expected)
    return names


def read_whole(name: str, value: Any, *, least: int | None = None, other: str = "") -> int:
    """Read a whole number of at least `least`; `other` names another value that is allowed."""
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or (least is not None and value < least)
    ):
        more = "" if least is None else f" of at least {least}"
        raise bad_value(name, value, f"a whole number{more}{other}")
    return value


def read_whole_or_auto(name: str, value: Any) -> int | str:
    if isinstance(value, str) and value == "auto":
        return value
    return read_whole(name, value, least=1, other=", or auto")


def read_number(name: str, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise bad_value(name, value, "a number")
    return value


def read_number_or_match(name: str, value: Any) -> float | str:
    if isinstance(value, str) and value == "match":
        return value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise bad_value(name, value, "a number, or match")
    return value


def checked_threads(threads: int | None) -> int:
    """Return the number of threads: one per available core, unless the user gives another."""
    if threads is None:
        return _platform.available_cores()
    return read_whole("threads", threads, least=1)


def one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise unless `value`, given as the option `name`, is one of `choices`."""
    if value not in choices:
        expected = f"one of: {', '.join(choices)}"
        raise bad_value(name, value, expected, did_you_mean(str(value), choices))


def bad_value(name: str, value: Any, expected: str, hint: str = "") -> UsageError:
    option = "--" + name.replace("_", "-")
    return UsageError(f"{option} cannot be '{printable(str(value))}'{hint}", f"Give {expected}.")
