"""`embedprep build`."""

from __future__ import annotations

import gc
from typing import Any

import click

from embedprep.cli.shared_options import (
    check_coverage,
    fail_under_option,
    member_option,
    output_options,
    threads_option,
    trust_pickle_option,
    vectors_format_option,
    vectors_tokens_option,
    with_member,
)
from embedprep.cli.terminal import progress_bar, show_log

DEFAULT_OUTPUT = "embeddings.npy"

_PATH = click.Path()

_INTRO = """
\b
Examples:
  embedprep build --vectors glove.6B.300d.txt --vocab tokenizer.json
  embedprep build --vectors wiki.en.vec --vocab vocab.txt -o wiki.h5 --oov normal
  embedprep build --vectors domain.vec --vectors cc.de.300.bin --vocab vocab.json
  embedprep build --vectors glove.6B.zip::glove.6B.50d.txt --vocab vocab.json.gz
  embedprep build --vectors glove.txt --vocab a.json -o a.npy --vocab b.json -o b.npy

Make the matrix whose row i is the vector of token id i, write it with a coverage report beside
it, and show the report.
"""


def _whole_number_or_auto(value: str) -> int | str:
    if value == "auto":
        return value
    try:
        return int(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is neither a whole number nor 'auto'.") from None


@click.command(
    short_help="Make the matrix and measure its coverage.", help=_INTRO, no_args_is_help=True
)
@click.option(
    "--vectors",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="Text, word2vec or fastText .bin, .npy, .safetensors, a model folder, …, compressed or "
    "not; ARCHIVE::MEMBER; an address; - for standard input. Again: fills what is left.",
)
@click.option(
    "--vocab",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="The tokenizer's vocabulary; its format is recognised. Again, each with its own -o: the "
    "vectors are read once for all.",
)
@click.option(
    "-o",
    "--output",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help=f"The matrix: .npy, .h5, .hdf5 or .safetensors.  [default: {DEFAULT_OUTPUT}]",
)
@click.option(
    "--jobs",
    type=_PATH,
    metavar="FILE",
    help="The builds that a TOML file lists, with their options.",
)
@click.option(
    "--report",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="The coverage as JSON.  [default: beside the output, .coverage.json]",
)
@click.option(
    "--html",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="The coverage as one HTML page.",
)
@click.option(
    "--counts",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="Token frequencies: a JSON map, or lines token<TAB>count.",
)
@click.option(
    "--fallback",
    multiple=True,
    metavar="RULE,…",
    help="Other forms of a token to look for, in this order; all; or auto, which reads the vectors "
    "twice. The report says which rules would help.",
)
@click.option(
    "--min-gain",
    default=0.001,
    show_default=True,
    type=float,
    metavar="X",
    help="The share of the text that makes a rule worth recommending, and auto use it.",
)
@click.option(
    "--match-pieces",
    is_flag=True,
    help="Give pieces from inside a word the vector of the word spelt the same.",
)
@click.option(
    "--pieces",
    default="none",
    show_default=True,
    metavar="HOW",
    help="Pieces without a vector: none, or mean of those of the --words that contain them.",
)
@click.option(
    "--words",
    type=_PATH,
    metavar="FILE",
    help="Word frequencies for --pieces mean: a JSON map, or lines word<TAB>count.",
)
@click.option(
    "--oov",
    default="uniform",
    show_default=True,
    metavar="RULE",
    help="Rows of tokens without a vector: zeros, uniform, normal, mean.",
)
@click.option(
    "--oov-scale",
    default=0.25,
    show_default=True,
    type=float,
    metavar="X",
    help="Bound of --oov uniform.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=int,
    metavar="N",
    help="For the random rows; each depends on seed and token alone.",
)
@click.option(
    "--num-words",
    type=_whole_number_or_auto,
    metavar="N|auto",
    help="Keep the ids below N; auto: what the Keras tokenizer was made with.",
)
@click.option(
    "--dtype", default="float32", show_default=True, metavar="TYPE", help="float32 or float16."
)
@click.option(
    "--combine",
    default="fill",
    show_default=True,
    metavar="HOW",
    help="Several --vectors: fill what those before left, or concat their dimensions.",
)
@click.option(
    "--no-subwords",
    is_flag=True,
    help="Leave words that a fastText .bin does not know to --oov.",
)
@threads_option
@click.option("--dim", type=int, metavar="N", help="Refuse vectors of another dimension.")
@vectors_format_option
@click.option("--vocab-format", metavar="NAME", help="Likewise.")
@member_option
@vectors_tokens_option
@trust_pickle_option
@click.option(
    "--on-malformed",
    default="error",
    show_default=True,
    metavar="WHAT",
    help="Records of wrong width or without numbers: error or skip.",
)
@click.option(
    "--on-duplicate",
    default="first",
    show_default=True,
    metavar="WHICH",
    help="Records of one key: first, last or error.",
)
@fail_under_option
@click.option(
    "--index/--no-index",
    default=None,
    help="Write an index of the vectors, with which later builds read only what they want; or use "
    "none. [default: use one that is there]",
)
@click.option(
    "--engine",
    default="local",
    show_default=True,
    metavar="NAME",
    help="What reads the vectors: local, or dask, the workers of a cluster.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Of the cluster, or the file that has it.  [default: processes on this machine]",
)
@output_options
def build(
    *,
    jobs: str | None,
    fail_under: Any,
    no_clobber: bool,
    no_sync: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    debug: bool,
    **options: Any,
) -> None:
    show_log(quiet=quiet, verbose=verbose)
    # A vocabulary is a million small objects without cycles: the collector would only walk them,
    # over and over, for a third of the time that reading it takes.
    gc.disable()
    from embedprep import api

    builds = _in_file(jobs) if jobs is not None else _on_command_line(**options)
    published = {"clobber": not no_clobber, "durable": not no_sync}
    made = api.build_all([{**one, **published} for one in builds], progress=progress_bar)
    coverages = [coverage for _, coverage in made]
    if as_json:
        reports = ",\n".join(coverage.to_json() for coverage in coverages)
        click.echo(reports if jobs is None and len(builds) == 1 else f"[\n{reports}]\n", nl=False)
    elif not quiet:
        click.echo("\n\n".join(map(str, coverages)))
    for coverage, one in zip(coverages, builds, strict=True):
        check_coverage(coverage.counts, fail_under, one["output"])


def _on_command_line(
    *,
    vectors: tuple[str, ...],
    vocab: tuple[str, ...],
    output: tuple[str, ...],
    member: str | None,
    no_subwords: bool,
    index: bool | None,
    report: tuple[str, ...],
    html: tuple[str, ...],
    counts: tuple[str, ...],
    **options: Any,
) -> list[dict[str, Any]]:
    """The arguments of `build_all`: one build for each vocabulary."""
    from embedprep.errors import UsageError

    for name, given in (("vectors", vectors), ("vocab", vocab)):
        if not given:
            raise click.UsageError(f"Missing option '--{name}', or --jobs with several builds.")
    if member is not None:
        if len(vectors) > 1:
            raise UsageError(
                "--member says nothing of which of several --vectors it belongs to",
                "Name it with its archive: --vectors ARCHIVE::MEMBER",
            )
        vectors = (with_member(vectors[0], member),)
    if not output and len(vocab) == 1:
        output = (DEFAULT_OUTPUT,)
    own = {"vocab": vocab, "output": output, "report": report, "html": html, "counts": counts}
    for name, given in own.items():
        if len(given) != len(vocab) and (given or name == "output"):
            raise UsageError(
                f"--vocab is given {_times(len(vocab))}, and --{name} {_times(len(given))}",
                f"Give one --{name} for each --vocab, in the same order"
                + ("." if name == "output" else ", or none."),
            )
    common = {
        **options,
        "vectors": vectors,
        "subwords": not no_subwords,
        "index": _use_of_index(index),
    }
    return [
        {**common, **{name: given[number] for name, given in own.items() if given}}
        for number in range(len(vocab))
    ]


_BESIDE_JOBS = {
    *("jobs", "threads", "index", "fail_under", "no_clobber", "no_sync"),
    *("as_json", "quiet", "verbose", "debug"),
}
"""The options that go with a file of builds: those that are not of one build."""


def _in_file(jobs: str) -> list[dict[str, Any]]:
    """The arguments of `build_all` in the file `jobs`, and for each those of the command line."""
    from embedprep.cli.jobs_file import read_jobs
    from embedprep.errors import UsageError

    context, default = click.get_current_context(), click.core.ParameterSource.DEFAULT
    given = {name for name in context.params if context.get_parameter_source(name) is not default}
    for option in context.command.params:
        if option.name in given - _BESIDE_JOBS:
            raise UsageError(
                f"{option.opts[-1]} is of one build, and --jobs names several",
                "Write it into the file: at its top for all builds, or in a [[build]].",
                path=jobs,
            )
    more: dict[str, Any] = {}
    if "threads" in given:
        more["threads"] = context.params["threads"]
    if "index" in given:
        more["index"] = _use_of_index(context.params["index"])
    return [{**build, **more} for build in read_jobs(jobs)]


def _use_of_index(index: bool | None) -> str:
    return "use" if index is None else "make" if index else "ignore"


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")
