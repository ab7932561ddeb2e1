"""The options that say how to build and what to show of it, which `build` and `update` share."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

fail_under_option = click.option(
    "--fail-under",
    type=click.FloatRange(0, 1),
    metavar="RATIO",
    help="Exit 4 if fewer types are found, e.g. 0.9; the matrix is still written.",
)

_WRITING = (
    click.option("--no-clobber", is_flag=True, help="Keep an existing output and fail."),
    click.option("--no-sync", is_flag=True, help="Do not wait until the data is on the disk."),
    click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Also print how long each stage took."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error."),
)


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What is written, and what is printed, of a matrix and its report."""
    return reduce(lambda decorated, option: option(decorated), reversed(_WRITING), command)


def check_coverage(ratio: float, least: float | None, output: str) -> None:
    """Raise CoverageError if fewer types are found than `--fail-under` asks for."""
    if least is None or ratio >= least:
        return
    from embedprep.errors import CoverageError
    from embedprep.report.wording import percent

    raise CoverageError(
        f"{percent(ratio)} of the types have a vector, --fail-under asks for {percent(least)}",
        "The matrix is written. Try vectors with more words, or see: embedprep inspect "
        f"{output} --missing 100",
    )


vectors_format_option = click.option(
    "--vectors-format",
    metavar="NAME",
    help="Should detection go astray; a wrong name lists the right ones.",
)


member_option = click.option(
    "--member", metavar="NAME", help="Of an archive of several files, the one to read."
)


vectors_tokens_option = click.option(
    "--vectors-tokens",
    type=click.Path(),
    metavar="FILE",
    help="The keys of a .npy or .safetensors; by default looked for beside it.",
)


trust_pickle_option = click.option(
    "--trust-pickle", is_flag=True, help="Read gensim's own files, which can run any code."
)


threads_option = click.option("--threads", type=int, metavar="N", help="[default: one a core]")


def with_member(path: str, member: str | None) -> str:
    """`path`, or what names the `member` of the archive at `path`."""
    return path if member is None else f"{path}::{member}"
