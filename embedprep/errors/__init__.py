"""Every error a user can cause: data first, prose once, one exit code each.

In: what is wrong, and where.
Out: an exception; the address in it has lost its secrets.
May import: nothing.

An error says what is wrong (`reason`), where (`path`, `line`, `byte`, `token`) and what to do
about it (`remedy`). The command line prints it as one paragraph and exits with `exit_code`;
library users read the fields.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from embedprep import __version__
from embedprep.errors.addresses import without_secrets

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


def quoted(path: str) -> str:
    """`path` as a word of a command that can be pasted into a shell."""
    return shlex.quote(printable(path))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about `word`: the name in `known` that looks like it, or nothing."""
    from difflib import get_close_matches

    alike = get_close_matches(word, list(known), n=1)
    return f"; did you mean {printable(alike[0])}?" if alike else ""


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
    option: str | None = field(default=None, init=False)
    """The option of the command line that named `path`."""

    exit_code: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.path is not None:
            self.path = without_secrets(self.path)
        # Exception.__reduce__ rebuilds an error from `args`; a cluster worker sends errors home.
        self.args = (self.reason, self.remedy, self.path, self.line, self.byte, self.token)

    def __str__(self) -> str:
        place = []
        if self.path is not None:
            named = (
                f" ({self.option})" if self.option and (self.line, self.byte) == (None,) * 2 else ""
            )
            place.append(self.path + named)
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
    if isinstance(error, FileNotFoundError):
        return _absent(path)
    if isinstance(error, IsADirectoryError):
        return InputError("this is a directory", "Name the file in it.", path=path, byte=byte)
    return InputError(
        f"cannot read it: {system_reason(error)}",
        "Check the path, its permissions and the disk it is on.",
        path=path,
        byte=byte,
    )


_MOST_NAMES = 10_000
"""The names of a folder among which one like a missing file is looked for."""


def _absent(path: str) -> InputError:
    """The error for a file that is not there, with the name in its folder that looks like it."""
    folder, name = os.path.split(path)
    if folder and not os.path.isdir(folder):
        remedy = f"There is no folder {printable(folder)}: check the spelling."
        return InputError("no such file", remedy, path=path)
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry, _ in zip(entries, range(_MOST_NAMES), strict=False)]
    except OSError:
        names = []
    where = printable(folder) if folder else "the current folder"
    return InputError(
        "no such file" + did_you_mean(name, names),
        f"Check the spelling; embedprep looks for it in {where}.",
        path=path,
    )


def of_later_version(what: str, layout: str, readable: str, version: object) -> InputError:
    """The error for a file that a later version wrote, which its text calls `version`.

    `layout` is that of the file, and `readable` the latest that this version reads.
    """
    wrote = version if isinstance(version, str) and _VERSION.fullmatch(version) else None
    return InputError(
        f"{what} that {f'embedprep {wrote}' if wrote else 'a later version of embedprep'} wrote, "
        f"with the layout {layout}: this is embedprep {__version__}, which reads {readable}",
        f"Read it with that version or a later one: pip install --upgrade "
        f"'embedprep{f'>={wrote}' if wrote else ''}'",
    )


_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,40}")


class CoverageError(EmbedprepError):
    """The matrix was built, and its coverage is below what the user demanded."""

    exit_code = 4


class OutputError(EmbedprepError):
    """The result could not be written: place, permission or space."""

    exit_code = 5
