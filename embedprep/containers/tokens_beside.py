"""The tokens as a JSON list, for programs that read nothing of a container but its matrix."""

from __future__ import annotations

import json

ENDING = ".tokens.json"
"""In the place of the container's own; see `Container.lists_tokens`."""


def as_json(tokens: list[str]) -> bytes:
    """One token a row; ASCII, because a lone surrogate has no UTF-8 but an escape."""
    return json.dumps(tokens).encode("ascii")
