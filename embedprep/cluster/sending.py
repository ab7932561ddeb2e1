"""The functions of `errand` in a form that any worker can take: a built-in one, and text."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from embedprep.cluster import errand


def call(name: str, *arguments: object) -> tuple[Any, str, dict[str, object]]:
    """Return the function to send, and its arguments, that call `errand.NAME` on a worker.

    `eval` is everywhere under this name. The text that it runs defines the functions first.
    """
    names = {f"argument{number}": argument for number, argument in enumerate(arguments)}
    text = f"exec(source) or {name}({', '.join(names)})"
    return eval, text, {"source": _source(), **names}


@cache
def _source() -> str:
    return inspect.getsource(errand)
