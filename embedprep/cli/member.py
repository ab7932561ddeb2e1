"""`--member`, which the commands that read vectors share."""

from __future__ import annotations

import click

member_option = click.option(
    "--member", metavar="NAME", help="Of an archive of several files, the one to read."
)


def with_member(path: str, member: str | None) -> str:
    """`path`, or what names the `member` of the archive at `path`."""
    return path if member is None else f"{path}::{member}"
