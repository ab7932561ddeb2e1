"""Types of parameters for click: what is wrong with a value is said as everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from embedprep.errors import EmbedprepError, InputError, OutputError, UsageError
from embedprep.options.kinds import COUNT, MESSAGES, POSITIVE, WHOLE, Kind, Option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _File(click.Path):
    """The name of a file, which is not empty."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "" and param is not None:
            name = max(param.opts, key=len) if isinstance(param, click.Option) else param.name
            raise UsageError(
                f"{name} is an empty name", "If it comes from a variable of the shell, set that."
            )
        return super().convert(value, param, ctx)


FILE = _File(readable=False)
"""A file: whether it can be read is found out when it is opened, with an exit code of its own."""


class Value(click.ParamType):  # type: ignore[type-arg]  # not generic in older versions
    """The value of an option, checked as the table of options does."""

    def __init__(self, name: str, option: Option) -> None:
        self.name = name
        self._option = option

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        typed = _typed(value, self._option.kind.types)
        self._option.read(self.name, typed, None)
        return typed

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the names that begin with `incomplete`; of a list, the last name counts."""
        from click.shell_completion import CompletionItem

        before, comma, begun = incomplete.rpartition(",") if self._joined else ("", "", incomplete)
        used = before.split(",")
        return [
            CompletionItem(before + comma + name)
            for name in self._option.values
            if name.startswith(begun) and name not in used
        ]

    @property
    def _joined(self) -> bool:
        return self._option.kind.is_joined


def _typed(value: object, types: tuple[type, ...]) -> object:
    """Return `value` as a number if it can be one of `types`, a float rather than an integer."""
    for kind in reversed(types):
        if kind in (int, float) and isinstance(value, str):
            try:
                return kind(value)
            except ValueError:
                pass
    return value


def _number(name: str, kind: Kind) -> Value:
    return Value(name, Option(MESSAGES, kind, ""))


def count(name: str) -> Value:
    """Return the type of a whole number of at least 0."""
    return _number(name, COUNT)


def positive(name: str) -> Value:
    """Return the type of a whole number of at least 1."""
    return _number(name, POSITIVE)


def whole(name: str) -> Value:
    """Return the type of any whole number."""
    return _number(name, WHOLE)


class Grouped(click.Option):
    """An option with its group in the help."""

    def __init__(self, *arguments: Any, group: str = MESSAGES, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.group = group

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Take the variable of an option that can be repeated for one value.

        click would split it at spaces or colons, which addresses and names of files contain.
        """
        value = self.resolve_envvar_value(ctx)
        return (value,) if self.multiple and value is not None else super().value_from_envvar(ctx)


def named_option(error: EmbedprepError, context: click.Context) -> str | None:
    """Return the options whose value is the file of `error`, to be shown beside it."""
    if not isinstance(error, (InputError, OutputError, UsageError)) or error.path is None:
        return None
    named = []
    for param in context.command.params:
        given = context.params.get(param.name or "")
        values = given if isinstance(given, tuple) else (given,)
        is_file = isinstance(param.type, click.Path)
        if is_file and any(_names(value, error.path) for value in values):
            if not isinstance(param, click.Option):
                return None
            named.append(max(param.opts, key=len))
    return " and ".join(named) or None


def _names(value: object, path: str) -> bool:
    """Whether `value` is the file at `path`, or a member of that archive."""
    return value == path or (isinstance(value, str) and value.startswith(f"{path}::"))
