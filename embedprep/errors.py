"""Every error a user can cause: data first, prose once, one exit code each.

An error says what is wrong (`reason`), where (`path`, `line`, `byte`, `token`) and what to do
about it (`remedy`). The command line prints it as one paragraph and exits with `exit_code`;
library users read the fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from embedprep.addresses import without_secrets

_LONGEST = 200
"""The characters of a token that a message shows."""


def printable(text: str) -> str:
    """`text` with everything a terminal could act on, or not show, written as an escape.

    Tokens come from files of strangers: an escape sequence or a line break inside one must
    never reach the terminal raw.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_lines(lines: Iterable[str]) -> str:
    """Join `lines` for a terminal, each as `printable` writes it: nothing within one breaks it.

    All text output goes through here: tables, errors and notes.
    """
    return "\n".join(map(printable, lines))


def system_reason(error: OSError) -> str:
    """The system's reason for a failed call, worded to stand inside a sentence."""
    return (error.strerror or str(error)).lower()


@dataclass(eq=False)
class EmbedprepError(Exception):
    """Base of all errors that embedprep raises on purpose.

    `line` counts from 1 as editors do, `byte` from 0 as `dd` and `pread` do.
    """

    reason: str
    remedy: str
    path: str | None = None
    line: int | None = None
    byte: int | None = None
    token: str | None = None

    exit_code: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.path is not None:
            self.path = without_secrets(self.path)
        # Exception.__reduce__ rebuilds an error from `args`; a cluster worker sends errors home.
        self.args = (self.reason, self.remedy, self.path, self.line, self.byte, self.token)

    def __str__(self) -> str:
        place = []
        if self.path is not None:
            place.append(self.path)
        if self.line is not None:
            place.append(f"line {self.line}")
        elif self.byte is not None:
            place.append(f"byte {self.byte}")
        if self.token is not None:
            token = self.token if len(self.token) <= _LONGEST else f"{self.token[:_LONGEST]}…"
            place.append(f"token '{token}'")
        head = ", ".join(place) + ": " if place else ""
        return printable_lines([f"{head}{self.reason}", *f"  {self.remedy}".split("\n")])


class UsageError(EmbedprepError):
    """The request itself makes no sense: an option out of range, or two that exclude each other."""

    exit_code = 2


class InputError(EmbedprepError):
    """An input file is missing, damaged or not what it was said to be."""

    exit_code = 3


def unreadable(path: str, error: OSError, byte: int | None = None) -> InputError:
    """The error for a file that cannot be opened, or cannot be read at `byte`."""
    return InputError(
        f"cannot read it: {system_reason(error)}",
        "Check the path, its permissions and the disk it is on.",
        path=path,
        byte=byte,
    )


class CoverageError(EmbedprepError):
    """The matrix was built, and its coverage is below what the user demanded."""

    exit_code = 4


class OutputError(EmbedprepError):
    """The result could not be written: place, permission or space."""

    exit_code = 5
