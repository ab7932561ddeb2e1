"""Errors of click, turned into errors of embedprep: one style for every message."""

from __future__ import annotations

import sys

import click
from click.exceptions import MissingParameter, NoSuchOption

from embedprep.errors import UsageError, did_you_mean, printable


def of_click(error: click.ClickException) -> UsageError:
    """Return the error that the user sees: what is wrong, and which help to read."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = "embedprep" if context is None else context.command_path
    remedy = f"{command} --help shows what it takes."
    # A word of the command line may be the name of a stranger's file.
    text = printable(error.format_message().strip().removesuffix("."))
    if text.startswith("Got unexpected extra argument"):
        more = text.partition("(")[2].removesuffix(")")
        how = "Repeat an option for each of its values, and quote names with spaces"
        if context is not None and not _takes_arguments(context.command):
            how = f"Give an option before each name, as in {command} --vectors FILE --vocab FILE"
        return UsageError(f"nothing says what '{more}' is for", f"{how}: {remedy}")
    return UsageError(_reason(error, context) or text[:1].lower() + text[1:], remedy)


def _names(command: click.Command, context: click.Context) -> list[str]:
    """Return all options of `command`."""
    params = command.get_params(context)
    return [name for param in params for name in (*param.opts, *param.secondary_opts)]


def _takes_arguments(command: click.Command) -> bool:
    return any(isinstance(param, click.Argument) for param in command.params)


def _reason(error: click.ClickException, context: click.Context | None) -> str | None:
    if isinstance(error, NoSuchOption):
        return _no_such_option(error.option_name, context)
    if isinstance(error, MissingParameter) and error.param is not None and context is not None:
        param = error.param
        name = param.opts[-1] if isinstance(param, click.Option) else param.make_metavar(context)
        return f"{name} is missing"
    return None


def _no_such_option(name: str, context: click.Context | None) -> str:
    group = None if context is None else context.command
    if context is not None and isinstance(group, click.Group):
        for one in group.list_commands(context):
            command = group.get_command(context, one)
            if command is not None and name in _names(command, context):
                return f"{name} goes after the command, as in embedprep {one} {name}"
    known = [] if context is None else _names(context.command, context)
    # click reads -vectors as -v, -e, ...
    for word in sys.argv[1:]:
        if not word.startswith("--") and f"-{word}" in known:
            return f"there is no option {word}; did you mean -{word}?"
    return f"there is no option {printable(name)}{did_you_mean(name, known)}"
