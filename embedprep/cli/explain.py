"""`embedprep explain`."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from embedprep.cli.command import Command
from embedprep.cli.parameters import FILE, count, whole
from embedprep.cli.shared_options import debug_option
from embedprep.cli.terminal import show_table, write

if TYPE_CHECKING:
    from embedprep.matrix.matrix import EmbeddingMatrix

_INTRO = """
Explain where the row of each token came from: the file, the record and the key. The nearest
neighbours show whether the vector fits the word. If a token has no vector, tokens with a close
spelling are shown. Write a token as the tokenizer spells it, or as the plain word. Exit code 3 if
the vocabulary lacks one.

\b
Examples:
  embedprep explain embeddings.npy cat dog
  embedprep explain embeddings.npy --row 17
  embedprep explain embeddings.npy --analogy king - man + woman
  embedprep explain embeddings.npy -- -lrb-
"""


@click.command(cls=Command, short_help="Say where the rows of tokens came from.", help=_INTRO)
@click.argument("matrix", type=FILE)
@click.argument("tokens", metavar="[TOKEN]...", nargs=-1)
@click.option(
    "--row",
    "rows",
    multiple=True,
    type=whole("row"),
    metavar="N",
    help="Explain row N. Repeat it for several.",
)
@click.option(
    "-n",
    "--neighbours",
    default=10,
    show_default=True,
    type=count("neighbours"),
    metavar="N",
    help="How many of the nearest tokens to show.",
)
@click.option(
    "--analogy",
    is_flag=True,
    help="Read the tokens, with + and - between them, as a sum: king - man + woman.",
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
    from embedprep.errors import UsageError, printable
    from embedprep.matrix.matrix import EmbeddingMatrix

    if analogy and rows:
        raise UsageError(
            "--row and --analogy exclude each other",
            "Give the tokens of the analogy instead of --row.",
        )
    if not tokens and not rows:
        raise UsageError("there is nothing to explain", "Name a token, or a row with --row.")
    if not os.path.exists(matrix) and (files := list(filter(os.path.isfile, tokens))):
        words = (matrix, *(token for token in tokens if token != files[0]))
        raise UsageError(
            f"{printable(matrix)}: no such file, but {printable(files[0])} is one",
            f"The matrix comes first: embedprep explain {shlex.join((files[0], *words))}",
        )
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
        write(json.dumps([one.to_dict() for one in found], indent=1) + "\n")
    else:
        show_table("\n\n".join(map(str, found)))
    absent = [str(one.asked) for one in found if not one.rows]
    if absent:
        more = f" (and {len(absent) - 1} more above)" if len(absent) > 1 else ""
        raise InputError(
            f"it is not in the vocabulary{more}",
            "Check its spelling and its capitals, or give its row: --row N.",
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
        write(json.dumps([asdict(one) for one in found], indent=1) + "\n")
    else:
        show_table(analogy_table(sum_of, found))
