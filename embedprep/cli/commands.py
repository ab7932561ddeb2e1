"""The command group: each command has a file of its own and is imported when it is used."""

from __future__ import annotations

import importlib
import sys

import click

from embedprep._version import __version__

_NAMES = ("build", "convert", "diff", "doctor", "explain", "index", "inspect", "update", "verify")
"""The commands, each in the module with its name."""
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_EXAMPLES = """\b
Examples:
  embedprep build --vectors glove.6B.300d.txt --vocab tokenizer.json
  embedprep inspect embeddings.npy
  embedprep inspect embeddings.npy --missing 100
  embedprep explain embeddings.npy cat naïve
  embedprep diff before.npy after.npy
  embedprep verify embeddings.npy
  embedprep doctor glove.840B.300d.zip
  embedprep convert glove.840B.300d.zip glove.bin --vocab tokenizer.json
  embedprep index glove.840B.300d.txt
  embedprep update embeddings.npy --vocab new.json -o new.npy
"""


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
        if cmd_name not in _NAMES:
            return None
        home = importlib.import_module(f"embedprep.cli.{cmd_name}")
        command: click.Command = getattr(home, cmd_name)
        return command


@click.group(
    cls=_Commands,
    context_settings=_CONTEXT,
    help=f"""
{_EXAMPLES}

Turn a tokenizer's vocabulary and a file of pre-trained vectors into the one matrix whose row i
is the vector of token id i, and say exactly how good it is.
""",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and which core runs.",
)
def cli() -> None:
    pass
