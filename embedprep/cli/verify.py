"""`embedprep verify`."""

from __future__ import annotations

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE, positive
from embedprep.cli.shared_options import (
    debug_option,
    option,
    options,
    storage_option,
)
from embedprep.cli.terminal import show_table, write

_INTRO = """
Check a matrix that build wrote: whether its rows are those that were built, bit for bit, and
whether its report fits them. With --vectors and --vocab, build it again and compare the rows.
Exit code 3 if anything is wrong.

\b
Examples:
  embedprep verify embeddings.npy
  embedprep verify embeddings.h5 --keras
  embedprep verify embeddings.npy --vectors glove.txt --vocab vocab.json
"""


@click.command(cls=Command, short_help="Check a matrix against its report.", help=_INTRO)
@click.argument("matrix", type=FILE)
@click.option(
    "--keras",
    is_flag=True,
    help="Also load the matrix into a layer of the installed Keras, and compare every row.",
)
@option(
    "vectors",
    help="Build the matrix again from FILE and --vocab, into a temporary file, and compare every "
    "row. Repeat it for each vector file that it was built from.",
)
@option("vocab", help="Build the matrix again for the vocabulary in FILE: see --vectors.")
@option("counts", help="Read token frequencies from FILE, if the matrix was built with them.")
@options("words", "text", "vectors_tokens")
@click.option(
    "--sample",
    type=positive("sample"),
    metavar="N",
    help="Compare the rows of N tokens only, chosen at random.  [default: all rows]",
)
@options("threads", "trust_pickle")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@storage_option
@debug_option
def verify(
    matrix: str,
    *,
    vectors: tuple[str, ...],
    keras: bool,
    vocab: str | None,
    counts: str | None,
    words: str | None,
    text: tuple[str, ...],
    vectors_tokens: str | None,
    sample: int | None,
    threads: int | None,
    trust_pickle: bool,
    as_json: bool,
    debug: bool,
) -> None:
    from embedprep import verification
    from embedprep.errors import InputError

    found = verification.verify(
        matrix,
        vectors=vectors or None,
        vocab=vocab,
        counts=counts,
        words=words,
        text=text,
        vectors_tokens=vectors_tokens,
        sample=sample,
        keras=keras,
        threads=threads,
        trust_pickle=trust_pickle,
    )
    if as_json:
        write(found.to_json())
    else:
        show_table(str(found))
    wrong = sum(not finding.ok for finding in found.findings)
    if wrong:
        raise InputError(
            f"{wrong} of {len(found.findings)} checks found something wrong",
            "Do not use it: build it again.",
            path=matrix,
        )
