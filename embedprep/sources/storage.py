"""How to reach a store: options for the library that reads an address, such as `anon=true`.

In: `--storage-option` of a command, and EMBEDPREP_STORAGE_OPTIONS.
Out: arguments for the file system of an address. They are never shown, because a key may be one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from embedprep.errors import UsageError, printable

VARIABLE = "EMBEDPREP_STORAGE_OPTIONS"

_given: ContextVar[Mapping[str, Any]] = ContextVar("storage options", default={})  # noqa: B039


def parsed(texts: Iterable[str]) -> dict[str, Any]:
    """Return options written NAME=VALUE; VALUE is JSON, or else a text. Raises UsageError."""
    import json

    options: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(
                "--storage-option is not NAME=VALUE",
                "Give it as in --storage-option anon=true",
            )
        try:
            options[name] = json.loads(value)
        except ValueError:
            options[name] = value
    return options


@contextmanager
def using(options: Mapping[str, Any]) -> Iterator[None]:
    """Use these options, too, for the addresses that are opened in the context."""
    token = _given.set({**_given.get(), **options})
    try:
        yield
    finally:
        _given.reset(token)


def current() -> dict[str, Any]:
    """Return the options for the next address: those of the command before the variable's."""
    return _of_environment() | dict(_given.get())


def arguments_for(
    filesystem: type, own: Mapping[str, Any], options: Mapping[str, Any], scheme: str
) -> dict[str, Any]:
    """Return `own` arguments for a file system, and the user's options, which go first.

    Raises UsageError for an option that the file system does not have: it would ignore it.
    """
    import inspect  # here, because every build imports this module

    known = [
        name
        for kind in filesystem.__mro__[:-1]
        for name, parameter in inspect.signature(kind.__init__).parameters.items()  # type: ignore[misc]
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and name not in ("self", "asynchronous", "loop")
    ]
    for name in options:
        if name not in known:
            raise UsageError(
                f"{scheme}:// addresses have no storage option '{printable(name)}'",
                f"They have: {', '.join(dict.fromkeys(known))}",
            )
    merged = dict(own)
    for name, value in options.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = {**merged[name], **value} if both else value
    return merged


def _of_environment() -> dict[str, Any]:
    text = os.environ.get(VARIABLE)
    if not text:
        return {}
    import json

    try:
        options = json.loads(text)
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise UsageError(
            f"{VARIABLE} is not a JSON object",
            f"""Set it as in {VARIABLE}='{{"anon": true}}'""",
        )
    return options
