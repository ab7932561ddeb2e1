"""`embedprep doctor`."""

from __future__ import annotations

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE
from embedprep.cli.shared_options import (
    debug_option,
    member_option,
    options,
    storage_option,
    with_member,
)
from embedprep.cli.terminal import progress, show_table, write

_INTRO = """
Read a vector file and say what it is: its format, whether it is whole, the published file that it
looks like, damaged and repeated records, how its keys are written, and the command that builds with
it. Exit code 3 if a build would fail.

\b
Examples:
  embedprep doctor glove.840B.300d.zip
  embedprep doctor GoogleNews-vectors-negative300.bin --json
  embedprep doctor glove.6B.zip --member glove.6B.300d.txt
"""


@click.command(
    cls=Command, short_help="Say what a vector file is, and what is wrong with it.", help=_INTRO
)
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the examination as JSON.")
@options("vectors_format")
@member_option
@options("vectors_tokens", "trust_pickle", "threads")
@storage_option
@debug_option
def doctor(
    file: str,
    *,
    as_json: bool,
    vectors_format: str | None,
    member: str | None,
    vectors_tokens: str | None,
    trust_pickle: bool,
    threads: int | None,
    debug: bool,
) -> None:
    from embedprep.doctor import examine
    from embedprep.errors import InputError

    found = examine(
        with_member(file, member),
        vectors_format=vectors_format,
        vectors_tokens=vectors_tokens,
        trust_pickle=trust_pickle,
        threads=threads,
        progress=progress(),
    )
    if as_json:
        write(found.to_json())
    else:
        show_table(str(found))
    if found.problems:
        first, more = found.problems[0], len(found.problems) - 1
        raise InputError(
            first.reason + (f" (and {more} more above)" if more else ""),
            first.remedy,
            path=found.path,
            line=first.line,
            byte=first.byte,
        )
