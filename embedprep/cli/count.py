"""`embedprep count`."""

from __future__ import annotations

import click

from embedprep.cli.command import Command
from embedprep.cli.shared_options import (
    debug_option,
    option,
    options,
    quiet_option,
    storage_option,
)
from embedprep.cli.terminal import progress, show, show_log, write

_INTRO = """
Count how often a text has each token of a vocabulary, with the tokenizer that the vocabulary's file
describes, for --counts of later builds. It is what --text of embedprep build counts. Without
-o, the counts go to standard output, as JSON.

\b
Examples:
  embedprep count --vocab tokenizer.json --text news.txt.gz -o c.json
  embedprep count --vocab v.json --text dump.jsonl --field text -o c.json
  embedprep count --vocab w.txt --text articles/ --split '[^a-z]+' -o c.json
  cat *.txt | embedprep count --vocab tokenizer.json --text - > c.json
"""


@click.command(cls=Command, short_help="Count the tokens of a text.", help=_INTRO)
@option("vocab", required=True, help="Read the tokenizer's vocabulary from FILE.")
@option(
    "text",
    required=True,
    help="Count the text in FILE, compressed or not, with a text a line. A folder stands for the "
    "files below it, - for standard input. Repeat it for several.",
)
@option("output", help="Write the counts to FILE, as a JSON map token: count.")
@options("field", "split", "vocab_format", "clobber")
@quiet_option
@storage_option
@debug_option
def count(
    *,
    vocab: str,
    text: tuple[str, ...],
    output: str | None,
    field: str | None,
    split: str | None,
    vocab_format: str | None,
    no_clobber: bool,
    quiet: bool,
    debug: bool,
) -> None:
    show_log(quiet=quiet)
    from embedprep.api import count as counted

    found = counted(
        vocab,
        text,
        output,
        field=field,
        split=split,
        vocab_format=vocab_format,
        clobber=not no_clobber,
        progress=progress(quiet=quiet),
    )
    if output is None:
        write(found.to_json())
    elif not quiet:
        show(str(found))
