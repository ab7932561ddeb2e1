"""A command whose help shows its options in groups, and whose short form the first group alone."""

from __future__ import annotations

import os
import sys
from textwrap import wrap
from typing import Any

import click
from click.core import ParameterSource
from click.exceptions import NoArgsIsHelpError

from embedprep.cli.parameters import Grouped, named_option
from embedprep.cli.terminal import show
from embedprep.errors import EmbedprepError
from embedprep.options.kinds import GROUPS, MESSAGES

_FEW = 12
"""The most options that are shown without groups."""
_EXAMPLES_IN_SHORT = 2
_BETWEEN = 2
"""The columns between the names of options and their texts."""
_FIXED = "\xa0"
"""A space at which no line is broken."""


class _BareError(NoArgsIsHelpError):
    """Raised by a command without arguments, with what it shows."""

    def __init__(self, text: str, ctx: click.Context) -> None:
        click.UsageError.__init__(self, text, ctx)


class Command(click.Command):
    """A command of embedprep. Without arguments, it shows its help."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing and not _variables(self, ctx):
            raise _BareError(self._in_short(ctx), ctx)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def invoke(self, ctx: click.Context) -> Any:
        used = [
            variable
            for name, variable in _variables(self, ctx).items()
            if ctx.get_parameter_source(name) is ParameterSource.ENVIRONMENT
        ]
        if used and not ctx.params.get("quiet"):
            show(f"embedprep: note: options from the environment: {', '.join(used)}", err=True)
        if _waits_for_a_person(ctx):
            show("embedprep: reading from standard input, until Ctrl-D", err=True)
        try:
            return super().invoke(ctx)
        except EmbedprepError as error:
            error.option = named_option(error, ctx)
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups = self.groups(ctx)
        width = max(len(names) for records in groups.values() for names, _ in records)
        for group, records in groups.items():
            _write_group(formatter, group, records, width)

    def groups(self, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
        """Return the names and help of the options by group, in order; few are one group."""
        options = [
            (param.group if isinstance(param, Grouped) else MESSAGES, record)
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
            and (record := param.get_help_record(ctx)) is not None
        ]
        if len(options) <= _FEW:
            return {"Options": [record for _, record in options]}
        found = {group: [record for its, record in options if its == group] for group in GROUPS}
        return {group: records for group, records in found.items() if records}

    def _in_short(self, ctx: click.Context) -> str:
        """Return usage, two examples and the options of the first group; all if they are few."""
        groups = self.groups(ctx)
        if len(groups) == 1:
            return ctx.get_help()
        formatter = ctx.make_formatter()
        self.format_usage(ctx, formatter)
        examples = (self.help or "").partition("Examples:\n")[2].splitlines()[:_EXAMPLES_IN_SHORT]
        with formatter.section(_bold("Examples")):
            formatter.write("".join(f"  {line.strip()}\n" for line in examples))
        group, records = next(iter(groups.items()))
        _write_group(formatter, group, records, max(len(names) for names, _ in records))
        formatter.write_paragraph()
        formatter.write_text(f"{ctx.command_path} --help shows all options.")
        return formatter.getvalue().rstrip("\n")


def _write_group(
    formatter: click.HelpFormatter, group: str, records: list[tuple[str, str]], width: int
) -> None:
    """Write options under a heading; their names take `width` columns."""
    text_width = formatter.width - formatter.indent_increment - width - _BETWEEN
    with formatter.section(_bold(group)):
        formatter.write_dl(
            [(names.ljust(width), _wrapped(text, text_width)) for names, text in records],
            col_max=width + _BETWEEN,
            col_spacing=_BETWEEN,
        )


def _wrapped(text: str, width: int) -> str:
    """Wrap a help text, and break neither a name such as word2vec-binary nor a default."""
    # click keeps the lines of a paragraph that begins with a backspace.
    lines = wrap(text.replace("[default: ", f"[default:{_FIXED}"), width, break_on_hyphens=False)
    return "\n".join(["\b", *lines]).replace(_FIXED, " ")


def _bold(heading: str) -> str:
    return click.style(heading, bold=True)


def _waits_for_a_person(ctx: click.Context) -> bool:
    """Whether a file is standard input, and that is a terminal."""
    files = [param for param in ctx.command.params if isinstance(param.type, click.Path)]
    values = [ctx.params.get(param.name or "") for param in files]
    asked = any("-" in value if isinstance(value, tuple) else value == "-" for value in values)
    return asked and sys.stdin is not None and sys.stdin.isatty()


def _variables(command: click.Command, ctx: click.Context) -> dict[str, str]:
    """Return the environment variables that are set, by the option that they give."""
    variables = {
        param.name or "": f"{ctx.auto_envvar_prefix}_{param.name}".upper()
        for param in command.params
        if isinstance(param, click.Option) and param.allow_from_autoenv
    }
    return {name: variable for name, variable in variables.items() if os.environ.get(variable)}
