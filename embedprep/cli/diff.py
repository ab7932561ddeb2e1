"""`embedprep diff`."""

from __future__ import annotations

import click

from embedprep.cli.shared_options import debug_option

_INTRO = """
\b
Examples:
  embedprep diff before.npy after.npy
  embedprep diff old.h5 new.npy -n 20
  embedprep diff before.npy after.npy --json

Compare two matrices that build wrote, token by token: which tokens came, went or moved to another
row, which have another vector and why, what became of the coverage, and which inputs and options
differ. Exit code 0 whether they differ or not.
"""


@click.command(short_help="Compare two matrices.", help=_INTRO, no_args_is_help=True)
@click.argument("before", type=click.Path())
@click.argument("after", type=click.Path())
@click.option(
    "-n",
    "--examples",
    default=5,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="N",
    help="How many tokens of each sort to show.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with up to 1,000 of each.")
@debug_option
def diff(before: str, after: str, *, examples: int, as_json: bool, debug: bool) -> None:
    from embedprep.diff import compare
    from embedprep.diff.table import table

    found = compare(before, after)
    if as_json:
        click.echo(found.to_json(), nl=False)
    else:
        click.echo(table(found, examples))
