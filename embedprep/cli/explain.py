"""`embedprep explain`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from embedprep.cli.shared_options import debug_option

if TYPE_CHECKING:
    from embedprep.matrix.matrix import EmbeddingMatrix

_INTRO = """
\b
Examples:
  embedprep explain embeddings.npy cat naïve
  embedprep explain embeddings.npy --row 17
  embedprep explain embeddings.npy --analogy king - man + woman
  embedprep explain embeddings.npy -- -lrb-

Say of each token where its row came from: which file, which record of it, which key. Its nearest
neighbours show whether it is the vector of that word; a token without one is shown with those
spelt alike. A token is written as the tokenizer spells it, or as the plain word. Exit code 3 if
one is not in the vocabulary.
"""


@click.command(
    short_help="Say where the rows of tokens came from.", help=_INTRO, no_args_is_help=True
)
@click.argument("matrix", type=click.Path())
@click.argument("tokens", metavar="[TOKEN]...", nargs=-1)
@click.option(
    "--row", "rows", multiple=True, type=int, metavar="N", help="Explain a row; repeatable."
)
@click.option(
    "-n",
    "--neighbours",
    default=10,
    show_default=True,
    type=click.IntRange(min=0),
    metavar="N",
    help="How many of the nearest tokens to show.",
)
@click.option(
    "--analogy", is_flag=True, help="Take the tokens, and + and - between them, as a sum."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@debug_option
def explain(
    matrix: str,
    *,
    tokens: tuple[str, ...],
    rows: tuple[int, ...],
    neighbours: int,
    analogy: bool,
    as_json: bool,
    debug: bool,
) -> None:
    from embedprep.errors import UsageError
    from embedprep.matrix.matrix import EmbeddingMatrix

    if analogy and rows:
        raise UsageError("--row and --analogy exclude each other", "An analogy is of tokens.")
    if not tokens and not rows:
        raise UsageError("there is nothing to explain", "Name a token, or a row with --row.")
    opened = EmbeddingMatrix(matrix)
    if analogy:
        _analogy(opened, tokens, neighbours, as_json=as_json)
    else:
        _explain(opened, [*tokens, *rows], neighbours, as_json=as_json)


def _explain(
    matrix: EmbeddingMatrix, asked: list[str | int], neighbours: int, *, as_json: bool
) -> None:
    from embedprep.errors import InputError
    from embedprep.explain import explain

    found = explain(asked, matrix.parts, neighbours)
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in found], indent=1))
    else:
        click.echo("\n\n".join(map(str, found)))
    absent = [str(one.asked) for one in found if not one.rows]
    if absent:
        more = f" (and {len(absent) - 1} more above)" if len(absent) > 1 else ""
        raise InputError(
            f"it is not in the vocabulary{more}",
            "Its spelling counts, capitals too; a row is explained by --row.",
            path=matrix.path,
            token=absent[0],
        )


def _analogy(
    matrix: EmbeddingMatrix, expression: tuple[str, ...], neighbours: int, *, as_json: bool
) -> None:
    from embedprep.explain import nearest_to, parse, terms
    from embedprep.explain.table import analogy_table

    sum_of = terms(parse(expression), matrix.parts)
    found = nearest_to(sum_of, matrix.parts, neighbours)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=1))
    else:
        click.echo(analogy_table(sum_of, found))
