"""The command that builds a report's matrix again with other fallback rules: a line for the
shell.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from embedprep.coverage import Coverage
from embedprep.errors import printable
from embedprep.options import Options, as_typed, table


def fallback_option(fallback: str) -> str:
    """Return the option alone, to be pasted into a shell."""
    return shlex.join(["--fallback", printable(fallback)])


def build_command(coverage: Coverage, fallback: str) -> str | None:
    """Return the whole command; None if an input has no name that can be shown.

    `fallback` is what to write after `--fallback`.
    """
    paths = [info.path for info in coverage.vectors]
    text = coverage.vocabulary.text
    paths_of_text = [] if text is None else list(text.files)
    if coverage.vocabulary.path is None or coverage.matrix.path is None:
        return None
    if "-" in (*paths, *paths_of_text):
        return None
    words = ["embedprep", "build"]
    for path in paths:
        words += ["--vectors", path]
    words += ["--vocab", coverage.vocabulary.path, "-o", coverage.matrix.path]
    vocabulary = coverage.vocabulary
    for option, file in (("--counts", vocabulary.counts), ("--words", vocabulary.words)):
        words += [] if file is None else [option, file]
    for file in paths_of_text:
        words += ["--text", file]
    # Only the options of a report: one of a stranger may name others, such as --trust-pickle. Rules
    # that are named need no least gain.
    known = {name for name, _, _ in table(Options)}
    known -= {"fallback"} if fallback == "auto" else {"fallback", "min_gain"}
    words += as_typed({name: one for name, one in coverage.options.items() if name in known})
    words += ["--fallback", fallback]
    return _joined(words)


def inspect_command(coverage: Coverage) -> str | None:
    """Return the command that makes the page of the matrix; None if it has no such name."""
    path = coverage.matrix.path
    return None if path is None else _joined(["embedprep", "inspect", path, "--html", "FILE"])


def _joined(words: Sequence[str]) -> str | None:
    return shlex.join(words) if all(word.isprintable() for word in words) else None
