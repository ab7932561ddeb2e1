"""`embedprep index`."""

from __future__ import annotations

import os

import click

from embedprep.cli.shared_options import (
    debug_option,
    options,
    quiet_option,
    storage_option,
)
from embedprep.cli.terminal import progress_bar, show_log

_INTRO = """
\b
Examples:
  embedprep index glove.840B.300d.txt
  embedprep index GoogleNews-vectors-negative300.bin
  embedprep build --vectors glove.840B.300d.txt --vocab tokenizer.json --index

Write an index of the keys of a text or word2vec .bin file, beside it or in your cache. Later builds
read only the vectors they want, and give the same matrix and the same report. If the file has
changed, embedprep says so and reads the whole file. An index takes 16 bytes per vector. Other
formats need none: their keys are stored separately from the vectors.
"""


@click.command(short_help="Make later builds from a file fast.", help=_INTRO, no_args_is_help=True)
@click.argument("vectors", type=click.Path())
@options("vectors_format", "threads")
@quiet_option
@storage_option
@debug_option
def index(
    vectors: str, *, vectors_format: str | None, threads: int | None, quiet: bool, debug: bool
) -> None:
    show_log(quiet=quiet, verbose=False)
    from embedprep.api import index as make
    from embedprep.errors import printable

    path = make(vectors, vectors_format=vectors_format, threads=threads, progress=progress_bar)
    if not quiet:
        click.echo(f"{printable(path)}  ({os.path.getsize(path) / 1e6:,.1f} MB)")
