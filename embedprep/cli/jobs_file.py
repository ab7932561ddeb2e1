"""A file of builds, in TOML: shared options at the top, then a `[[build]]` for each build."""

from __future__ import annotations

import os
import tomllib
from typing import Any

from embedprep.errors import InputError, UsageError, did_you_mean, unreadable
from embedprep.options import table

_MAX_BYTES = 16 << 20
_NEEDED = ("vectors", "vocab", "output")
_REMEDY = "Name options as embedprep.build does: embedprep build --help shows most of them."


def read_jobs(path: str) -> list[dict[str, Any]]:
    """Return the builds in the file at `path`, as arguments of `embedprep.build`.

    File names in it are relative to its folder. Raises InputError if the file is not valid, and
    UsageError, which says what is wrong with which build.
    """
    try:
        with open(path, "rb") as file:
            text = file.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise InputError("too large for a file of builds", "Name a jobs.toml.", path=path)
        content = tomllib.loads(text.decode())
    except OSError as error:
        raise unreadable(path, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"it is no TOML: {error}",
            "Write a table [[build]] with vocab and output for each build.",
            path=path,
        ) from error
    builds = content.pop("build", [])
    if not isinstance(builds, list) or not all(isinstance(build, dict) for build in builds):
        raise UsageError(
            "'build' is not a list of tables", "Begin each build with [[build]].", path=path
        )
    if not builds:
        raise UsageError(
            "it has no build", "Add a table [[build]] with vocab and output.", path=path
        )
    folder = os.path.dirname(path)
    return [
        _arguments({**content, **build}, folder, f"build {number}: ", path)
        for number, build in enumerate(builds, 1)
    ]


def _arguments(given: dict[str, Any], folder: str, where: str, path: str) -> dict[str, Any]:
    """Return one build, checked, with paths relative to the current folder."""
    known = {name: option for name, option, _ in table()}
    arguments = {}
    for name, value in given.items():
        name = name.replace("-", "_")
        if name not in known:
            alike = did_you_mean(name, known)
            raise UsageError(f"{where}there is no option '{name}'{alike}", _REMEDY, path=path)
        if known[name].is_trust:
            option = "--" + name.replace("_", "-")
            raise UsageError(
                f"{where}'{name}' trusts others with this machine, and a file may not say so",
                f"Say it on the command line: {option}, beside --jobs.",
                path=path,
            )
        kind = known[name].kind
        values = value if kind.is_list and isinstance(value, list) else [value]
        for one in values:
            if not isinstance(one, kind.types) or (
                isinstance(one, bool) and bool not in kind.types
            ):
                expected = " or ".join(_NAMES[type] for type in kind.types)
                reason = f"{where}'{name}' cannot be {one!r}"
                raise UsageError(reason, f"Give {expected}.", path=path)
        if kind.is_file:
            values = [_seen_from_here(one, folder) for one in values]
        arguments[name] = values if kind.is_list else values[0]
    for name in _NEEDED:
        if name not in arguments:
            raise UsageError(
                f"{where}it has no '{name}'",
                f'Add a line: {name} = "…"',
                path=path,
            )
    return arguments


_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "a text in quotes"}


def _seen_from_here(name: str, folder: str) -> str:
    from embedprep.sources import is_address

    return name if name == "-" or is_address(name) else os.path.join(folder, name)
