"""`embedprep inspect`."""

from __future__ import annotations

import click

from embedprep.cli.shared_options import debug_option, json_option, option

_INTRO = """
\b
Examples:
  embedprep inspect embeddings.npy
  embedprep inspect embeddings.coverage.json --missing 100 | head
  embedprep inspect embeddings.npy --html coverage.html

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
    help="Print only the N most frequent tokens without a vector, one a line.",
)
@json_option
@option(
    "html",
    help="Write the report to FILE instead, as one HTML page. If you name a matrix, the page also "
    "shows the norms of its rows and the neighbours of some words.",
)
@debug_option
def inspect(path: str, missing: int | None, as_json: bool, html: str | None, debug: bool) -> None:
    from embedprep.errors import UsageError, printable
    from embedprep.matrix.stored_report import read_report

    if missing is not None and as_json:
        raise UsageError(
            "--missing and --json exclude each other", "The JSON lists them, up to 1,000."
        )
    if html is not None and (missing is not None or as_json):
        raise UsageError("--html goes with neither --missing nor --json", "Ask for one at a time.")
    if html is not None:
        _write_page(path, html)
        return
    coverage = read_report(path)
    if missing is not None:
        for entry in coverage.counts.missing[:missing]:
            click.echo(printable(entry.token))
        _tell_of_more(
            coverage.counts.vocabulary.total - coverage.counts.vocabulary.found,
            missing,
            len(coverage.counts.missing),
        )
    elif as_json:
        click.echo(coverage.to_json(), nl=False)
    else:
        click.echo(str(coverage))


def _write_page(path: str, html: str) -> None:
    from embedprep.building.destination import check_page_name
    from embedprep.containers.publication import Publication, refuse_inputs
    from embedprep.matrix.stored_report import read_report_and_matrix
    from embedprep.report.html import render

    check_page_name(html)
    refuse_inputs([html], [path])
    page = render(*read_report_and_matrix(path))
    with Publication([html]) as publication:
        publication.files[html].write(page.encode())
        publication.publish()


def _tell_of_more(total: int, wanted: int, listed: int) -> None:
    if min(total, wanted) > listed:
        click.echo(
            f"embedprep: note: the report names the {listed:,} most frequent of {total:,}", err=True
        )
