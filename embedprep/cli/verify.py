"""`embedprep verify`."""

from __future__ import annotations

import click

from embedprep.cli.shared_options import (
    debug_option,
    option,
    options,
    storage_option,
)

_INTRO = """
\b
Examples:
  embedprep verify embeddings.npy
  embedprep verify embeddings.h5 --keras
  embedprep verify embeddings.npy --vectors glove.6B.300d.txt --vocab tokenizer.json

Check a matrix that build wrote: whether its rows are those that were built, bit for bit, and
whether its report tells the truth about them; with its vectors and vocabulary also whether they
give these rows. Exit code 3 if anything is wrong.
"""


@click.command(short_help="Check a matrix against its report.", help=_INTRO, no_args_is_help=True)
@click.argument("matrix", type=click.Path())
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
@options("words", "vectors_tokens")
@click.option(
    "--sample",
    type=int,
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
    words: str | None,
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
        words=words,
        vectors_tokens=vectors_tokens,
        sample=sample,
        keras=keras,
        threads=threads,
        trust_pickle=trust_pickle,
    )
    click.echo(found.to_json() if as_json else str(found), nl=not as_json)
    wrong = sum(not finding.ok for finding in found.findings)
    if wrong:
        raise InputError(
            f"{wrong} of {len(found.findings)} checks found something wrong",
            "Do not use it: build it again.",
            path=matrix,
        )
