"""`embedprep build`."""

from __future__ import annotations

from typing import Any

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE, Grouped
from embedprep.cli.shared_options import (
    build_options,
    check_coverage,
    fail_under_option,
    member_option,
    printing_options,
    values,
    with_member,
)
from embedprep.cli.terminal import progress, show_log, show_table, write
from embedprep.options.kinds import INPUTS

DEFAULT_OUTPUT = "embeddings.npy"

_OF_A_VOCABULARY = ("vocab", "output", "report", "html", "counts")
"""The options that are given once for each vocabulary."""
_FIRST = ("vectors", "vocab", "output", "text", "counts", "fallback", "html")
"""The everyday options, in the order of the help."""

_INTRO = """
Make the matrix whose row i is the vector of token id i, write it with a coverage report beside
it, and show the report.

\b
Examples:
  embedprep build --vectors glove.6B.300d.txt --vocab tokenizer.json
  embedprep build --vectors wiki.vec --vocab vocab.txt -o wiki.h5 --oov normal
  embedprep build --vectors own.vec --vectors cc.de.300.bin --vocab vocab.json
  embedprep build --vectors glove.6B.zip::glove.6B.50d.txt --vocab vocab.json
  embedprep build --jobs jobs.toml
"""


@click.command(cls=Command, short_help="Make the matrix and measure its coverage.", help=_INTRO)
@build_options(first=_FIRST, repeated=_OF_A_VOCABULARY)
@click.option(
    "--jobs",
    cls=Grouped,
    group=INPUTS,
    type=FILE,
    metavar="FILE",
    help="Run the builds that FILE lists, in TOML, with their options.",
)
@member_option
@fail_under_option
@printing_options
def build(
    *,
    jobs: str | None,
    member: str | None,
    fail_under: Any,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    debug: bool,
    **given: Any,
) -> None:
    show_log(quiet=quiet, verbose=verbose)
    from embedprep.building.batch import run_all
    from embedprep.building.job import Job

    asked = values(given)
    builds = _in_file(jobs, asked) if jobs is not None else _on_command_line(asked, member)
    made = run_all([Job.of({**one, "progress": progress(quiet=quiet)}) for one in builds])
    coverages = [coverage for _, coverage in made]
    if as_json:
        reports = ",\n".join(coverage.to_json() for coverage in coverages)
        write(reports if jobs is None and len(builds) == 1 else f"[\n{reports}]\n")
    elif not quiet:
        show_table("\n\n".join(map(str, coverages)))
    for coverage, one in zip(coverages, builds, strict=True):
        check_coverage(coverage.counts, fail_under, coverage.matrix.path or one["output"])


def _on_command_line(asked: dict[str, Any], member: str | None) -> list[dict[str, Any]]:
    """Return the arguments of each build: one build per vocabulary."""
    from embedprep.errors import UsageError

    for name in ("vectors", "vocab"):
        if not asked[name]:
            raise UsageError(
                f"--{name} is missing",
                "Give --vectors FILE and --vocab FILE, or --jobs FILE for several builds.",
            )
    vectors, vocab = asked["vectors"], asked["vocab"]
    if member is not None:
        if len(vectors) > 1:
            raise UsageError(
                "--member does not say which of several --vectors it belongs to",
                "Name it with its archive: --vectors ARCHIVE::MEMBER",
            )
        vectors = (with_member(vectors[0], member),)
    own = {name: asked.pop(name) for name in _OF_A_VOCABULARY}
    if not own["output"] and len(vocab) == 1:
        own["output"] = (DEFAULT_OUTPUT,)
    for name, given in own.items():
        if len(given) != len(vocab) and (given or name == "output"):
            raise UsageError(
                f"--vocab is given {_times(len(vocab))}, and --{name} {_times(len(given))}",
                f"Give one --{name} for each --vocab, in the same order"
                + ("." if name == "output" else ", or none."),
            )
    return [
        {**asked, "vectors": vectors, **{name: one[number] for name, one in own.items() if one}}
        for number in range(len(vocab))
    ]


_BESIDE_JOBS = {
    "threads": "threads",
    "index": "index",
    "no_clobber": "clobber",
    "no_sync": "durable",
    "trust_pickle": "trust_pickle",
    "scheduler": "scheduler",
}
"""The parameters that may accompany a file of builds, with their options: those that do not belong
to one build, and those that no file may contain.
"""
_OF_NO_BUILD = ("jobs", "fail_under", "as_json", "quiet", "verbose", "debug")


def _in_file(jobs: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the arguments of the builds in the file `jobs`, and of the command line."""
    from embedprep.cli.jobs_file import read_jobs
    from embedprep.errors import UsageError

    context, default = click.get_current_context(), click.core.ParameterSource.DEFAULT
    given = [name for name in context.params if context.get_parameter_source(name) is not default]
    for param in context.command.params:
        if param.name in given and param.name not in (*_BESIDE_JOBS, *_OF_NO_BUILD):
            raise UsageError(
                f"{param.opts[-1]} is of one build, and --jobs names several",
                "Write it into the file: at its top for all builds, or in a [[build]].",
                path=jobs,
            )
    more = {name: asked[name] for param, name in _BESIDE_JOBS.items() if param in given}
    return [{**build, **more} for build in read_jobs(jobs)]


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")
