"""`embedprep build`."""

from __future__ import annotations

import gc
from typing import Any

import click

from embedprep.cli.reading import (
    member_option,
    threads_option,
    trust_pickle_option,
    vectors_format_option,
    vectors_tokens_option,
    with_member,
)
from embedprep.cli.terminal import progress_bar, show_log

_PATH = click.Path()

_INTRO = """
\b
Examples:
  embedprep build --vectors glove.6B.300d.txt --vocab tokenizer.json
  embedprep build --vectors wiki.en.vec --vocab vocab.txt -o wiki.h5 --oov normal
  embedprep build --vectors domain.vec --vectors cc.de.300.bin --vocab vocab.json
  embedprep build --vectors glove.6B.zip::glove.6B.50d.txt --vocab vocab.json.gz

Make the matrix whose row i is the vector of token id i, write it with a coverage report beside
it, and show the report.
"""


class _WholeNumberOrAuto(click.ParamType[int | str]):
    name = "N|auto"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> int | str:
        if value == "auto":
            return "auto"
        try:
            return int(value)
        except ValueError:
            self.fail(f"'{value}' is neither a whole number nor 'auto'.", param, context)


@click.command(
    short_help="Make the matrix and measure its coverage.", help=_INTRO, no_args_is_help=True
)
@click.option(
    "--vectors",
    required=True,
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="Text, word2vec or fastText .bin, .npy, .safetensors, a model folder, …, compressed or "
    "not; ARCHIVE::MEMBER; an address; - for standard input. Again: fills what is left.",
)
@click.option(
    "--vocab",
    required=True,
    type=_PATH,
    metavar="FILE",
    help="The tokenizer's vocabulary; its format is recognised.",
)
@click.option(
    "-o",
    "--output",
    default="embeddings.npy",
    show_default=True,
    type=_PATH,
    metavar="FILE",
    help="The matrix: .npy, .h5, .hdf5 or .safetensors.",
)
@click.option(
    "--report",
    type=_PATH,
    metavar="FILE",
    help="The coverage as JSON.  [default: beside the output, .coverage.json]",
)
@click.option(
    "--html",
    type=_PATH,
    metavar="FILE",
    help="The coverage as one HTML page.",
)
@click.option(
    "--counts",
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
    type=_WholeNumberOrAuto(),
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
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 1),
    metavar="RATIO",
    help="Exit 4 if fewer types are found, e.g. 0.9; the matrix is still written.",
)
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
@click.option("--no-clobber", is_flag=True, help="Keep an existing output and fail.")
@click.option("--no-sync", is_flag=True, help="Do not wait until the data is on the disk.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Also print how long each stage took.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def build(
    *,
    vectors: tuple[str, ...],
    member: str | None,
    no_subwords: bool,
    fail_under: float | None,
    index: bool | None,
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
    from embedprep.errors import CoverageError, UsageError
    from embedprep.report.wording import percent

    if member is not None:
        if len(vectors) > 1:
            raise UsageError(
                "--member says nothing of which of several --vectors it belongs to",
                "Name it with its archive: --vectors ARCHIVE::MEMBER",
            )
        vectors = (with_member(vectors[0], member),)
    _, coverage = api.build(
        vectors,
        **options,
        subwords=not no_subwords,
        index="use" if index is None else "make" if index else "ignore",
        clobber=not no_clobber,
        durable=not no_sync,
        progress=progress_bar,
    )
    if as_json:
        click.echo(coverage.to_json(), nl=False)
    elif not quiet:
        click.echo(str(coverage))
    types = coverage.counts.types
    if fail_under is not None and types.ratio < fail_under:
        raise CoverageError(
            f"{percent(types.ratio)} of the types have a vector, --fail-under asks for "
            f"{percent(fail_under)}",
            "The matrix is written. Try vectors with more words, or see: embedprep inspect "
            f"{options['output']} --missing 100",
        )
