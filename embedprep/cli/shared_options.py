"""The options that say how to build and what to show of it, which `build` and `update` share."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from embedprep.coverage import Counts
    from embedprep.coverage.threshold import Threshold


def _coverage(context: Any, option: Any, given: str | None) -> Threshold | None:
    """What `--fail-under` asks for."""
    from embedprep.coverage.threshold import parse
    from embedprep.errors import UsageError

    try:
        return None if given is None else parse(given)
    except UsageError as error:
        raise click.BadParameter(f"{error.reason}. {error.remedy}", context, option) from None


fail_under_option = click.option(
    "--fail-under",
    callback=_coverage,
    metavar="[text=]RATIO",
    help="Exit 4 if less is found: 0.9 of the vocabulary, or text=0.98 of your text, or both, "
    "joined by a comma. The matrix is still written.",
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


def check_coverage(counts: Counts, least: Threshold | None, output: str) -> None:
    """Raise CoverageError if less is found than `--fail-under` asks for."""
    from embedprep.coverage.threshold import short_of

    short = None if least is None else short_of(counts, least)
    if short is None:
        return
    from embedprep.errors import CoverageError
    from embedprep.report.wording import percent

    if short.found is None:
        raise CoverageError(
            "how much of your text has a vector is not known, and --fail-under asks for it: there "
            "are no counts of the tokens",
            "The matrix is written. Give the counts: --counts FILE.",
        )
    what = {"vocabulary": "of the types have a vector", "text": "of your text has a vector"}
    raise CoverageError(
        f"{percent(short.found)} {what[short.of]}, --fail-under asks for {percent(short.least)}",
        "The matrix is written. Try vectors with more words, or see: embedprep inspect "
        f"{shlex.quote(output)} --missing 100",
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
