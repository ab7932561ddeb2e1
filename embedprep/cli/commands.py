"""The command group: each command has a file of its own and is imported when it is used."""

from __future__ import annotations

import importlib
import os
import sys

import click

from embedprep import __version__
from embedprep.errors import UsageError, did_you_mean

_NAMES = (
    *("doctor", "convert", "count", "build", "index", "update"),
    *("inspect", "explain", "diff", "verify"),
)
"""The commands in the order of the work, each in the module with its name."""
_CONTEXT = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
    "auto_envvar_prefix": "EMBEDPREP",
    # click knows by itself that a file or pipe takes no colour.
    "color": False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None,
}

_HELP = """
Turn a tokenizer's vocabulary and a file of pre-trained vectors into the one matrix whose row i
is the vector of token id i, and say exactly how good it is.

\b
Examples:
  embedprep doctor glove.840B.300d.zip
  embedprep convert glove.840B.300d.zip glove.bin --vocab tokenizer.json
  embedprep count --vocab tokenizer.json --text news.txt -o counts.json
  embedprep build --vectors glove.6B.300d.txt --vocab tokenizer.json
  embedprep index glove.840B.300d.txt
  embedprep update embeddings.npy --vocab new.json -o new.npy
  embedprep inspect embeddings.npy --missing 100
  embedprep explain embeddings.npy cat dog
  embedprep diff before.npy after.npy
  embedprep verify embeddings.npy
"""
_EPILOG = "embedprep help COMMAND, or embedprep COMMAND --help, explains a command."


def _print_version(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from embedprep.core import implementation, why_missing

    python = sys.version.partition(" ")[0]
    click.echo(f"embedprep {__version__} ({implementation()} core, Python {python})")
    if reason := why_missing():
        click.echo(reason, err=True)
    context.exit()


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "help":
            return _help
        if cmd_name not in _NAMES:
            return None
        home = importlib.import_module(f"embedprep.cli.{cmd_name}")
        command: click.Command = getattr(home, cmd_name)
        return command

    def known(self, ctx: click.Context, name: str) -> click.Command:
        """Return the command `name`. Raises UsageError, which names the one that looks like it."""
        command = self.get_command(ctx, name)
        if command is None:
            raise UsageError(
                f"there is no command '{name}'{did_you_mean(name, _NAMES)}",
                f"The commands: {', '.join(_NAMES)}.",
            )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing and not args[0].startswith("-"):
            self.known(ctx, args[0])
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings=_CONTEXT, help=_HELP, epilog=_EPILOG)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and which core runs.",
)
def cli() -> None:
    pass


@click.command("help", hidden=True)
@click.argument(
    "name",
    metavar="[COMMAND]",
    required=False,
    shell_complete=lambda context, param, begun: [one for one in _NAMES if one.startswith(begun)],
)
@click.pass_context
def _help(context: click.Context, name: str | None) -> None:
    """Show the help of a command."""
    group = context.parent or context
    if name is not None:
        command = cli.known(group, name)
        context = click.Context(command, parent=group, info_name=name)
    else:
        context = group
    click.echo(context.get_help(), color=context.color)
