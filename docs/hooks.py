"""The page of the commands, from click: description, examples and options of each command.

A hook of mkdocs. It replaces the line `<!-- commands -->` of a page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from embedprep.cli.command import Command

MARK = "<!-- commands -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    return markdown.replace(MARK, "\n".join(_commands())) if MARK in markdown else markdown


def _commands() -> Iterator[str]:
    from embedprep.cli.command import Command
    from embedprep.cli.commands import cli

    with click.Context(cli) as context:
        commands = [cli.get_command(context, name) for name in cli.list_commands(context)]
    for command in commands:
        if isinstance(command, Command):
            # With the settings of the group, which says that `-h` is help as well.
            name = f"embedprep {command.name}"
            with click.Context(command, info_name=name, **cli.context_settings) as context:
                yield from _command(command, context)


def _command(command: Command, context: click.Context) -> Iterator[str]:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"\n## embedprep {command.name}\n"
    paragraphs = re.split(r"\n\s*\n", (command.help or "").strip())
    # click marks with \b a paragraph whose lines it must not join.
    yield from (_text(one) + "\n" for one in paragraphs if not one.startswith("\b"))
    yield f"```text\n{usage}\n```\n"
    for one in paragraphs:
        if one.startswith("\b"):
            lines = [line.strip() for line in one.splitlines()[1:]]
            yield "\n".join([f"{lines[0]}\n", "```bash", *lines[1:], "```\n"])
    for group, records in command.groups(context).items():
        yield f"**{group}**\n"
        yield from (f"- `{names}`: {_text(text)}" for names, text in records)
        yield ""


def _text(text: str) -> str:
    """`text` as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_\[\]{}#])", r"\\\1", html.escape(" ".join(text.split()), quote=False))
