"""`embedprep verify`."""

from __future__ import annotations

from typing import Any

import click

from embedprep.cli.shared_options import threads_option, trust_pickle_option, vectors_tokens_option

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
    help="Also load it into a layer of the installed Keras, and compare every row.",
)
@click.option(
    "--vectors",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="What it was built from: it is built again, into a temporary file, and compared.",
)
@click.option("--vocab", type=click.Path(), metavar="FILE", help="Likewise.")
@click.option("--words", type=click.Path(), metavar="FILE", help="Likewise, with --pieces mean.")
@vectors_tokens_option
@click.option(
    "--sample",
    type=int,
    metavar="N",
    help="Look up N tokens of the vocabulary only, chosen at random.",
)
@threads_option
@trust_pickle_option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def verify(
    matrix: str,
    *,
    vectors: tuple[str, ...],
    vocab: str | None,
    as_json: bool,
    debug: bool,
    **options: Any,
) -> None:
    from embedprep import verification
    from embedprep.errors import InputError

    found = verification.verify(matrix, vectors=vectors or None, vocab=vocab, **options)
    click.echo(found.to_json() if as_json else str(found), nl=not as_json)
    wrong = sum(not finding.ok for finding in found.findings)
    if wrong:
        raise InputError(
            f"{wrong} of {len(found.findings)} checks found something wrong",
            "Do not use it: build it again.",
            path=matrix,
        )
