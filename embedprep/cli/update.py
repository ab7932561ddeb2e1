"""`embedprep update`."""

from __future__ import annotations

from typing import Any

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE
from embedprep.cli.shared_options import (
    check_coverage,
    fail_under_option,
    option,
    options,
    printing_options,
    storage_option,
)
from embedprep.cli.terminal import progress, show_log, show_table, write

_INTRO = """
Make the matrix for a new vocabulary with the options of MATRIX, which are in its report. The result
is the same, to the byte, as that of embedprep build. Vectors that MATRIX has are taken from it.
If a vector file has an index, only the other vectors are read from it. An address is fetched only
if you name it.

\b
Examples:
  embedprep update embeddings.npy --vocab tokenizer-2.json -o embeddings-2.npy
  embedprep update old.npy --vocab v.txt --vectors /data/glove.txt -o new.npy
"""


@click.command(
    cls=Command,
    short_help="Make the matrix for a new vocabulary as an old one was made.",
    help=_INTRO,
)
@click.argument("matrix", type=FILE)
@option("vocab", required=True, help="Read the tokenizer's new vocabulary from FILE.")
@option(
    "output",
    required=True,
    help="Write the new matrix to FILE; its ending chooses the format: .npy, .h5, .hdf5 or "
    ".safetensors.",
)
@option(
    "vectors",
    help="Read the vectors from FILE, where they are now. Repeat it for each file."
    "  [default: the files that MATRIX was built from]",
)
@option(
    "text",
    help="Measure the coverage of the text in FILE."
    "  [default: the files that MATRIX was built with]",
)
@option(
    "counts",
    help="Read token frequencies from FILE.  [default: the file that MATRIX was built with]",
)
@option(
    "words",
    help="Read the word frequencies for --pieces mean from FILE."
    "  [default: the file that MATRIX was built with]",
)
@options("vectors_tokens", "trust_pickle", "report", "html", "threads")
@fail_under_option
@option(
    "index",
    help="Write an index of a vector file that has none, so that the next update is fast; "
    "--no-index reads every file as a whole.  [default: write one of the --vectors that you name; "
    "of a file that only MATRIX names, use the one that is there]",
)
@options("clobber", "durable")
@storage_option
@printing_options
def update(
    matrix: str,
    *,
    vectors: tuple[str, ...],
    output: str,
    vocab: str,
    text: tuple[str, ...],
    counts: str | None,
    words: str | None,
    vectors_tokens: str | None,
    trust_pickle: bool,
    report: str | None,
    html: str | None,
    threads: int | None,
    fail_under: Any,
    index: bool | None,
    no_clobber: bool,
    no_sync: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    debug: bool,
) -> None:
    show_log(quiet=quiet, verbose=verbose)
    from embedprep.updating import update as make

    _, coverage, taken = make(
        matrix,
        vectors=vectors or None,
        output=output,
        vocab=vocab,
        text=text or None,
        counts=counts,
        words=words,
        vectors_tokens=vectors_tokens,
        trust_pickle=trust_pickle,
        report=report,
        html=html,
        threads=threads,
        index={None: None, True: "make", False: "ignore"}[index],
        clobber=not no_clobber,
        durable=not no_sync,
        progress=progress(quiet=quiet),
    )
    if as_json:
        write(coverage.to_json())
    elif not quiet:
        show_table(f"{coverage}\n\n{taken}")
    check_coverage(coverage.counts, fail_under, output)
