"""`embedprep inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE, positive
from embedprep.cli.shared_options import (
    check_coverage,
    debug_option,
    fail_under_option,
    json_option,
    option,
)
from embedprep.cli.terminal import show, show_log, show_table, write

if TYPE_CHECKING:
    from embedprep.report import CoverageReport

_INTRO = """
Show the coverage of a matrix that build wrote, or of its report.

\b
Examples:
  embedprep inspect embeddings.npy
  embedprep inspect embeddings.coverage.json --missing 100 | head
  embedprep inspect embeddings.npy --html coverage.html
  embedprep inspect embeddings.coverage.json --fail-under 0.9
"""


@click.command(cls=Command, short_help="Show the coverage of a matrix or report.", help=_INTRO)
@click.argument("path", type=FILE)
@click.option(
    "--missing",
    type=positive("missing"),
    metavar="N",
    help="Print only the N most frequent tokens without a vector, one a line.",
)
@json_option
@option(
    "html",
    help="Write the report to FILE instead, as one HTML page. If you name a matrix, the page also "
    "shows the norms of its rows and the neighbours of some words.",
)
@fail_under_option
@debug_option
def inspect(
    path: str,
    *,
    missing: int | None,
    as_json: bool,
    html: str | None,
    fail_under: Any,
    debug: bool,
) -> None:
    show_log(quiet=False)
    from embedprep.errors import UsageError, printable
    from embedprep.matrix.stored_report import read_report

    if missing is not None and as_json:
        raise UsageError(
            "--missing and --json exclude each other", "The JSON lists them, up to 1,000."
        )
    if html is not None and (missing is not None or as_json):
        raise UsageError("--html goes with neither --missing nor --json", "Ask for one at a time.")
    coverage = read_report(path) if html is None else _write_page(path, html)
    if missing is not None:
        write("".join(f"{printable(one.token)}\n" for one in coverage.counts.missing[:missing]))
        _tell_of_more(
            coverage.counts.vocabulary.total - coverage.counts.vocabulary.found,
            missing,
            len(coverage.counts.missing),
        )
    elif as_json:
        write(coverage.to_json())
    elif html is None:
        show_table(str(coverage))
    check_coverage(coverage.counts, fail_under, path)


def _write_page(path: str, html: str) -> CoverageReport:
    from embedprep.building.destination import check_page_name
    from embedprep.containers.publication import Publication, refuse_inputs
    from embedprep.matrix.stored_report import read_report_and_matrix
    from embedprep.report.html import render

    check_page_name(html)
    refuse_inputs([html], [path])
    coverage, matrix = read_report_and_matrix(path)
    page = render(coverage, matrix)
    with Publication([html]) as publication:
        publication.files[html].write(page.encode())
        publication.publish()
    return coverage


def _tell_of_more(total: int, wanted: int, listed: int) -> None:
    if min(total, wanted) > listed:
        show(
            f"embedprep: note: the report names the {listed:,} most frequent of {total:,}", err=True
        )
