"""`embedprep inspect`."""

from __future__ import annotations

import click

_INTRO = """
\b
Examples:
  embedprep inspect embeddings.npy
  embedprep inspect embeddings.coverage.json --missing 100 | head

Show the coverage of a matrix that build wrote, or of its report.
"""


@click.command(
    short_help="Show the coverage of a matrix or report.", help=_INTRO, no_args_is_help=True
)
@click.argument("path", type=click.Path())
@click.option(
    "--missing",
    type=click.IntRange(min=1),
    metavar="N",
    help="Print only the N most frequent missing tokens, one a line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def inspect(path: str, missing: int | None, as_json: bool, debug: bool) -> None:
    from embedprep.errors import UsageError, printable
    from embedprep.stored_report import read

    if missing is not None and as_json:
        raise UsageError("--missing and --json exclude each other", "The JSON has them all.")
    coverage = read(path)
    if missing is not None:
        for entry in coverage.counts.missing[:missing]:
            click.echo(printable(entry.token))
        _tell_of_more(
            coverage.counts.types.total - coverage.counts.types.found,
            missing,
            len(coverage.counts.missing),
        )
    elif as_json:
        click.echo(coverage.to_json(), nl=False)
    else:
        click.echo(str(coverage))


def _tell_of_more(total: int, wanted: int, listed: int) -> None:
    if min(total, wanted) > listed:
        click.echo(
            f"embedprep: note: the report names the {listed:,} most frequent of {total:,}", err=True
        )
