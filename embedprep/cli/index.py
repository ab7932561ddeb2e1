"""`embedprep index`."""

from __future__ import annotations

import os

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE
from embedprep.cli.shared_options import (
    debug_option,
    options,
    quiet_option,
    storage_option,
)
from embedprep.cli.terminal import progress, show, show_log

_INTRO = """
Write an index of the keys of a text or word2vec .bin file, beside it or in your cache. Later builds
read only the vectors they want, and give the same matrix and the same report. If the file has
changed, embedprep says so and reads the whole file. An index takes 20 bytes per vector. Other
formats need none: their keys are stored separately from the vectors.

\b
Examples:
  embedprep index glove.840B.300d.txt
  embedprep index GoogleNews-vectors-negative300.bin
  embedprep build --vectors glove.840B.300d.txt --vocab tokenizer.json --index
"""


@click.command(cls=Command, short_help="Make later builds from a file fast.", help=_INTRO)
@click.argument("vectors", type=FILE)
@options("vectors_format", "threads")
@quiet_option
@storage_option
@debug_option
def index(
    vectors: str, *, vectors_format: str | None, threads: int | None, quiet: bool, debug: bool
) -> None:
    show_log(quiet=quiet, written=False)  # its path is what the command prints
    from embedprep.api import index as make
    from embedprep.errors import printable

    path = make(
        vectors, vectors_format=vectors_format, threads=threads, progress=progress(quiet=quiet)
    )
    if not quiet:
        show(f"{printable(path)}  ({os.path.getsize(path) / 1e6:,.1f} MB)")
