"""`embedprep convert`."""

from __future__ import annotations

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE, Grouped, count
from embedprep.cli.shared_options import (
    debug_option,
    member_option,
    option,
    options,
    quiet_option,
    storage_option,
    with_member,
)
from embedprep.cli.terminal import progress, show, show_log
from embedprep.options.arguments import OnMalformed
from embedprep.options.kinds import EVERYDAY

_INTRO = """
Write vectors in another format, all of them or those of a vocabulary. IN is any file that
embedprep build reads. The ending of OUT chooses the format: .vec .txt .bin .npy .h5 .safetensors
.tsv (TensorBoard Projector), / for a model2vec folder, or .parquet for a table of the tokens of a
matrix that embedprep built.

\b
Examples:
  embedprep convert GoogleNews-vectors-negative300.bin news.npy --vocab v.json
  embedprep convert glove.6B.zip::glove.6B.50d.txt glove.bin
  embedprep convert wiki.en.vec potion/          # a folder for model2vec
  embedprep convert embeddings.npy tokens.parquet --neighbours 10 --xy
"""


@click.command(cls=Command, short_help="Write vectors in another format.", help=_INTRO)
@click.argument("vectors", metavar="IN", type=FILE)
@click.argument("output", metavar="OUT", type=FILE)
@click.option(
    "--to",
    cls=Grouped,
    group=EVERYDAY,
    metavar="NAME",
    help="Write this format, even if OUT has another ending. One of: word2vec, word2vec-binary, "
    "npy, hdf5, safetensors, model2vec, projector.",
)
@click.option(
    "--neighbours",
    cls=Grouped,
    group=EVERYDAY,
    type=count("neighbours"),
    default=0,
    metavar="N",
    help="Add the N nearest rows of each row to a .parquet.  [default: none]",
)
@click.option(
    "--xy",
    is_flag=True,
    cls=Grouped,
    group=EVERYDAY,
    help="Add the place of each row on a plane to a .parquet.",
)
@option("counts", help="Add the count of each token to a .parquet: those in FILE.")
@option("vocab", help="Write only the words of the vocabulary in FILE.")
@option(
    "on_malformed",
    help="Stop at a damaged record, or a key that OUT cannot hold (error), or leave it out (skip).",
)
@options("vectors_format")
@member_option
@options("vectors_tokens", "vocab_format", "trust_pickle", "threads", "clobber", "durable")
@quiet_option
@storage_option
@debug_option
def convert(
    *,
    vectors: str,
    output: str,
    to: str | None,
    vocab: str | None,
    on_malformed: OnMalformed,
    vectors_format: str | None,
    member: str | None,
    vectors_tokens: str | None,
    vocab_format: str | None,
    neighbours: int,
    xy: bool,
    counts: str | None,
    trust_pickle: bool,
    threads: int | None,
    no_clobber: bool,
    no_sync: bool,
    quiet: bool,
    debug: bool,
) -> None:
    show_log(quiet=quiet)
    from embedprep.conversion import convert
    from embedprep.errors import printable

    source = convert(
        with_member(vectors, member),
        output,
        to=to,
        vocab=vocab,
        on_malformed=on_malformed,
        vectors_format=vectors_format,
        vectors_tokens=vectors_tokens,
        vocab_format=vocab_format,
        neighbours=neighbours,
        xy=xy,
        counts=counts,
        trust_pickle=trust_pickle,
        threads=threads,
        clobber=not no_clobber,
        durable=not no_sync,
        progress=progress(quiet=quiet),
    )
    if not quiet:
        show(
            f"{printable(output)}: {source.rows:,} of {source.records:,} records of {source.dim}, "
            f"from {printable(source.path)}"
        )
