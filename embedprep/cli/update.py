"""`embedprep update`."""

from __future__ import annotations

import gc
from typing import Any

import click

from embedprep.cli.shared_options import (
    check_coverage,
    fail_under_option,
    output_options,
    threads_option,
    trust_pickle_option,
    vectors_tokens_option,
)
from embedprep.cli.terminal import progress_bar, show_log

_PATH = click.Path()

_INTRO = """
\b
Examples:
  embedprep update embeddings.npy --vocab tokenizer-2.json -o embeddings-2.npy
  embedprep update old.npy --vocab vocab.txt --vectors /data/glove.840B.300d.txt -o new.npy

Make the matrix for a new vocabulary with the options of MATRIX, which stand in its report. The
result is that of embedprep build, to the byte. Vectors that MATRIX has are taken from it, and of a
vector file with an index only the others are read; where there is none, it is written on the way.
"""


@click.command(
    short_help="Make the matrix for a new vocabulary as an old one was made.",
    help=_INTRO,
    no_args_is_help=True,
)
@click.argument("matrix", type=_PATH)
@click.option(
    "--vocab", required=True, type=_PATH, metavar="FILE", help="The tokenizer's new vocabulary."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=_PATH,
    metavar="FILE",
    help="The new matrix: .npy, .h5, .hdf5 or .safetensors.",
)
@click.option(
    "--vectors",
    multiple=True,
    type=_PATH,
    metavar="FILE",
    help="Where the vector files are now; again for each.  [default: those of MATRIX]",
)
@click.option(
    "--counts", type=_PATH, metavar="FILE", help="Token frequencies.  [default: those of MATRIX]"
)
@click.option(
    "--words",
    type=_PATH,
    metavar="FILE",
    help="Word frequencies for --pieces mean.  [default: those of MATRIX]",
)
@vectors_tokens_option
@trust_pickle_option
@click.option(
    "--report",
    type=_PATH,
    metavar="FILE",
    help="The coverage as JSON.  [default: beside the output, .coverage.json]",
)
@click.option("--html", type=_PATH, metavar="FILE", help="The coverage as one HTML page.")
@threads_option
@fail_under_option
@click.option(
    "--index/--no-index",
    default=True,
    show_default=True,
    help="Write an index of a vector file that has none, for the next time; or use none, so that "
    "every file is read as a whole.",
)
@output_options
def update(
    matrix: str,
    *,
    vectors: tuple[str, ...],
    output: str,
    fail_under: Any,
    index: bool,
    no_clobber: bool,
    no_sync: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    debug: bool,
    **options: Any,
) -> None:
    show_log(quiet=quiet, verbose=verbose)
    gc.disable()  # as in `build`
    from embedprep.updating import update as make

    _, coverage, taken = make(
        matrix,
        vectors=vectors or None,
        output=output,
        **options,
        index="make" if index else "ignore",
        clobber=not no_clobber,
        durable=not no_sync,
        progress=progress_bar,
    )
    if as_json:
        click.echo(coverage.to_json(), nl=False)
    elif not quiet:
        click.echo(f"{coverage}\n\n{taken}")
    check_coverage(coverage.counts, fail_under, output)
