"""`embedprep diff`."""

from __future__ import annotations

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE, count
from embedprep.cli.shared_options import debug_option
from embedprep.cli.terminal import show_table, write

_INTRO = """
Compare two matrices that build wrote, token by token: tokens that were added, removed or moved to
another row, vectors that changed and why, the coverage before and after, and the inputs and options
that differ. The exit code is 0 whether they differ or not.

\b
Examples:
  embedprep diff before.npy after.npy
  embedprep diff old.h5 new.npy -n 20
  embedprep diff before.npy after.npy --json
"""


@click.command(cls=Command, short_help="Compare two matrices.", help=_INTRO)
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@click.option(
    "-n",
    "--examples",
    default=5,
    show_default=True,
    type=count("examples"),
    metavar="N",
    help="Show N tokens of each sort.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with up to 1,000 of each.")
@debug_option
def diff(before: str, after: str, *, examples: int, as_json: bool, debug: bool) -> None:
    from embedprep.diff import compare
    from embedprep.diff.table import table

    found = compare(before, after)
    if as_json:
        write(found.to_json())
    else:
        show_table(table(found, examples))
