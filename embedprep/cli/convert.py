"""`embedprep convert`."""

from __future__ import annotations

from typing import Any

import click

from embedprep.cli.shared_options import (
    member_option,
    threads_option,
    trust_pickle_option,
    vectors_format_option,
    vectors_tokens_option,
    with_member,
)
from embedprep.cli.terminal import progress_bar, show_log

_INTRO = """
\b
Examples:
  embedprep convert GoogleNews-vectors-negative300.bin news.npy --vocab vocab.json
  embedprep convert glove.6B.zip::glove.6B.50d.txt glove.bin
  embedprep convert wiki.en.vec potion/          # a folder for model2vec

Write vectors in another format, all of them or those of a vocabulary. IN is whatever build reads.
The ending of OUT chooses: .vec .txt .bin .npy .h5 .safetensors .tsv (TensorBoard Projector), or /
for a model2vec folder.
"""


@click.command(short_help="Write vectors in another format.", help=_INTRO, no_args_is_help=True)
@click.argument("vectors", metavar="IN", type=click.Path())
@click.argument("output", metavar="OUT", type=click.Path())
@click.option("--to", metavar="NAME", help="The format, whatever the ending of OUT.")
@click.option(
    "--vocab", type=click.Path(), metavar="FILE", help="Only the words of this vocabulary."
)
@click.option(
    "--on-malformed",
    default="error",
    show_default=True,
    metavar="WHAT",
    help="Records without numbers, and keys OUT cannot hold: error or skip.",
)
@vectors_format_option
@member_option
@vectors_tokens_option
@click.option("--vocab-format", metavar="NAME", help="Should detection go astray.")
@trust_pickle_option
@threads_option
@click.option("--no-clobber", is_flag=True, help="Keep an existing output and fail.")
@click.option("--no-sync", is_flag=True, help="Do not wait until the data is on the disk.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def convert(
    *,
    vectors: str,
    output: str,
    member: str | None,
    no_clobber: bool,
    no_sync: bool,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> None:
    show_log(quiet=quiet, verbose=False)
    from embedprep.conversion import convert
    from embedprep.errors import printable

    source = convert(
        with_member(vectors, member),
        output,
        **options,
        clobber=not no_clobber,
        durable=not no_sync,
        progress=progress_bar,
    )
    if not quiet:
        click.echo(
            f"{printable(output)}: {source.rows:,} of {source.records:,} records of {source.dim}, "
            f"from {printable(source.path)}"
        )
