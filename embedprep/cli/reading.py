"""The options that say how to read vectors, which the commands that read them share."""

from __future__ import annotations

import click

vectors_format_option = click.option(
    "--vectors-format",
    metavar="NAME",
    help="Should detection go astray; a wrong name lists the right ones.",
)
member_option = click.option(
    "--member", metavar="NAME", help="Of an archive of several files, the one to read."
)
vectors_tokens_option = click.option(
    "--vectors-tokens",
    type=click.Path(),
    metavar="FILE",
    help="The keys of a .npy or .safetensors; by default looked for beside it.",
)
trust_pickle_option = click.option(
    "--trust-pickle", is_flag=True, help="Read gensim's own files, which can run any code."
)
threads_option = click.option("--threads", type=int, metavar="N", help="[default: one a core]")


def with_member(path: str, member: str | None) -> str:
    """`path`, or what names the `member` of the archive at `path`."""
    return path if member is None else f"{path}::{member}"
