"""`embedprep verify`."""

from __future__ import annotations

import click

_INTRO = """
\b
Examples:
  embedprep verify embeddings.npy
  embedprep verify embeddings.h5 --keras
  embedprep verify embeddings.npy --json

Check a matrix that build wrote: whether its rows are those that were built, bit for bit, and
whether its report tells the truth about them. Exit code 3 if anything is wrong.
"""


@click.command(short_help="Check a matrix against its report.", help=_INTRO, no_args_is_help=True)
@click.argument("matrix", type=click.Path())
@click.option(
    "--keras",
    is_flag=True,
    help="Also load it into a layer of the installed Keras, and compare every row.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def verify(matrix: str, keras: bool, as_json: bool, debug: bool) -> None:
    from embedprep import verification
    from embedprep.errors import InputError

    found = verification.verify(matrix, keras=keras)
    click.echo(found.to_json() if as_json else str(found), nl=not as_json)
    wrong = sum(not finding.ok for finding in found.findings)
    if wrong:
        raise InputError(
            f"{wrong} of {len(found.findings)} checks found something wrong",
            "Do not use it: build it again.",
            path=matrix,
        )
