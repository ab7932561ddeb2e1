"""Options on the command line: the rows of `embedprep.options`, and what commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from embedprep.cli.parameters import FILE, Grouped, Value
from embedprep.errors import quoted
from embedprep.options import table
from embedprep.options.kinds import INPUTS, STRICTNESS, Option

if TYPE_CHECKING:
    from embedprep.coverage import Counts
    from embedprep.coverage.threshold import Threshold

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(name: str, **changed: Any) -> Decorator:
    """Return the row `name` of the table as an option, with `changed` arguments for click."""
    row, default = next((row, default) for found, row, default in table() if found == name)
    known: dict[str, Any] = {"help": _help(row), "cls": Grouped, "group": row.group}
    known["allow_from_autoenv"] = not row.is_trust
    if row.flags:
        words = ["/".join(row.flags)]
        known["is_flag"] = True
        if len(row.flags) > 1:
            known["default"] = None
    else:
        words = [*([row.short] if row.short else []), "--" + name.replace("_", "-")]
        known["metavar"] = row.kind.metavar
        known["multiple"] = row.kind.is_list
        known["type"] = FILE if row.kind.is_file else Value(name, row)
        if _is_shown(default):
            known |= {"default": default, "show_default": True}
    return click.option(*words, **known | changed)


def options(*names: str) -> Decorator:
    """Return several rows of the table as options, unchanged."""
    return _all_of([option(name) for name in names])


def build_options(first: Sequence[str], repeated: Sequence[str]) -> Decorator:
    """Return all rows of the table, `first` at the front; `repeated` may occur again."""
    names = dict.fromkeys([*first, *(name for name, _, _ in table())])
    return _all_of(
        [option(name, **({"multiple": True} if name in repeated else {})) for name in names]
    )


def _help(row: Option) -> str:
    """Return the `--help` text of a row, without the default, which click shows itself."""
    text = row.help
    if row.values and not row.flags:
        text += f" One of: {', '.join(row.values)}."
    if row.default_shown is not None:
        text += f"  [default: {row.default_shown}]"
    return text


def _is_shown(default: object) -> bool:
    return default is not MISSING and default is not None and default != ()


def values(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the command line, as click parsed it, as arguments of `embedprep.build`."""
    given: dict[str, Any] = {}
    for name, row, default in table():
        if not row.flags:
            found = params[name]
        else:
            (word, meaning), *other = row.flags.items()
            flag = params[word.removeprefix("--").replace("-", "_")]
            found = meaning if flag else other[0][1] if other and flag is False else default
        given[name] = found
    return given


def _all_of(decorators: list[Decorator]) -> Decorator:
    return lambda command: reduce(lambda made, one: one(made), reversed(decorators), command)


def _threshold(context: click.Context, option: click.Parameter, given: str | None) -> Any:
    if given is None:
        return None
    from embedprep.coverage.threshold import parse

    return parse(given)


fail_under_option = click.option(
    "--fail-under",
    cls=Grouped,
    group=STRICTNESS,
    callback=_threshold,
    metavar="[text=]RATIO",
    help="Exit with code 4 if less is found: 0.9 of the vocabulary's words, or text=0.98 of your "
    "text, or both, joined by a comma. A build still writes the matrix.",
)


def _use_storage(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> None:
    if given:
        from embedprep.sources import storage

        context.with_resource(storage.using(storage.parsed(given)))


storage_option = option("storage_option", expose_value=False, callback=_use_storage)
"""How to reach addresses, for commands that are no build."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
debug_option = click.option(
    "--debug",
    is_flag=True,
    allow_from_autoenv=False,  # an error may come before click has read the environment
    help="Show the Python traceback of an error.",
)

printing_options = _all_of(
    [
        json_option,
        quiet_option,
        click.option("-v", "--verbose", is_flag=True, help="Also print how long each stage took."),
        debug_option,
    ]
)
"""The options for printing a matrix and its report."""


def check_coverage(counts: Counts, least: Threshold | None, output: str) -> None:
    """Raise CoverageError if the coverage is below `--fail-under`."""
    if least is None:
        return
    from embedprep.coverage.threshold import short_of

    short = short_of(counts, least)
    if short is None:
        return
    from embedprep.errors import CoverageError
    from embedprep.report.wording import percent

    if short.found is None:
        raise CoverageError(
            "how much of your text has a vector is not known, and --fail-under asks for it: there "
            "are no counts of the tokens",
            "Build with your text: --text FILE. Or with the counts: --counts FILE.",
            path=output,
        )
    what = {"vocabulary": "of the vocabulary has a vector", "text": "of your text has a vector"}
    found, least_shown = percent(short.found), percent(short.least)
    if short.least - short.found < _NEAR:
        found, least_shown = (f"{100 * share:.6g} %" for share in (short.found, short.least))
    raise CoverageError(
        f"{found} {what[short.of]}, --fail-under asks for {least_shown}",
        f"Try vectors with more words, or see: embedprep inspect {quoted(output)} --missing 100",
        path=output,
    )


_NEAR = 0.002
"""Shares that are this near to each other look alike with one digit after the point."""


member_option = click.option(
    "--member",
    cls=Grouped,
    group=INPUTS,
    metavar="NAME",
    help="Read this file of an archive that contains several.",
)


def with_member(path: str, member: str | None) -> str:
    """Return `path`, or the name of the `member` of the archive at `path`."""
    return path if member is None else f"{path}::{member}"
